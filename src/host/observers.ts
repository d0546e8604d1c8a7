// The observers of a runtime, as its host sees them: told one after another, each guarded, so that none can fail a run. One that throws is reported once and
// hears no more.

import { asError } from "../errors.ts";
import type { Redaction } from "../redact.ts";
import type { TraceContext } from "../trace-context.ts";
import type { ObservedContent, ObservedPlace, Observation, Observer } from "./observer.ts";

/** How what was said is got, for the observers that want it. */
export type ContentOf = () => ObservedContent;

const NO_CONTENT: ObservedContent = {};

/** Observers that may fail. */
export class Observers {
  readonly #all: Set<Observer>;
  readonly #redaction: Redaction;

  constructor(observers: readonly Observer[], redaction: Redaction) {
    this.#all = new Set(observers);
    this.#redaction = redaction;
  }

  /** True when nobody listens: none were given, or all have failed. */
  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  /** What an observer throws now is for whoever configures the runtime. */
  async open(): Promise<void> {
    for (const observer of this.#all) await observer.open?.();
  }

  tell(observation: Observation, contentOf: ContentOf = () => NO_CONTENT): void {
    let all: ObservedContent | undefined;
    for (const observer of this.#all) {
      this.#guarded(observer, () => {
        // Getting and redacting what was said costs something: it is done for who hears it.
        const isHeard = observer.contents === true || (observer.decisions === true && observation.type === "wait.closed");
        if (isHeard) all ??= this.#redacted(contentOf());
        observer.observe(observation, contentFor(observer, all));
      });
    }
  }

  /** Runs code inside the contexts of all observers. */
  within<T>(place: ObservedPlace, work: () => T): T {
    let inner = work;
    for (const observer of this.#all) {
      if (observer.within === undefined) continue;
      const outer = inner;
      inner = () => this.#withinOne(observer, place, outer);
    }
    return inner();
  }

  /** The context that requests from a place carry: the first one that an observer has. */
  carry(place: ObservedPlace): TraceContext | undefined {
    return this.#first((observer) => observer.carry?.(place));
  }

  /** The context of the code that is running now. */
  current(): TraceContext | undefined {
    return this.#first((observer) => observer.current?.());
  }

  /** The spans a run is in, by observer. */
  spansOf(run: string): Readonly<Record<string, string>> {
    const spans: Record<string, string> = {};
    for (const observer of this.#all) {
      const span = this.#guarded(observer, () => observer.spanOf?.(run));
      if (span !== undefined) spans[observer.name] = span;
    }
    return spans;
  }

  /** Nobody is told anything any more: what they would be told is wrong. */
  giveUp(error: unknown): void {
    for (const observer of this.#all) this.#drop(observer, error);
  }

  async close(): Promise<void> {
    for (const observer of this.#all) {
      try {
        await observer.close?.();
      } catch (error) {
        this.#drop(observer, error);
      }
    }
  }

  /** The code's own outcome is told apart from a fault of the observer, which never becomes one of the code. */
  #withinOne<T>(observer: Observer, place: ObservedPlace, work: () => T): T {
    const call: { outcome?: { readonly value: T } | { readonly thrown: unknown } } = {};
    const guardedWork = () => {
      try {
        const value = work();
        call.outcome = { value };
        return value;
      } catch (thrown) {
        call.outcome = { thrown };
        throw thrown;
      }
    };
    try {
      observer.within?.(place, guardedWork);
    } catch (error) {
      if (call.outcome === undefined || !("thrown" in call.outcome)) this.#drop(observer, error);
    }
    const outcome = call.outcome ?? { value: work() };
    if ("thrown" in outcome) throw outcome.thrown;
    return outcome.value;
  }

  #first<T>(ask: (observer: Observer) => T | undefined): T | undefined {
    for (const observer of this.#all) {
      const found = this.#guarded(observer, () => ask(observer));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #guarded<T>(observer: Observer, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#drop(observer, error);
      return undefined;
    }
  }

  #drop(observer: Observer, error: unknown): void {
    if (!this.#all.delete(observer)) return;
    const message = this.#redaction.text(asError(error).message);
    process.emitWarning(`telemetry "${observer.name}" failed and is off from now on: ${message}`, "KindlingTelemetryWarning");
  }

  #redacted({ input, output, decision }: ObservedContent): ObservedContent {
    const { value } = this.#redaction;
    return {
      ...(input === undefined ? {} : { input: value(input) }),
      ...(output === undefined ? {} : { output: value(output) }),
      ...(decision === undefined ? {} : { decision: value(decision) }),
    };
  }
}

/** As much as an observer wants to hear. */
function contentFor({ contents, decisions }: Observer, all: ObservedContent = NO_CONTENT): ObservedContent {
  if (contents === true) return all;
  return decisions === true && all.decision !== undefined ? { decision: all.decision } : NO_CONTENT;
}
