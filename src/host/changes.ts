// The changefeed: facts of all runs in the order of the ledger, as a consumer asks for them. Nothing is read ahead but one batch of the log, and nothing is forgotten:
// a consumer says how far it is done, under a name, and goes on from there.

import { InputError, RunError } from "../errors.ts";
import { didYouMean } from "../graph/nearest.ts";
import { isSameJson, type JsonObject } from "../json.ts";
import { assertWithin } from "../ledger/cursor.ts";
import type { Entry, Ledger } from "../ledger/ledger.ts";
import { compactedNote } from "../run/compacted.ts";
import { isErased } from "../run/erased.ts";
import type { Fact, RecordedFact } from "../run/fact.ts";
import { readNote, type RunNote } from "../run/head.ts";
import { FACT_TYPES } from "../run/read-fact.ts";
import type { CallOptions } from "./requests.ts";
import type { RunReader } from "./run-reader.ts";

/** Which changes, and from where on; all from the oldest one on when nothing is said. */
export interface ChangesQuery extends CallOptions {
  /**
   * Goes on behind what was committed under this name, which is kept with the ledger: 1 to 64 lower case letters, digits, dots, dashes and underscores.
   * One consumer at a time is meant to use it. That is not watched over: two would each see changes, and the last commit would stand.
   */
  readonly cursor?: string;
  /** Only what stands behind this position, whatever the cursor says. */
  readonly after?: number;
  /** Of runs of this contract, their children included. */
  readonly contract?: string;
  /** Of this root run and its children. */
  readonly run?: string;
  /** Only facts of these kinds, e.g. `["run.succeeded", "run.failed"]`. */
  readonly kinds?: readonly Fact["type"][];
  /** Of runs that carry these keys with these values. */
  readonly correlation?: JsonObject;
  /** Waits for further changes, until the signal aborts or the runtime closes, instead of ending at the last one. */
  readonly live?: boolean;
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

/**
 * The changes, one after the other, as fast as they are taken. Iterated once more it goes on behind the last one given. Of erased runs nothing is told, of compacted ones only `run.compacted`.
 *
 * At least once: whoever commits after having done the work sees a change again when it died in between, and never misses one.
 */
export interface Changes extends AsyncIterable<Change> {
  /** Up to here everything was looked at: the last change given, or what was passed over since. */
  readonly position: number;
  /**
   * Everything up to a position is done, by default up to `position`: kept durably under the cursor's name.
   * @throws InputError `no_cursor` (the query names none), `not_read_yet` (a position beyond `position`)
   */
  commit(position?: number): Promise<void>;
}

/** The changes of the ledger behind a reader. What is wrong with the query is told when the first change is asked for. */
export function changesOf(reader: RunReader, query: ChangesQuery): Changes {
  return new Changefeed(reader, query);
}

/** What is asked of a run. */
type FeedNote = Pick<RunNote, "root" | "contract" | "correlation">;

class Changefeed implements Changes {
  readonly #reader: RunReader;
  readonly #query: ChangesQuery;
  readonly #kinds: ReadonlySet<string> | undefined;
  #position: number | undefined;

  constructor(reader: RunReader, query: ChangesQuery) {
    this.#reader = reader;
    this.#query = query;
    this.#kinds = query.kinds === undefined ? undefined : new Set(query.kinds);
  }

  get position(): number {
    return this.#position ?? this.#reader.ledger.oldest - 1;
  }

  async commit(position = this.position): Promise<void> {
    const { cursor } = this.#query;
    if (cursor === undefined)
      throw new InputError("no_cursor", "changes without a cursor have nothing to commit to", {
        fix: 'Name one: changes({ cursor: "mail" }).',
      });
    if (!Number.isInteger(position) || position < 0 || position > this.position)
      throw new InputError("not_read_yet", `changes were read up to ${this.position}, so ${position} cannot be done`, {
        fix: "Commit the position of a change that was given.",
        details: { position, read: this.position },
      });
    await this.#reader.ledger.cursors.put(cursor, position);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Change, void, undefined> {
    const { ledger } = this.#reader;
    const { live = false, signal } = this.#query;
    await ledger.refresh();
    this.#position ??= await this.#start(ledger);
    for await (const entry of ledger.changes({ after: this.#position, live, ...(signal === undefined ? {} : { signal }) })) {
      const change = this.#changeIn(entry);
      this.#position = entry.position;
      if (change !== undefined) yield change;
    }
  }

  async #start(ledger: Ledger): Promise<number> {
    const { cursor, after, run, kinds = [] } = this.#query;
    const unknown = kinds.find((kind) => !FACT_TYPES.has(kind));
    if (unknown !== undefined)
      throw new InputError("unknown_kind", `there is no kind of fact "${unknown}"`, { fix: didYouMean(unknown, [...FACT_TYPES]) });
    if (run !== undefined) this.#reader.root(run);
    if (after === undefined) return (cursor === undefined ? undefined : await ledger.cursors.get(cursor)) ?? ledger.oldest - 1;
    if (!Number.isInteger(after))
      throw new InputError("bad_position", `${after} is no position`, { fix: "Pass a whole number from 0 on." });
    assertWithin(after, { oldest: ledger.oldest, newest: ledger.position }, "what was asked for");
    return after;
  }

  #changeIn(entry: Entry): Change | undefined {
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
