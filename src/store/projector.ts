// Makes a projection: goes on from the state that is kept, or that it made last, with what was recorded since.

import { asError, LedgerError, RunError } from "../errors.ts";
import { isPromise, notAtOnce } from "../graph/at-once.ts";
import { type JsonValue, toJson } from "../json.ts";
import type { Entry, Ledger } from "../ledger/ledger.ts";
import { check, describeIssues } from "../schema.ts";
import { Turns } from "../turns.ts";
import { factIn, isWrittenAgain, type RawFact } from "./fact.ts";
import { findFact, unlessGivenUp } from "./fact-reader.ts";
import type { Projection } from "./project.ts";
import { erasedUpTo, keptPoint, type ProjectionPoint } from "./projection-log.ts";
import { valueOf } from "./source-change.ts";
import type { AnyStore, ReadableStore } from "./store.ts";
import { read, type StoreFact, type Written } from "./value.ts";

/** What a projection says. */
export interface Projected<State> {
  readonly state: State;
  /** Everything up to this position in the ledger is in it. */
  readonly upTo: number;
  /** Facts from this position on are in it: 1, unless older ones were gone when it was made anew. */
  readonly since: number;
}

/** Facts after which the state is kept. */
const KEEP_EVERY = 1_000;

/** A disk that takes nothing any more, or a writer that it has stopped. */
const UNWRITABLE: ReadonlySet<string> = new Set(["ledger_full", "ledger_stopped"]);

/** One for each projection in a process. Works one after the other. */
export class Projector<State> {
  readonly #projection: Projection<State>;
  readonly #keep: (point: ProjectionPoint) => Promise<void>;
  #point: ProjectionPoint | undefined;
  #keptUpTo = 0;
  /** Nothing that was erased up to here is in it. */
  #clearUpTo = 0;
  readonly #turns = new Turns();

  /** @param keep keeps a state with the ledger; where nobody writes it is kept by nobody */
  constructor(projection: Projection<State>, keep: (point: ProjectionPoint) => Promise<void>) {
    this.#projection = projection;
    this.#keep = keep;
  }

  /** The state with everything that stands in the ledger. @throws RunError `projection_failed` */
  get(ledger: Ledger, signal?: AbortSignal): Promise<Projected<State>> {
    return this.#turns.do(async () => this.#told(await this.#reach(ledger, signal)));
  }

  /** The same, made anew from the oldest fact on. */
  rebuild(ledger: Ledger, signal?: AbortSignal): Promise<Projected<State>> {
    return this.#turns.do(async () => {
      this.#point = this.#first(ledger);
      const point = await this.#reach(ledger, signal);
      await this.#keepPoint(point);
      return this.#told(point);
    });
  }

  async #reach(ledger: Ledger, signal: AbortSignal | undefined): Promise<ProjectionPoint> {
    this.#point ??= await this.#begin(ledger);
    // Facts went, which no fact tells.
    if (erasedUpTo(ledger) > this.#clearUpTo) this.#point = this.#first(ledger);
    const target = ledger.position;
    let { upTo } = this.#point;
    const { since, version } = this.#point;
    if (upTo < ledger.oldest - 1) throw this.#behind(upTo, ledger.oldest);
    if (upTo >= target) return this.#point;
    // The fold may change what it is given, and may fail half way.
    let state = structuredClone(this.#point.state) as unknown as State;
    let facts = 0;
    for await (const entry of ledger.changes({ after: upTo, ...(signal === undefined ? {} : { signal }) })) {
      if (entry.position > target) break;
      for (const [source, fact] of this.#sourcesOf(entry)) {
        // Of what was given up nothing is told, wherever it still lies: else what is made anew would depend on what was purged.
        const there = await unlessGivenUp(ledger, entry.run, fact);
        if (there === undefined) continue;
        state = await this.#fold(ledger, state, source, there);
        facts += 1;
      }
      upTo = entry.position;
      if (facts < KEEP_EVERY || upTo < this.#clearUpTo) continue;
      await this.#keepIfPossible(await this.#settle({ state, upTo, since, version }));
      facts = 0;
    }
    signal?.throwIfAborted();
    const point = facts === 0 ? { ...this.#point, upTo } : await this.#settle({ state, upTo, since, version });
    this.#point = point;
    if (upTo - this.#keptUpTo >= KEEP_EVERY) await this.#keepIfPossible(point);
    return point;
  }

  async #begin(ledger: Ledger): Promise<ProjectionPoint> {
    const kept = await keptPoint(ledger, this.#projection.name);
    if (kept?.version !== this.#projection.version) return this.#first(ledger);
    this.#keptUpTo = kept.upTo;
    this.#clearUpTo = kept.upTo;
    return kept;
  }

  #first(ledger: Ledger): ProjectionPoint {
    const { initial, version } = this.#projection;
    this.#clearUpTo = erasedUpTo(ledger);
    this.#keptUpTo = 0;
    return { version, since: ledger.oldest, upTo: ledger.oldest - 1, state: this.#json(initial) };
  }

  /** The state as it is kept: whatever the fold goes on to do with what it gave. */
  async #settle({ state, ...point }: Omit<ProjectionPoint, "state"> & { readonly state: State }): Promise<ProjectionPoint> {
    const checked = await check(this.#projection.schema, state);
    if (!checked.ok) throw this.#failed(`the state does not fit: ${describeIssues(checked.issues)}`, point.upTo);
    this.#point = { ...point, state: this.#json(checked.value) };
    return this.#point;
  }

  /** Whoever only asks is answered, also where nothing can be written any more: the state is made of what is there. */
  async #keepIfPossible(point: ProjectionPoint): Promise<void> {
    try {
      await this.#keepPoint(point);
    } catch (error) {
      if (!(error instanceof LedgerError && UNWRITABLE.has(error.code))) throw error;
    }
  }

  async #keepPoint(point: ProjectionPoint): Promise<void> {
    await this.#keep(point);
    this.#keptUpTo = point.upTo;
  }

  #told({ state, upTo, since }: ProjectionPoint): Projected<State> {
    // It was checked by the schema when it was made.
    return { state: structuredClone(state) as unknown as State, upTo, since };
  }

  #sourcesOf(entry: Entry): readonly (readonly [string, RawFact])[] {
    const fact = factIn(entry);
    if (fact === undefined || isWrittenAgain(entry)) return [];
    const kind = entry.run.startsWith("store:") ? "store" : "history";
    return [...this.#projection.sources].flatMap(([source, { kind: of, name }]) =>
      of === kind && name === fact.store ? [[source, fact]] : [],
    );
  }

  async #fold(ledger: Ledger, state: State, source: string, raw: RawFact): Promise<State> {
    const { sources, folds } = this.#projection;
    const [definition, fold] = [sources.get(source), folds.get(source)];
    if (definition === undefined || fold === undefined) return state;
    const { fact, before } = await readings(ledger, definition, raw);
    let next: State;
    try {
      next = fold(state, fact, before);
    } catch (error) {
      throw this.#failed(`fold.${source} threw at ${raw.id}: ${asError(error).message}`, raw.position, error);
    }
    if (isPromise(next)) throw this.#failed(`${notAtOnce(`fold.${source}`)}, at ${raw.id}`, raw.position);
    return next;
  }

  #json(state: unknown): JsonValue {
    const json = toJson(state);
    if (json.ok) return json.value;
    throw this.#failed(`the state is no JSON: ${json.problem.at} ${json.problem.message}`, 0);
  }

  #failed(what: string, position: number, cause?: unknown): RunError {
    const { name } = this.#projection;
    return new RunError("projection_failed", `${name}: ${what}`, {
      fix: "Mend the projection; with another version everything is folded again.",
      details: { projection: name, position },
      cause,
    });
  }

  #behind(upTo: number, oldest: number): RunError {
    const { name } = this.#projection;
    return new RunError("projection_behind", `${name} was made up to ${upTo}, and what followed is gone: the oldest commit is ${oldest}`, {
      fix: "Make it anew of what is there: rebuild(). Its `since` says from where on.",
      details: { projection: name, upTo, oldest },
    });
  }
}

async function readings(
  ledger: Ledger,
  definition: AnyStore,
  raw: RawFact,
): Promise<{ readonly fact: StoreFact<unknown>; readonly before: Written<unknown> | undefined }> {
  // Only its schema and how older values are made new matter here.
  const fact = await read(definition as unknown as ReadableStore<unknown>, raw);
  if (definition.kind === "history" || raw.previous === null) return { fact, before: undefined };
  const previous = await findFact({ ledger }, raw.previous);
  return { fact, before: previous.status === "found" ? await valueOf(definition, previous.fact) : undefined };
}
