// A ledger as one stream of lines: the log byte for byte with the blobs it names, enough to make the same ledger elsewhere. Works beside a writer, in constant memory.

import { createHash } from "node:crypto";
import { FileBlobs, isBlobName } from "./blob-files.ts";
import { blobsOf } from "./body.ts";
import { badRange, beforeOldest, beyondEnd, blobTooLarge, sealedLog } from "./copy-refusals.ts";
import type { Disk } from "./disk.ts";
import { blobLine, endLine, headerLine } from "./export-lines.ts";
import type { SegmentName } from "./folder.ts";
import { hashesIn } from "./hashes-in.ts";
import { type LogSource, openSource, type RawGroup, readGroups, startOfSegment } from "./log-source.ts";
import { RecentNames } from "./recent-names.ts";
import { damagedFile, diskFailed } from "./refusals.ts";
import type { LogPoint } from "./scan.ts";

/** A blob over this fits in no line, since base64 makes a text of it. */
export const EXPORT_BLOB_LIMIT_BYTES = 256 * 1024 * 1024;

/** Which part of a log is exported. */
export interface ExportRange {
  /** The first commit; 1 when left out. The sync group that holds it is given whole. */
  readonly from?: number;
  /** The last commit; the last there is when left out. The sync group that holds it is given whole. */
  readonly to?: number;
}

/** What was exported. */
export interface ExportReport {
  readonly ledger: string;
  /** Position of the first and of the last commit; the first is one behind the last when there was nothing to export. */
  readonly from: number;
  readonly to: number;
  readonly lines: number;
  readonly blobs: number;
  readonly bytes: number;
  /** The chain behind the last line. */
  readonly chain: string;
}

/** Takes some whole lines; the next ones come when it has resolved. */
export type ExportSink = (lines: Uint8Array) => Promise<void> | void;

/** Exports a ledger. */
export async function exportLog(disk: Disk, path: string, sink: ExportSink, { from = 1, to }: ExportRange = {}): Promise<ExportReport> {
  if (!isPosition(from) || (to !== undefined && (!isPosition(to) || to < from))) throw badRange(from, to);
  const source = await openSource(disk, path);
  try {
    if (source.card.keys !== undefined)
      throw sealedLog(path, "an export would hold what nobody can open", "Copy it with `kindling backup`, which takes its keys along.");
    return await new Export(source, sink).run(from, to);
  } catch (error) {
    throw diskFailed(path, error);
  } finally {
    await source.close();
  }
}

/** One export under way. */
class Export {
  readonly #source: LogSource;
  readonly #sink: ExportSink;
  readonly #blobs: FileBlobs;
  readonly #named = new RecentNames();
  readonly #digest = createHash("sha256");
  #start: LogPoint | undefined;
  #end: LogPoint | undefined;
  #lines = 0;
  #blobLines = 0;
  #bytes = 0;

  constructor(source: LogSource, sink: ExportSink) {
    this.#source = source;
    this.#sink = sink;
    this.#blobs = new FileBlobs(source.disk, source.folder.blobs);
  }

  async run(from: number, to = Number.MAX_SAFE_INTEGER): Promise<ExportReport> {
    const { log, size, folder, card } = this.#source;
    const { segments } = log;
    const oldest = segments[0]?.first ?? 1;
    if (log.kept !== undefined && from < oldest) throw beforeOldest(folder.path, from, oldest);
    const first = segments.findLast((segment) => segment.first <= from) ?? log.segmentAt(0);
    const limit = segments.find((segment: SegmentName) => segment.first > to)?.base ?? size;
    const last = await readGroups(
      this.#source,
      await startOfSegment(this.#source, first),
      (group) => (isWanted(group, from, to, this.#end) ? this.#take(group) : undefined),
      limit,
    );
    if (this.#end === undefined && last.position < from - 1) throw beyondEnd(folder.path, from, last.position);
    const start = await this.#begin(last);
    const end = this.#end ?? start;
    const lines = this.#lines;
    const blobs = this.#blobLines;
    await this.#sink(endLine({ end: end.position, lines, blobs, chain: end.chain, sha256: this.#digest.digest("hex") }));
    return { ledger: card.id, from: start.position + 1, to: end.position, lines, blobs, bytes: this.#bytes, chain: end.chain };
  }

  async #take(group: RawGroup): Promise<void> {
    await this.#begin(group.start);
    for (const { entry } of group.lines) for (const name of blobsOf(entry)) await this.#putBlob(name, entry.position);
    for (const name of hashesIn(group.bytes.toString("latin1"))) await this.#putBlob(name, undefined);
    await this.#write(group.bytes);
    // The header of a segment is a line, too.
    this.#lines += Math.max(group.lines.length, 1);
    this.#end = group.end;
  }

  /** The header waits for the point that the first group stands behind. */
  async #begin(start: LogPoint): Promise<LogPoint> {
    if (this.#start !== undefined) return this.#start;
    this.#start = start;
    const { id: ledger, created } = this.#source.card;
    await this.#write(headerLine({ ledger, created, start }));
    return start;
  }

  /** Writes a blob that was not written lately. One without a position need not be there: then the hash in a fact is that of something else. */
  async #putBlob(name: string, position: number | undefined): Promise<void> {
    if (this.#named.has(name)) return;
    const path = this.#blobs.pathOf(name);
    // Only a hash may become a path.
    const there = isBlobName(name) ? await this.#source.disk.inspect(path) : undefined;
    if (there === undefined && position === undefined) return;
    if (there !== undefined && there.bytes > EXPORT_BLOB_LIMIT_BYTES) throw blobTooLarge(name, there.bytes, EXPORT_BLOB_LIMIT_BYTES);
    const bytes = await this.#blobs.get(name);
    if (bytes === undefined) throw damagedFile(path, `is missing, and commit ${position} names it`);
    this.#named.add(name);
    this.#blobLines += 1;
    await this.#write(blobLine(name, bytes));
  }

  async #write(lines: Uint8Array): Promise<void> {
    this.#digest.update(lines);
    this.#bytes += lines.length;
    await this.#sink(lines);
  }
}

/** A segment's header belongs to what follows it. */
function isWanted({ lines, end }: RawGroup, from: number, to: number, exported: LogPoint | undefined): boolean {
  if (exported !== undefined && exported.position >= to) return false;
  return exported !== undefined || end.position >= (lines.length === 0 ? from - 1 : from);
}

function isPosition(position: number): boolean {
  return Number.isSafeInteger(position) && position >= 1;
}
