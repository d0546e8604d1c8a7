// What a process knows of a log: the index of its streams, where commits lie, and how to read them again. Grows by whole sync groups; writes nothing.

import { BugError, LedgerError } from "../errors.ts";
import type { FileBlobs } from "./blob-files.ts";
import { decodeBody, restoreBlobs } from "./body.ts";
import { ByteWindow } from "./byte-window.ts";
import { factsRemoved } from "./compaction-refusals.ts";
import { readUpTo } from "./disk.ts";
import { chainIn, PREFIX_BYTES, readLine } from "./frame.ts";
import { type Content, openLines } from "./content.ts";
import type { IndexPoint, KeptIndex } from "./index-folder.ts";
import { type Place, upTo } from "./index-layer.ts";
import type { DueQuery, Entry, FindQuery, ReadOptions, StreamHead } from "./ledger.ts";
import type { LogFile } from "./log-file.ts";
import type { RankedHead, RankQuery } from "./rank.ts";
import { damaged, damagedFile, diskFailed } from "./refusals.ts";
import { lineAt, type LogPoint, type ScannedLine } from "./scan.ts";
import { isHeader } from "./segment.ts";
import { spansOf } from "./spans.ts";
import type { StoredIndex } from "./stored-index.ts";
import { StreamIndex } from "./stream-index.ts";

/** How the body of a commit begins, and bytes in which that stands, however long the name of the stream is. */
const FIRST = /^\{"run":"(?:[^"\\]|\\.)*","first":(\d+),/;
const BODY_START_BYTES = 4 * 1024;

/** What a view reads through. */
export interface ViewParts {
  readonly log: LogFile;
  /** For messages. */
  readonly location: string;
  readonly blobs: FileBlobs;
  readonly content: Content;
}

/** The readable side of a log: shared by the writer and the reader. */
export class LogView {
  readonly #log: LogFile;
  readonly #location: string;
  readonly #blobs: FileBlobs;
  readonly #content: Content;
  readonly #reads = new Set<Promise<unknown>>();
  #stored: StoredIndex;
  /** Being written to tables. */
  #frozen: StreamIndex | undefined;
  #young: StreamIndex;
  /** Behind what the tables know, or will know once the frozen layer is written. */
  #keptUpTo: number;
  #end: IndexPoint;
  #keptPoint: IndexPoint;

  constructor({ log, location, blobs, content }: ViewParts, { index: stored, point: start }: KeptIndex) {
    this.#log = log;
    this.#location = location;
    this.#blobs = blobs;
    this.#content = content;
    this.#stored = stored;
    this.#young = new StreamIndex(stored);
    this.#keptUpTo = start.offset;
    this.#keptPoint = start;
    this.#end = start;
  }

  /** The point up to which the log is known, and where its last line begins. */
  get end(): IndexPoint {
    return this.#end;
  }

  get position(): number {
    return this.#young.position;
  }

  get time(): number {
    return this.#young.time;
  }

  /** Bytes of the log that no table knows of, and none is being written for. */
  get unkeptBytes(): number {
    return this.#end.offset - this.#keptUpTo;
  }

  /** The point up to which the tables reached when the log was opened. */
  get keptPoint(): IndexPoint {
    return this.#keptPoint;
  }

  /** The tables under everything. */
  get stored(): StoredIndex {
    return this.#stored;
  }

  version(run: string): number {
    return this.#young.version(run);
  }

  head(run: string): StreamHead | undefined {
    return this.#young.head(run);
  }

  /** Position of the first commit of a stream that is still read; `undefined` for a stream that there is not. */
  firstOf(run: string): number | undefined {
    return this.#young.places(run, 1, 1)[0]?.position;
  }

  /** The chain of the commit that holds a fact of a stream; `undefined` when there is none. */
  async chainOf(run: string, fact: number): Promise<string | undefined> {
    const [place] = this.#young.places(run, fact, 1);
    if (place === undefined) return undefined;
    const start = await this.#reading(readUpTo(this.#log, place.offset, PREFIX_BYTES + BODY_START_BYTES));
    // Of a replaced stream the first commit there is may be one behind the fact.
    const [, first] = FIRST.exec(start.toString("utf8", PREFIX_BYTES)) ?? [];
    return first === undefined || Number(first) > fact ? undefined : chainIn(start);
  }

  slotOf(run: string): number | undefined {
    return this.#young.slotOf(run);
  }

  find(query: FindQuery): readonly StreamHead[] {
    return upTo(this.#young.find(query), query.limit);
  }

  ranked(query: RankQuery): readonly RankedHead[] {
    return upTo(this.#young.ranked(query), query.limit);
  }

  due({ until, limit }: DueQuery): readonly StreamHead[] {
    return upTo(this.#young.due(until), limit);
  }

  /** Takes in a sync group that was read, opened where it is sealed. */
  take(lines: readonly ScannedLine[], end: LogPoint): Promise<void> | void {
    const opened = openLines(this.#content, lines);
    if (!(opened instanceof Promise)) return this.add(opened, end);
    return opened.then((known) => this.add(known, end));
  }

  /** Takes in a sync group. */
  add(lines: readonly ScannedLine[], end: LogPoint): void {
    for (const { offset, entry, slot } of lines) {
      const version = this.#young.take(entry, offset, slot);
      if (version !== undefined) {
        throw damaged({
          ...this.#log.placeOf(offset),
          reason: `${entry.run} has ${version} facts, and fact ${entry.first} follows`,
          lastGood: this.position,
        });
      }
    }
    this.#end = { ...end, last: lines.at(-1)?.offset ?? this.#end.offset };
  }

  /** Knows the log up to a point between which and the last line taken in nothing stands that counts. */
  goTo(point: IndexPoint): void {
    this.#end = point;
  }

  /** Sets the young layer aside to be written to tables; what comes from now on goes to a new one. */
  freeze(): { readonly layer: StreamIndex; readonly below: StoredIndex; readonly point: IndexPoint } {
    if (this.#frozen !== undefined) throw new BugError("a layer of the index is being written already");
    const layer = this.#young;
    this.#frozen = layer;
    this.#young = new StreamIndex(layer);
    this.#keptUpTo = this.#end.offset;
    return { layer, below: this.#stored, point: this.#end };
  }

  /** Tables know now what the frozen layer knows, or the same tables have been put in order. */
  settle(stored: StoredIndex): void {
    if (this.#frozen !== undefined && stored.position < this.#frozen.position) this.#frozen.rest(stored);
    else {
      this.#young.rest(stored);
      this.#frozen = undefined;
    }
    this.#stored = stored;
  }

  /** Knows what another view of the same log knows, which must not be less. */
  become(fresh: LogView): void {
    if (fresh.position < this.position) throw new BugError("a view would forget what it knows");
    this.#stored = fresh.#stored;
    this.#young = fresh.#young;
    this.#keptUpTo = fresh.#keptUpTo;
    this.#keptPoint = fresh.#keptPoint;
    this.#end = fresh.#end;
  }

  /** The commits of a stream, from the one that holds fact number `from` on, blobs restored. */
  async entriesOf(run: string, { from = 1, limit }: ReadOptions): Promise<readonly Entry[]> {
    return this.#reading(this.#readPlaces(this.#young.places(run, from, limit)));
  }

  /** Some commits behind a position, in order, blobs restored. */
  async entriesAfter(position: number, limit: number): Promise<readonly Entry[]> {
    return this.#reading(this.#readOn(position, Math.min(limit, this.position - position)));
  }

  /** Resolves when nobody reads: only then may the log be closed. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#reads);
  }

  async #reading<T>(read: Promise<T>): Promise<T> {
    this.#reads.add(read);
    try {
      return await read;
    } catch (error) {
      throw diskFailed(this.#location, error);
    } finally {
      this.#reads.delete(read);
    }
  }

  async #readPlaces(places: readonly Place[]): Promise<readonly Entry[]> {
    const entries: Entry[] = [];
    for (const span of spansOf(places, this.#log.base)) {
      const bytes = await readUpTo(this.#log, span.from, span.to - span.from);
      for (const place of span.places)
        entries.push(await this.#restored(await this.#entryAt(place, bytes.subarray(place.offset - span.from))));
    }
    return entries;
  }

  async #readOn(after: number, count: number): Promise<readonly Entry[]> {
    if (count <= 0) return [];
    const start = this.#young.placeBefore(after + 1);
    const entries: Entry[] = [];
    // Only what is known to be durable: the file may hold more.
    const window = new ByteWindow(this.#log, this.#end.offset);
    let offset = Math.max(start?.offset ?? 0, this.#log.base);
    while (entries.length < count) {
      const reading = await lineAt(window, offset);
      const wanted = after + entries.length + 1;
      const line = reading.kind === "line" && (reading.line.position <= wanted || isHeader(reading.line)) ? reading.line : undefined;
      // A compaction has come in between: whoever asks for more is told how far it went.
      if (line === undefined && offset < this.#log.base) return entries;
      if (line === undefined) throw this.#changed({ position: wanted, offset });
      if (line.position > after && !isHeader(line)) {
        // A line that comes again is no less wrong than one that is missing.
        const entry = line.position === wanted ? decodeBody(line.position, line.body) : undefined;
        if (entry === undefined) throw this.#changed({ position: wanted, offset });
        const restored = await this.#restored(entry).catch(unlessRemoved);
        if (restored === undefined) return entries;
        entries.push(restored);
      }
      offset += line.bytes;
    }
    return entries;
  }

  /** The commit at a place. What was read already may hold only a part of it. */
  async #entryAt(place: Place, bytes: Buffer): Promise<Entry> {
    const first = readLine(bytes);
    const reading = first.kind === "short" ? readLine(await readUpTo(this.#log, place.offset, first.needsBytes)) : first;
    // Of a very short rest, only the second look tells how much is needed.
    const last = reading.kind === "short" ? readLine(await readUpTo(this.#log, place.offset, reading.needsBytes)) : reading;
    const entry = last.kind === "line" && last.line.position === place.position ? decodeBody(place.position, last.line.body) : undefined;
    if (entry !== undefined) return entry;
    throw bytes.length === 0 && place.offset < this.#log.base ? factsRemoved(`byte ${place.offset}`) : this.#changed(place);
  }

  async #restored(read: Entry): Promise<Entry> {
    const opened = this.#content.open(read);
    const entry = opened instanceof Promise ? await opened : opened;
    return restoreBlobs(entry, (hash) => this.#blob(hash, entry.position));
  }

  async #blob(hash: string, position: number): Promise<Uint8Array> {
    const bytes = await this.#blobs.get(hash);
    if (bytes === undefined && (await this.#isRemoved(position))) throw factsRemoved(`commit ${position}`);
    if (bytes === undefined) throw damagedFile(this.#blobs.pathOf(hash), `is missing, and commit ${position} names it`);
    return this.#content.openBlob(hash, bytes);
  }

  /** True for a commit before the beginning of the log: of what it named, something may be gone since it was read. */
  async #isRemoved(position: number): Promise<boolean> {
    await this.#log.refresh();
    return position < (this.#log.segments[0]?.first ?? 1);
  }

  #changed({ position, offset }: Place): Error {
    return damaged({
      ...this.#log.placeOf(offset),
      reason: "the line was whole when the ledger was opened and is not any more",
      lastGood: position - 1,
    });
  }
}

/** What could not be read since it was removed is not there. */
function unlessRemoved(error: unknown): undefined {
  if (!(error instanceof LedgerError && error.code === "facts_removed")) throw error;
}
