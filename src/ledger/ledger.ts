// The interface every ledger gives: an append-only log of commits on streams (a run is one stream). It knows bytes, streams and JSON, and no graph.

import type { JsonObject } from "../json.ts";
import type { Compaction, CompactOptions } from "./compaction.ts";
import type { Cursors } from "./cursor.ts";
import type { KeySource } from "./key-source.ts";
import type { Rank, RankedHead, RankQuery } from "./rank.ts";

/** What is remembered about a stream without reading it: replaced whole by every commit that brings one. */
export interface Head {
  /** True while something may still happen to the stream. Only open streams need memory in the long run. */
  readonly open: boolean;
  /** Exact strings the stream can be found by, e.g. `status:waiting`, `event:draft.reviewed`. */
  readonly keys: readonly string[];
  /** A small summary for lists and timers, at most a few hundred bytes. */
  readonly note: JsonObject;
  /** When somebody is to look at the stream: the earliest time, in milliseconds since 1970. */
  readonly due?: number;
  /** Where the stream stands in lists that are read in their order; more than one place in a list is possible. */
  readonly ranks?: readonly Rank[];
}

/** One atomic change: facts for one stream, all or none, refused unless the stream has exactly `expected` facts. */
export interface Commit {
  readonly run: string;
  /** Streams that are erased together name the same tree; the stream itself when left out. Only an encrypted ledger needs it. */
  readonly tree?: string;
  readonly expected: number;
  /** At least one. A top-level member over `BLOB_LIMIT_BYTES` is kept as a blob and restored on reading; the member name `blobs` is reserved. */
  readonly facts: readonly JsonObject[];
  readonly head?: Head;
  /**
   * What the stream said until now is given up: all `before` this commit, which is the first one of the stream from now on, or `all` of it, this commit included, and there is no such
   * stream any more. Nobody reads it again; `compact` takes it off the disk. Whoever copies a commit of which that is all that is left gives the whole of what it said.
   */
  readonly replaces?: Replacement["what"] | Replacement;
}

/** What a commit takes the place of. */
export interface Replacement {
  readonly what: "before" | "all";
  /** Position and time of the stream's first commit, which may be gone. */
  readonly started: number;
  readonly startedAt: number;
}

/** A commit as it stands in the log. Facts of one commit share a position: they became true together. */
export interface Entry {
  /** Place in the log: 1 for the first commit, without gaps. */
  readonly position: number;
  /** Milliseconds since 1970 by the writer's clock; information only, order is `position`. Never decreases. */
  readonly time: number;
  readonly run: string;
  /** Number of the first fact within its stream, from 1. */
  readonly first: number;
  readonly facts: readonly JsonObject[];
  readonly head?: Head;
  readonly replaces?: Replacement;
}

/** The answer to a commit, given only after it is durable. */
export interface Receipt {
  readonly position: number;
  readonly time: number;
}

/** A stream's latest head with its size. */
export interface StreamHead extends Head {
  readonly run: string;
  /** Number of facts in the stream. */
  readonly version: number;
  /** Position of the stream's first commit, even when that was replaced, and of its last one. */
  readonly started: number;
  readonly position: number;
  readonly startedAt: number;
  readonly time: number;
}

/** Which streams to find: all that carry every key, oldest first. */
export interface FindQuery {
  readonly keys: readonly string[];
  /** Only open or only closed ones; both when left out. */
  readonly open?: boolean;
  /** Streams whose first commit stands after this position (or before it, with `newestFirst`): the cursor for paging. */
  readonly after?: number;
  readonly newestFirst?: boolean;
  readonly limit?: number;
}

/** Which streams are due. */
export interface DueQuery {
  /** Those due at this time or before. */
  readonly until: number;
  readonly limit?: number;
}

/** What somebody made of a stream up to a version, kept so that it need not be made again from the first fact on. */
export interface Snapshot {
  /** How many facts of the stream are in it. */
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** A cache of snapshots, at most one for each stream: one that is gone costs time and nothing else. */
export interface Snapshots {
  get(run: string): Promise<Snapshot | undefined>;
  /** Keeps a snapshot in place of an older one, and resolves when it is kept or given up: what cannot be kept is not there later, and fails nobody. A reader keeps none. */
  put(run: string, snapshot: Snapshot): Promise<void>;
}

/** Which entries of a stream `read` gives. */
export interface ReadOptions {
  readonly from?: number;
  readonly limit?: number;
}

/** Which entries `changes` yields. */
export interface ChangesOptions {
  /** Yield entries after this position; 0 for all. */
  readonly after: number;
  /** Wait for further entries instead of ending at the last one. */
  readonly live?: boolean;
  readonly signal?: AbortSignal;
}

/** Streams that are erased together: the tree that their commits named, and all streams of it. */
export interface ErasedTree {
  readonly tree: string;
  readonly runs: readonly string[];
}

/** Something `verify` found: where, and what. */
export interface LedgerFault {
  readonly file: string;
  readonly offset?: number;
  readonly position?: number;
  readonly message: string;
}

/** What `verify` walked and found. */
export interface VerifyReport {
  readonly ok: boolean;
  readonly commits: number;
  readonly facts: number;
  readonly blobs: number;
  /** Bytes of whole commits. */
  readonly bytes: number;
  /** Bytes behind them: a write under way, or one that a crash cut short. Nobody was told of them, so they are no fault. */
  readonly unfinishedBytes: number;
  /** The chain value after the last commit: it commits to every byte before it. */
  readonly chain: string;
  readonly faults: readonly LedgerFault[];
  /** What compactions have removed; left out when nothing was. */
  readonly removed?: RemovedReport;
  /** What was found of seals; left out where there can be none. */
  readonly seals?: SealReport;
  /** What was found of anchors, when some were given. */
  readonly anchors?: AnchorReport;
}

/** What compactions have left of the beginning of a log. */
export interface RemovedReport {
  /** Position of the first commit from which on none is missing. */
  readonly before: number;
  /** Commits from before that which are kept. */
  readonly kept: number;
}

/** What `verify` found of the seals of segments. */
export interface SealReport {
  /** Seals that are as they must be. */
  readonly whole: number;
  /** Those of them with a signature, whoever made it. */
  readonly signed: number;
  /** Those of them whose signature was checked with a public key. */
  readonly confirmed: number;
  /** Segments at the end that are followed by another one and wait for their seal. */
  readonly waiting: number;
}

/** What `verify` found of anchors. */
export interface AnchorReport {
  /** Anchors that are met. */
  readonly met: number;
  /** Position of the youngest one that is met, and when it was made; null when none is. */
  readonly upTo: number | null;
  readonly time: number | null;
  /** Anchors of what lies before the first segment there is. */
  readonly older: number;
}

/** Values kept once by the SHA-256 of their bytes. */
export interface Blobs {
  /** Stores bytes durably and gives their hash (64 hexadecimal digits). Storing the same bytes again is free. */
  put(bytes: Uint8Array): Promise<string>;
  get(hash: string): Promise<Uint8Array | undefined>;
}

/** Members of a fact over this many bytes of JSON are kept as blobs. */
export const BLOB_LIMIT_BYTES = 32 * 1024;

/** Commits that are given at once are one atomic change up to so many, with up to so many bytes of JSON in the log. */
export const ATOMIC_LIMIT_COMMITS = 1_024;
export const ATOMIC_LIMIT_BYTES = 1024 * 1024;

/**
 * An open ledger.
 *
 * Guarantees every implementation gives (`test/conformance/ledger.ts`):
 * commits are queued in the order of the calls to `append` and their versions are checked in that call, against what is durable and what is queued;
 * a refused commit changes nothing; `append` resolves only when the commits, and all queued before them, are durable;
 * reads see durable commits only; after the first failed write the ledger refuses everything that writes (`ledger_stopped`).
 */
export interface Ledger extends AsyncDisposable {
  readonly access: LedgerAccess;
  /** Made with it and never changed; copies and backups have the same. */
  readonly id: string;
  /** Where it lies, for people: a folder, or `memory`. */
  readonly location: string;
  /** Position of the oldest commit from which on none is missing: 1, unless something was removed. Of what lies before, streams that are needed are there as a whole. */
  readonly oldest: number;
  /** Position of the last durable commit; 0 when empty. */
  readonly position: number;
  /** When that was recorded; 0 when empty. */
  readonly time: number;
  /** True when little room is left where it lies: whoever is about to begin something new should not, so that what is under way can end. */
  readonly isLow: boolean;

  /**
   * Appends commits in order. Each is atomic, and so is a list of up to `ATOMIC_LIMIT_COMMITS` commits with up to `ATOMIC_LIMIT_BYTES` of JSON besides their blobs: a crash keeps all of it
   * or nothing, and nobody sees a part of it; of a longer one a crash may keep the first ones only. A list with a refused commit is refused as a whole. An empty list resolves when everything queued is durable.
   * @throws LedgerError `version_conflict` (a stream has another version than expected), `ledger_stopped` (a write failed, now or before), `ledger_full` (it failed since the disk is full),
   * `ledger_busy` (too much waits already), `ledger_read_only`, `ledger_closed`, `commit_too_large`
   * @throws InputError `commit_invalid` (no facts, a reserved member, an unfit run name, an unfit place in a list)
   */
  append(commits: readonly Commit[]): Promise<readonly Receipt[]>;

  /** The entries of one stream in order, from fact number `from` (default 1) on, at most `limit` of them; an entry that holds it is given whole. Empty for an unknown stream. */
  read(run: string, options?: ReadOptions): Promise<readonly Entry[]>;

  /** All entries in log order; with `live` it goes on until the signal aborts or the ledger closes. @throws LedgerError `cursor_too_old` when what follows the position was removed */
  changes(options: ChangesOptions): AsyncIterable<Entry>;

  head(run: string): StreamHead | undefined;
  find(query: FindQuery): readonly StreamHead[];
  /** Streams of a list in the order of their places, at the cost of what is given; one that has several places is given at each. */
  ranked(query: RankQuery): readonly RankedHead[];
  /** Open streams that are due, earliest first. */
  due(query: DueQuery): readonly StreamHead[];

  readonly snapshots: Snapshots;
  readonly blobs: Blobs;
  readonly cursors: Cursors;

  /**
   * Makes what trees of streams say unreadable for ever, here and in every copy whose keys are destroyed, too. Their commits stay, each fact as `{ erased: true }`, so positions, versions
   * and the chain do; they are found by the key `ledger:erased`. Resolves when it is done; a crash in between is gone on with when the ledger is opened for writing.
   * Without trees it only tells whether it can.
   * @throws LedgerError `ledger_not_encrypted`, and what `append` throws
   */
  erase(trees: readonly ErasedTree[]): Promise<void>;

  /**
   * Takes what was replaced off the disk, as far as it lies in finished segments, oldest first; what of those segments is still needed is kept. It is proved before anything is removed,
   * and recorded in the stream `ledger:compactions`, which runs never have. A crash in between loses nothing: what was decided is completed when the ledger is opened for writing.
   * @throws LedgerError `ledger_damaged` (nothing was removed), `archive_unfit`, `ledger_full`, and what `append` throws
   */
  compact(options?: CompactOptions): Promise<Compaction>;

  /** For a reader: takes in what the writer has appended since. Resolves at once for a writer. */
  refresh(): Promise<void>;

  /** Walks everything there is: frames, checksums, sequence, groups, chain, versions, blobs. Changes nothing. */
  verify(): Promise<VerifyReport>;

  close(): Promise<void>;
}

/** `write` is for one process at a time; any number may read. */
export type LedgerAccess = "write" | "read";

/** What a ledger is opened with. */
export interface OpenOptions {
  readonly access: LedgerAccess;
  /** Milliseconds since 1970; the wall clock when left out. */
  readonly now?: () => number;
}

/** A place where a ledger is or can be: what `createRuntime` takes. */
export interface LedgerPlace {
  readonly location: string;
  /** The folder, when the place is one: where the writer's local socket lies. */
  readonly folder?: string;
  /** Where the key is that signs seals and receipts, when they are signed. */
  readonly signing?: KeySource;
  /** Where the master key of an encrypted ledger is. */
  readonly key?: KeySource;
  /** @throws LedgerError `ledger_locked` (details: pid), `ledger_damaged`, `ledger_missing` (reading a place that holds none), `ledger_too_new`, `ledger_unsafe` (others can write there), `ledger_on_network`, `ledger_full`, `ledger_unusable` */
  open(options: OpenOptions): Promise<Ledger>;
}
