// What a process knows of a log file: the index of its streams, where each commit lies, and how to read it again. Grows by whole sync groups; writes nothing.

import type { FileBlobs } from "./blob-files.ts";
import { decodeBody, restoreBlobs } from "./body.ts";
import { type DiskFile, readUpTo } from "./disk.ts";
import { shortName } from "./folder.ts";
import { readLine } from "./frame.ts";
import type { Entry } from "./ledger.ts";
import { damaged, damagedFile, diskFailed } from "./refusals.ts";
import type { LogPoint, ScannedLine } from "./scan.ts";
import { StreamIndex } from "./stream-index.ts";

/** Commits that lie closer together than this are read in one go, … */
const GAP_BYTES = 16 * 1024;

/** … up to this much at a time. */
const SPAN_BYTES = 1024 * 1024;

/** The readable side of a log: shared by the writer and the reader. */
export class LogView {
  readonly index = new StreamIndex();
  readonly #file: DiskFile;
  readonly #path: string;
  readonly #blobs: FileBlobs;
  /** Where commit n begins, at n - 1. */
  readonly #offsets: number[] = [];
  readonly #reads = new Set<Promise<unknown>>();
  #end: LogPoint;

  constructor(file: DiskFile, path: string, start: LogPoint, blobs: FileBlobs) {
    this.#file = file;
    this.#path = path;
    this.#blobs = blobs;
    this.#end = start;
  }

  /** The point up to which the log is known. */
  get end(): LogPoint {
    return this.#end;
  }

  /** Takes in a sync group. */
  add(lines: readonly ScannedLine[], end: LogPoint): void {
    for (const { offset, entry } of lines) {
      const version = this.index.version(entry.run);
      if (entry.first !== version + 1) {
        throw damaged({
          file: shortName(this.#path),
          offset,
          reason: `${entry.run} has ${version} facts, and fact ${entry.first} follows`,
          lastGood: this.index.position,
        });
      }
      this.index.add(entry);
      this.#offsets.push(offset);
    }
    this.#end = end;
  }

  /** Reads commits again, blobs restored. Positions must ascend and be known. */
  async entries(positions: readonly number[]): Promise<readonly Entry[]> {
    const read = this.#read(positions);
    this.#reads.add(read);
    try {
      return await read;
    } catch (error) {
      throw diskFailed(this.#path, error);
    } finally {
      this.#reads.delete(read);
    }
  }

  /** Resolves when nobody reads: only then may the file be closed. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#reads);
  }

  async #read(positions: readonly number[]): Promise<readonly Entry[]> {
    const entries: Entry[] = [];
    for (const span of this.#spansOf(positions)) {
      const bytes = await readUpTo(this.#file, span.from, span.to - span.from);
      for (const position of span.positions) {
        const entry = this.#entryAt(bytes.subarray(this.#offsetOf(position) - span.from), position);
        entries.push(await restoreBlobs(entry, (hash) => this.#blob(hash, position)));
      }
    }
    return entries;
  }

  #entryAt(bytes: Buffer, position: number): Entry {
    const reading = readLine(bytes);
    const entry = reading.kind === "line" && reading.line.position === position ? decodeBody(position, reading.line.body) : undefined;
    if (entry === undefined) {
      throw damaged({
        file: shortName(this.#path),
        offset: this.#offsetOf(position),
        reason: "the line was whole when the ledger was opened and is not any more",
        lastGood: position - 1,
      });
    }
    return entry;
  }

  async #blob(hash: string, position: number): Promise<Uint8Array> {
    const bytes = await this.#blobs.get(hash);
    if (bytes === undefined) throw damagedFile(this.#blobs.pathOf(hash), `is missing, and commit ${position} names it`);
    return bytes;
  }

  *#spansOf(positions: readonly number[]): Generator<Span> {
    let span: Span | undefined;
    for (const position of positions) {
      const from = this.#offsetOf(position);
      const to = this.#offsetOf(position + 1);
      if (span !== undefined && from - span.to <= GAP_BYTES && to - span.from <= SPAN_BYTES) {
        span.positions.push(position);
        span.to = to;
        continue;
      }
      if (span !== undefined) yield span;
      span = { from, to, positions: [position] };
    }
    if (span !== undefined) yield span;
  }

  #offsetOf(position: number): number {
    return this.#offsets[position - 1] ?? this.#end.offset;
  }
}

/** A piece of the file that holds some commits. */
interface Span {
  readonly from: number;
  to: number;
  readonly positions: number[];
}
