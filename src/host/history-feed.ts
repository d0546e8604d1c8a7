// Follows the log for events of histories that start runs or answer awaits. Each rule has a mark of its own on the disk; what stands behind it is offered again after a crash,
// in the order of the ledger, and nothing is passed over: what cannot be taken is told and the next one follows, and what cannot be taken now is waited for.

import type { Plan } from "../compile/plan.ts";
import { asError, LedgerError, RunError } from "../errors.ts";
import { DEFAULT_BACKOFF, retryDelayMs } from "../model/backoff.ts";
import type { Entry } from "../ledger/ledger.ts";
import { factIn, isWrittenAgain, type RawFact } from "../store/fact.ts";
import { unlessGivenUp } from "../store/fact-reader.ts";
import { thrownFailure } from "./author-code.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { type EventRule, eventRules } from "./event-rule.ts";
import { FeedMark } from "./feed-mark.ts";
import type { Timers } from "./timers.ts";

/** Commits that a mark on the disk may be behind: so many are looked at again after a crash, at most. */
const UNSAVED_LIMIT = 1_000;

interface KeptRule extends EventRule {
  readonly mark: FeedMark;
}

/** One for a host. */
export class HistoryFeed {
  readonly #host: EmbeddedHost;
  readonly #timers: () => Timers;
  readonly #begun = Promise.withResolvers<void>();
  /** Everything up to here was taken, or refused. */
  #upTo = Number.POSITIVE_INFINITY;
  /** Those who wait until it has come to a place. */
  #waiting: { readonly position: number; readonly resolve: () => void }[] = [];

  constructor(host: EmbeddedHost, timers: () => Timers) {
    this.#host = host;
    this.#timers = timers;
  }

  /** Begins where it was. Resolves when every rule is known on the disk; what they do goes on in the background. */
  async start(plans: Iterable<Plan>): Promise<void> {
    const { ledger } = this.#host;
    const rules = eventRules(this.#host, plans).map((rule): KeptRule => ({ ...rule, mark: new FeedMark(ledger, rule.name) }));
    if (rules.length === 0) return this.#begun.resolve();
    for (const { mark, fromBeginning } of rules) {
      if (!mark.isKnown) mark.pass(fromBeginning ? ledger.oldest - 1 : ledger.position);
      // What was given up before it was looked at cannot be looked at any more.
      mark.pass(ledger.oldest - 1);
      await mark.save();
    }
    this.#upTo = behind(rules);
    this.#host.background(this.#follow(rules).finally(() => this.#hasComeTo(Number.POSITIVE_INFINITY)));
    this.#begun.resolve();
  }

  /** Resolves when every event that was recorded before the call was taken or refused, or the host has closed. Aborting the signal ends the waiting. */
  async caughtUp(signal?: AbortSignal): Promise<void> {
    await this.#begun.promise;
    signal?.throwIfAborted();
    const { position } = this.#host.ledger;
    if (this.#upTo >= position) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const aborted = () => reject(asError(signal?.reason));
    signal?.addEventListener("abort", aborted, { once: true });
    this.#waiting.push({ position, resolve });
    await promise.finally(() => signal?.removeEventListener("abort", aborted));
  }

  #hasComeTo(position: number): void {
    this.#upTo = position;
    if (this.#waiting.length === 0) return;
    for (const { resolve } of this.#waiting.filter((each) => each.position <= position)) resolve();
    this.#waiting = this.#waiting.filter((each) => each.position > position);
  }

  async #follow(rules: readonly KeptRule[]): Promise<void> {
    while (this.#host.isOpen) {
      try {
        return await this.#read(rules);
      } catch (error) {
        if (!(error instanceof LedgerError && error.code === "cursor_too_old")) throw error;
        // A compaction overtook it while it waited.
        for (const { mark } of rules) mark.pass(this.#host.ledger.oldest - 1);
      }
    }
  }

  async #read(rules: readonly KeptRule[]): Promise<void> {
    const { ledger } = this.#host;
    const after = behind(rules);
    for await (const entry of ledger.changes({ after, live: true })) {
      if (!(await this.#offer(rules, entry))) return;
      for (const { mark } of rules) {
        mark.pass(entry.position);
        // Not for every event: what was taken since is offered again after a crash, and known then.
        if (mark.unsaved > UNSAVED_LIMIT || (mark.hasTaken && entry.position >= ledger.position)) await mark.save();
      }
      this.#hasComeTo(entry.position);
    }
  }

  /** False when the host has closed meanwhile. */
  async #offer(rules: readonly KeptRule[], entry: Entry): Promise<boolean> {
    // What a compaction has written again stood before, and was looked at there.
    const event = entry.run.startsWith("history:") && !isWrittenAgain(entry) ? factIn(entry) : undefined;
    const meant = rules.filter(({ history, mark }) => history === event?.store && mark.position < entry.position);
    if (event === undefined || meant.length === 0) return this.#host.isOpen;
    const fact = await unlessGivenUp(this.#host.ledger, entry.run, event);
    // Of one that was given up meanwhile only the place is left.
    if (fact === undefined || fact.value === undefined) return this.#host.isOpen;
    for (const rule of meant) if (!(await this.#take(rule, fact))) return false;
    return true;
  }

  async #take(rule: KeptRule, fact: RawFact): Promise<boolean> {
    const host = this.#host;
    for (let attempt = 1; host.isOpen; attempt++) {
      try {
        const taken = await rule.take(fact);
        rule.mark.took(fact.position);
        const { contract, what } = rule;
        if (taken.status === "done") return true;
        const { code } = taken;
        // The author's code may have named anything.
        const message = host.disclosure.redaction.text(taken.message);
        host.log({ run: "", path: "", message: `${what} of "${contract}" by ${fact.id}: ${message}`, details: { code } });
        await rule.mark.save({ event: fact.id, contract, what, code, message });
        return true;
      } catch (error) {
        if (isOver(error) || !host.isOpen) return false;
        const { code, message } = thrownFailure(error);
        host.log({ run: "", path: "", message: `"${rule.contract}" cannot take ${fact.id} now: ${message}`, details: { code, attempt } });
        await this.#pause(rule.name, attempt);
      }
    }
    return false;
  }

  /** A key that is missing, a disk that is full: others wait behind it, since events are taken in their order. */
  #pause(name: string, attempt: number): Promise<void> {
    const { clock, chance } = this.#host;
    const at = clock.now() + retryDelayMs(attempt, DEFAULT_BACKOFF, chance.fraction(), undefined);
    return new Promise((resolve) => this.#timers().set(`feed:${name}`, at, resolve));
  }
}

/** The place behind which something is to be looked at. */
function behind(rules: readonly KeptRule[]): number {
  return Math.min(...rules.map(({ mark }) => mark.position));
}

function isOver(error: unknown): boolean {
  return error instanceof RunError && error.code === "host_closed";
}
