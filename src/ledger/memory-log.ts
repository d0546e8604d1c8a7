// The log behind the ledger in memory. Behaves like the file ledger in everything but survival; the same suite tests both.

import { MemoryCursors } from "./memory-cursors.ts";
import { MemorySnapshots } from "./memory-snapshots.ts";
import { hash, randomUUID } from "node:crypto";
import { decodeBody, restoreBlobs } from "./body.ts";
import { wallClock } from "./clock.ts";
import { type Compaction, COMPACTIONS, type CompactOptions } from "./compaction.ts";
import { BugError } from "../errors.ts";
import { Bell, follow } from "./follow.ts";
import { chainOf, GENESIS, PREFIX_BYTES } from "./frame.ts";
import { hashesIn } from "./hashes-in.ts";
import { type Draft, Intake } from "./intake.ts";
import type { Cursors, KeptCursor } from "./cursor.ts";
import type {
  Blobs,
  ChangesOptions,
  Commit,
  DueQuery,
  Entry,
  FindQuery,
  Ledger,
  LedgerAccess,
  OpenOptions,
  ReadOptions,
  Receipt,
  Snapshots,
  StreamHead,
  VerifyReport,
} from "./ledger.ts";
import type { RankedHead, RankQuery } from "./rank.ts";
import { archiveUnfit } from "./compaction-refusals.ts";
import { closed, locked, missing, nothingSealed, readOnly } from "./refusals.ts";
import { upTo } from "./index-layer.ts";
import { StreamIndex } from "./stream-index.ts";

/** Opens a log in memory, as a place would. */
export function openMemory(log: MemoryLog, { access, now = wallClock }: OpenOptions): Ledger {
  if (access === "read" && !log.exists) throw missing(LOCATION);
  if (access === "write") {
    if (log.hasWriter) throw locked(LOCATION);
    log.hasWriter = true;
    log.exists = true;
  }
  return new MemoryLedger(log, access, now);
}

const LOCATION = "memory";

/** Nothing happens to the record of a compaction any more. */
const RECORDED = { open: false, keys: [], note: {} };

/** What everyone who opens the place shares. */
export class MemoryLog {
  readonly id: string = randomUUID();
  readonly index = new StreamIndex();
  /** Bodies by position - 1: kept as text, so that nobody can change what was appended. One that was removed is empty. */
  readonly bodies: string[] = [];
  /** Position of the oldest commit from which on nothing is missing, and the chain before it. */
  oldest = 1;
  chain = GENESIS;
  readonly snapshots = new MemorySnapshots();
  readonly cursors = new MemoryCursors(() => ({ oldest: this.oldest, newest: this.index.position }));
  readonly blobs = new Map<string, Uint8Array>();
  /** Those that somebody put: they know their hashes, whoever else names them. */
  readonly put = new Set<string>();
  readonly bell = new Bell();
  exists = false;
  hasWriter = false;

  add({ entry, body, blobs }: Draft): void {
    for (const [name, bytes] of blobs) this.blobs.set(name, bytes);
    this.bodies.push(body);
    this.index.add(entry);
  }

  entries(positions: readonly number[]): Promise<readonly Entry[]> {
    return Promise.all(positions.map((position) => restoreBlobs(this.entryAt(position), async (name) => this.#blob(name))));
  }

  entriesAfter(position: number, limit: number): Promise<readonly Entry[]> {
    const count = Math.min(limit, this.bodies.length - position);
    return this.entries(Array.from({ length: Math.max(0, count) }, (_, index) => position + index + 1));
  }

  entryAt(position: number): Entry {
    const entry = decodeBody(position, this.bodies[position - 1] ?? "");
    if (entry === undefined) throw new BugError(`The memory ledger has no commit ${position}.`);
    return entry;
  }

  /** Removes what was replaced, or only counts it. */
  compact(dryRun: boolean, slowest: KeptCursor | undefined): Compaction {
    const { bodies } = this;
    const end = slowest?.position ?? bodies.length;
    const left = bodies.map((body, at) => (body !== "" && (at >= end || this.#isNeeded(at + 1)) ? body : ""));
    const gone = bodies.filter((body, at) => body !== left[at]);
    const oldest = Math.max(this.oldest, bodies.findLastIndex((body, at) => body !== left[at]) + 2);
    const named = new Set(left.flatMap(hashesIn));
    const blobs = [...this.blobs].filter(([name]) => !named.has(name) && !this.put.has(name));
    const kept = left.slice(0, oldest - 1).filter((body) => body !== "");
    if (!dryRun) {
      this.chain = bodies.slice(this.oldest - 1, oldest - 1).reduce(chainOf, this.chain);
      this.oldest = oldest;
      bodies.splice(0, bodies.length, ...left);
      for (const [name] of blobs) this.blobs.delete(name);
    }
    return {
      removed: { ...counted(gone), segments: 0 },
      kept: counted(kept),
      blobs: { count: blobs.length, bytes: blobs.reduce((sum, [, { length }]) => sum + length, 0) },
      oldest,
      heldBy: bodies.some((body, at) => at >= end && body !== "" && !this.#isNeeded(at + 1)) ? (slowest ?? null) : null,
      archive: null,
    };
  }

  #isNeeded(position: number): boolean {
    const [first] = this.index.places(this.entryAt(position).run, 1, 1);
    return first !== undefined && first.position <= position;
  }

  #blob(name: string): Uint8Array {
    const bytes = this.blobs.get(name);
    if (bytes === undefined) throw new BugError(`The memory ledger has no blob ${name}.`);
    return bytes;
  }
}

class MemoryLedger implements Ledger {
  readonly access: LedgerAccess;
  readonly id: string;
  readonly location = LOCATION;
  readonly isLow = false;
  readonly blobs: Blobs;
  readonly snapshots: Snapshots;
  readonly cursors: Cursors;
  readonly #log: MemoryLog;
  readonly #intake: Intake;
  #appended: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(log: MemoryLog, access: LedgerAccess, now: () => number) {
    this.#log = log;
    this.id = log.id;
    this.access = access;
    this.snapshots = log.snapshots;
    this.cursors = log.cursors;
    this.#intake = new Intake(log.index, now);
    this.blobs = {
      put: async (bytes) => {
        this.#requireWritable();
        const name = hash("sha256", bytes, "hex");
        log.blobs.set(name, Uint8Array.from(bytes));
        log.put.add(name);
        return name;
      },
      get: async (name) => log.blobs.get(name)?.slice(),
    };
  }

  get oldest(): number {
    return this.#log.oldest;
  }

  get position(): number {
    return this.#log.index.position;
  }

  get time(): number {
    return this.#log.index.time;
  }

  async append(commits: readonly Commit[]): Promise<readonly Receipt[]> {
    this.#requireWritable();
    const drafts = this.#intake.admit(commits);
    // Durable means: after those before it, and not yet in the turn of the call. As with files, nobody reads a commit that was not acknowledged.
    this.#appended = this.#appended.then(() => this.#takeIn(drafts));
    await this.#appended;
    return drafts.map(({ entry: { position, time } }) => ({ position, time }));
  }

  async read(run: string, { from = 1, limit }: ReadOptions = {}): Promise<readonly Entry[]> {
    this.#requireOpen();
    return this.#log.entries(this.#log.index.places(run, from, limit).map(({ position }) => position));
  }

  changes(options: ChangesOptions): AsyncIterable<Entry> {
    this.#requireOpen();
    return follow(
      {
        bell: this.#log.bell,
        position: () => this.position,
        oldest: () => this.oldest,
        isClosed: () => this.#isClosed,
        entries: (after, limit) => this.#log.entriesAfter(after, limit),
        refresh: () => this.refresh(),
        watch: () => () => undefined,
      },
      options,
    );
  }

  head(run: string): StreamHead | undefined {
    return this.#log.index.head(run);
  }

  find(query: FindQuery): readonly StreamHead[] {
    return upTo(this.#log.index.find(query), query.limit);
  }

  ranked(query: RankQuery): readonly RankedHead[] {
    return upTo(this.#log.index.ranked(query), query.limit);
  }

  due(query: DueQuery): readonly StreamHead[] {
    return upTo(this.#log.index.due(query.until), query.limit);
  }

  async erase(): Promise<void> {
    this.#requireWritable();
    throw nothingSealed(LOCATION);
  }

  async compact({ dryRun = false, overCursors = false, archive, note = {} }: CompactOptions = {}): Promise<Compaction> {
    this.#requireWritable();
    if (archive !== undefined) throw archiveUnfit(archive, "cannot take what stands in memory");
    await this.#appended;
    const compaction = this.#log.compact(dryRun, overCursors ? undefined : await this.cursors.slowest());
    if (dryRun || compaction.removed.commits === 0) return compaction;
    const fact = { type: "ledger.compacted", removed: { ...compaction.removed }, oldest: compaction.oldest, note };
    await this.append([{ run: COMPACTIONS, expected: this.#intake.version(COMPACTIONS), facts: [fact], head: RECORDED }]);
    return compaction;
  }

  async refresh(): Promise<void> {}

  async verify(): Promise<VerifyReport> {
    this.#requireOpen();
    const { blobs, index, oldest, chain } = this.#log;
    const bodies = this.#log.bodies.filter((body) => body !== "");
    const { bytes } = counted(bodies);
    const faults = [...blobs]
      .filter(([name, content]) => hash("sha256", content, "hex") !== name)
      .map(([name]) => ({ file: `blobs/${name}`, message: "the content is not what the name says" }));
    return {
      ok: faults.length === 0,
      commits: bodies.length,
      facts: index.facts,
      blobs: blobs.size,
      bytes,
      unfinishedBytes: 0,
      chain: this.#log.bodies.slice(oldest - 1).reduce(chainOf, chain),
      faults,
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#log.bell.ring();
    await this.#appended;
    if (this.access === "write") this.#log.hasWriter = false;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #takeIn(drafts: readonly Draft[]): void {
    for (const draft of drafts) {
      this.#log.add(draft);
      this.#intake.settle(draft);
    }
    this.#log.bell.ring();
  }

  #requireOpen(): void {
    if (this.#isClosed) throw closed(LOCATION);
  }

  #requireWritable(): void {
    this.#requireOpen();
    if (this.access === "read") throw readOnly(LOCATION);
  }
}

/** As they would take room in a log. */
function counted(bodies: readonly string[]): { readonly commits: number; readonly bytes: number } {
  return { commits: bodies.length, bytes: bodies.reduce((sum, body) => sum + PREFIX_BYTES + Buffer.byteLength(body) + 2, 0) };
}
