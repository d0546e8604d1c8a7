// Some streams of a log as they were once: a ledger that only reads, made of the entries that there were then. Nothing is ever added to it.

import { BugError } from "../errors.ts";
import type { Cursors } from "./cursor.ts";
import { upTo } from "./index-layer.ts";
import type { Blobs, DueQuery, Entry, FindQuery, Ledger, ReadOptions, Snapshots, StreamHead } from "./ledger.ts";
import type { RankedHead, RankQuery } from "./rank.ts";
import { readOnly } from "./refusals.ts";
import { StreamIndex } from "./stream-index.ts";

/** A snapshot is of now and says nothing about then. */
const NO_SNAPSHOTS: Snapshots = { get: async () => undefined, put: async () => {} };

/** What the log said about these streams when these entries were all there was of them. */
export class PastLedger implements Ledger {
  readonly access = "read";
  readonly isLow = false;
  readonly id: string;
  readonly location: string;
  readonly oldest: number;
  readonly position: number;
  readonly time: number;
  readonly snapshots = NO_SNAPSHOTS;
  /** Of now: what has a hash is the same at all times. */
  readonly blobs: Blobs;
  readonly cursors: Cursors;
  readonly #index = new StreamIndex();
  readonly #entries: ReadonlyMap<string, readonly Entry[]>;

  /** @param entries whole streams up to one position, in the order of the log */
  constructor(now: Ledger, entries: readonly Entry[]) {
    this.id = now.id;
    this.location = now.location;
    this.oldest = now.oldest;
    this.position = entries.at(-1)?.position ?? 0;
    this.time = entries.at(-1)?.time ?? 0;
    this.blobs = now.blobs;
    this.cursors = now.cursors;
    this.#entries = Map.groupBy(entries, ({ run }) => run);
    // The index counts positions of its own; heads are told with those of the entries.
    for (const entry of entries) this.#index.add(entry);
  }

  async append(): Promise<never> {
    throw readOnly(this.location);
  }

  async erase(): Promise<never> {
    throw readOnly(this.location);
  }

  async compact(): Promise<never> {
    throw readOnly(this.location);
  }

  async read(run: string, { from = 1, limit }: ReadOptions = {}): Promise<readonly Entry[]> {
    return (this.#entries.get(run) ?? []).filter(({ first, facts }) => first + facts.length > from).slice(0, limit);
  }

  changes(): never {
    throw new BugError("the past of a run was asked for what follows");
  }

  head(run: string): StreamHead | undefined {
    return this.#index.head(run);
  }

  find(query: FindQuery): readonly StreamHead[] {
    return upTo(this.#index.find(query), query.limit);
  }

  ranked(query: RankQuery): readonly RankedHead[] {
    return upTo(this.#index.ranked(query), query.limit);
  }

  due({ until, limit }: DueQuery): readonly StreamHead[] {
    return upTo(this.#index.due(until), limit);
  }

  async refresh(): Promise<void> {}

  async verify(): Promise<never> {
    throw new BugError("the past of a run is verified with its ledger");
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}
