// The changefeed of runs: facts of all runs in the order of the ledger, as a consumer asks for them.

import { InputError, RunError } from "../errors.ts";
import { didYouMean } from "../graph/nearest.ts";
import { isSameJson, type JsonObject } from "../json.ts";
import type { Entry } from "../ledger/ledger.ts";
import { compactedNote } from "../run/compacted.ts";
import { isErased } from "../run/erased.ts";
import type { Fact, RecordedFact } from "../run/fact.ts";
import { readNote, type RunNote } from "../run/head.ts";
import { FACT_TYPES } from "../run/read-fact.ts";
import { type Feed, type FeedQuery, type FeedSource, LogFeed } from "./feed.ts";
import type { RunReader } from "./run-reader.ts";

/** Which changes, and from where on; all from the oldest one on when nothing is said. */
export interface ChangesQuery extends FeedQuery {
  /** Of runs of this contract, their children included. */
  readonly contract?: string;
  /** Of this root run and its children. */
  readonly run?: string;
  /** Only facts of these kinds, e.g. `["run.succeeded", "run.failed"]`. */
  readonly kinds?: readonly Fact["type"][];
  /** Of runs that carry these keys with these values. */
  readonly correlation?: JsonObject;
}

/** What one commit recorded of a run: it became true together, and is done together. */
export interface Change {
  readonly position: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The root run and its contract. */
  readonly run: string;
  readonly contract: string;
  /** Of the run or child it is about. */
  readonly correlation: JsonObject;
  /** Those asked for: at least one. */
  readonly facts: readonly RecordedFact[];
}

/** The changes of runs. Of erased runs nothing is told, of compacted ones only `run.compacted`. */
export type Changes = Feed<Change>;

/** The changes of the ledger behind a reader. What is wrong with the query is told when the first change is asked for. */
export function changesOf(reader: RunReader, query: ChangesQuery, assertOpen: FeedSource["assertOpen"]): Changes {
  const picker = new RunChanges(reader, query);
  const parts = { query, check: () => picker.check(), pick: (entry: Entry) => picker.changeIn(entry) };
  return new LogFeed({ ledger: reader.ledger, assertOpen }, parts);
}

/** What is asked of a run. */
type FeedNote = Pick<RunNote, "root" | "contract" | "correlation">;

class RunChanges {
  readonly #reader: RunReader;
  readonly #query: ChangesQuery;
  readonly #kinds: ReadonlySet<string> | undefined;

  constructor(reader: RunReader, query: ChangesQuery) {
    this.#reader = reader;
    this.#query = query;
    this.#kinds = query.kinds === undefined ? undefined : new Set(query.kinds);
  }

  /** @throws InputError `unknown_kind`, `run_not_found` */
  check(): void {
    const { run, kinds = [] } = this.#query;
    const unknown = kinds.find((kind) => !FACT_TYPES.has(kind));
    if (unknown !== undefined)
      throw new InputError("unknown_kind", `there is no kind of fact "${unknown}"`, { fix: didYouMean(unknown, [...FACT_TYPES]) });
    if (run !== undefined) this.#reader.root(run);
  }

  changeIn(entry: Entry): Change | undefined {
    if (!entry.facts.some((json) => this.#isWanted(json))) return undefined;
    // Of a compacted run only that it was is told: the rest was given up.
    if (entry.replaces === undefined && compactedNote(this.#reader.ledger.head(entry.run)?.note ?? {}) !== undefined) return undefined;
    const note = this.#noteOf(entry.run);
    const root = note === undefined ? undefined : this.#noteOf(note.root);
    if (note === undefined || root === undefined || !this.#isOf(note, root)) return undefined;
    const { position, time } = entry;
    return { position, time, run: note.root, contract: root.contract, correlation: note.correlation, facts: this.#factsOf(entry) };
  }

  #factsOf(entry: Entry): readonly RecordedFact[] {
    try {
      return this.#reader.recorded(entry, (json) => this.#isWanted(json));
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      // Whoever cannot update now can step over it: nothing is left out unsaid.
      const { code, message, fix = "", details } = error;
      const { position } = entry;
      throw new RunError(code, message, {
        fix: `${fix} To step over it: changes({ after: ${position} }).`,
        details: { ...details, position },
        cause: error,
      });
    }
  }

  #isWanted(json: JsonObject): boolean {
    if (isErased(json)) return false;
    return this.#kinds === undefined || (typeof json["type"] === "string" && this.#kinds.has(json["type"]));
  }

  #isOf(note: FeedNote, root: FeedNote): boolean {
    const { run, contract, correlation = {} } = this.#query;
    return (
      (run === undefined || note.root === run) &&
      (contract === undefined || root.contract === contract) &&
      Object.entries(correlation).every(([key, value]) => Object.hasOwn(note.correlation, key) && isSameJson(note.correlation[key], value))
    );
  }

  /** Undefined for a stream that is no run, or none any more. */
  #noteOf(run: string): FeedNote | undefined {
    const head = this.#reader.ledger.head(run);
    if (head === undefined) return undefined;
    const compacted = compactedNote(head.note);
    return compacted === undefined ? readNote(head.note) : { ...compacted, root: run };
  }
}
