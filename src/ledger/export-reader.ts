// Reads an export: cuts it into lines, and gives whole sync groups that are right in themselves. Knows no place they could go to, and holds one group at a time.

import { createHash } from "node:crypto";
import { asError } from "../errors.ts";
import { type Line, readLine } from "./frame.ts";
import { decodeBody } from "./body.ts";
import { importCut, importDamaged, noExport } from "./copy-refusals.ts";
import { EXPORT_BLOB_LIMIT_BYTES } from "./export-log.ts";
import { endLine, type ExportHeader, isBlobLine, readBlobLine, readHeaderLine } from "./export-lines.ts";
import { breach, type LogPoint, type ScannedLine } from "./scan.ts";
import { encodeHeader, isHeader } from "./segment.ts";

/** A sync group of an export, or the header of a segment, which has no commits. */
export interface ExportedGroup {
  readonly kind: "group";
  readonly start: LogPoint;
  readonly end: LogPoint;
  readonly lines: readonly ScannedLine[];
  readonly bytes: Buffer;
  /** Blobs that stand before it, by their names. */
  readonly blobs: ReadonlyMap<string, Buffer>;
  /** Number of its last line in the export, from 1. */
  readonly line: number;
}

/** Blobs that came before a group is whole, since they are too many to be held: under their own names they change nothing. */
export interface ExportedBlobs {
  readonly kind: "blobs";
  readonly blobs: ReadonlyMap<string, Buffer>;
}

/** Bytes of blobs that are held until their group is whole. */
export const HELD_BLOB_BYTES = 64 * 1024 * 1024;

/** No line is longer: a blob of the largest size as base64. */
const LINE_LIMIT_BYTES = Math.ceil(EXPORT_BLOB_LIMIT_BYTES / 3) * 4 + 1024;

/** An export that is being read. */
export class ExportReader {
  /** Position of the last commit that was taken in, for what is said when the rest is bad. */
  taken = 0;
  readonly #lines: AsyncGenerator<Buffer, void>;
  readonly #digest = createHash("sha256");
  #number = 0;
  #logLines = 0;
  #blobLines = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#lines = linesOf(source);
  }

  /**
   * The first line.
   * @throws LedgerError `import_no_export`
   */
  async header(): Promise<ExportHeader> {
    const line = await this.#read();
    const header = line === undefined ? undefined : readHeaderLine(line);
    if (line === undefined) throw noExport("is empty", WRITTEN);
    if (header === undefined)
      throw noExport(
        "does not begin as an export does, or its first line was changed",
        "Give it what `kindling export` wrote, as it was written.",
      );
    if ("version" in header)
      throw noExport(`was written by a newer Kindling (export version ${header.version})`, "Update Kindling to read it.");
    this.#digest.update(line);
    return header;
  }

  /**
   * The groups behind the header, each checked whole before it is given; ends when the last line of the export was right.
   * @throws LedgerError `import_damaged`, `import_cut`
   */
  async *groups({ ledger, start }: ExportHeader): AsyncGenerator<ExportedGroup | ExportedBlobs> {
    let end = start;
    let blobs = new Map<string, Buffer>();
    let blobBytes = 0;
    for (;;) {
      const line = await this.#next();
      if (line === undefined) throw importCut(this.#number, this.taken);
      if (isBlobLine(line)) {
        const blob = readBlobLine(line);
        if (blob === undefined) throw this.#damaged("the blob is not what its name says");
        blobs.set(blob.name, blob.bytes);
        this.#blobLines += 1;
        this.#digest.update(line);
        blobBytes += blob.bytes.length;
        if (blobBytes <= HELD_BLOB_BYTES) continue;
        yield { kind: "blobs", blobs };
        blobs = new Map();
        blobBytes = 0;
        continue;
      }
      if (line[0] !== FIRST_OF_LINE) return this.#finish(line, end);
      const group = await this.#group(ledger, end, line, blobs);
      yield group;
      end = group.end;
      blobs = new Map();
      blobBytes = 0;
    }
  }

  /** Lets go of what is read from. */
  async close(): Promise<void> {
    await this.#lines.return();
  }

  /** The group that begins with a line. */
  async #group(ledger: string, start: LogPoint, firstLine: Buffer, blobs: ReadonlyMap<string, Buffer>): Promise<ExportedGroup> {
    const parts: Buffer[] = [];
    const lines: ScannedLine[] = [];
    let last = { ...start, ends: true };
    for (let bytes: Buffer | undefined = firstLine; ; bytes = await this.#next()) {
      if (bytes === undefined) throw importCut(this.#number, this.taken);
      const { line, entry } = this.#logLine(ledger, last, bytes);
      if (entry !== undefined) lines.push({ offset: last.offset, entry });
      parts.push(bytes);
      this.#digest.update(bytes);
      this.#logLines += 1;
      last = { offset: last.offset + line.bytes, position: line.position, group: line.group, chain: line.chain, ends: line.ends };
      if (!last.ends) continue;
      const { offset, position, group, chain } = last;
      return {
        kind: "group",
        start,
        end: { offset, position, group, chain },
        lines,
        bytes: Buffer.concat(parts),
        blobs,
        line: this.#number,
      };
    }
  }

  #logLine(
    ledger: string,
    last: LogPoint & { readonly ends: boolean },
    bytes: Buffer,
  ): { readonly line: Line; readonly entry?: ScannedLine["entry"] } {
    const reading = readLine(bytes);
    if (reading.kind !== "line" || reading.line.bytes !== bytes.length) throw this.#damaged("it is no whole line of a log");
    const { line } = reading;
    const reason = breach(last, line);
    if (reason !== undefined) throw this.#damaged(reason);
    if (isHeader(line)) {
      if (!encodeHeader(ledger, last).bytes.equals(bytes))
        throw this.#damaged("the segment does not begin as one of this ledger does there");
      return { line };
    }
    if (last.offset === 0) throw this.#damaged("a log begins with the header of a segment");
    const entry = decodeBody(line.position, line.body);
    if (entry === undefined) throw this.#damaged("the line holds no commit");
    return { line, entry };
  }

  async #finish(line: Buffer, end: LogPoint): Promise<void> {
    const sha256 = this.#digest.digest("hex");
    const right = endLine({ end: end.position, lines: this.#logLines, blobs: this.#blobLines, chain: end.chain, sha256 });
    if (!right.equals(line)) throw this.#damaged("it is neither a line of the log nor the end of what came before");
    if ((await this.#next()) !== undefined) throw this.#damaged("something follows the end of the export");
  }

  async #next(): Promise<Buffer | undefined> {
    const line = await this.#read();
    // Only the last line can lack its end.
    if (line !== undefined && line.at(-1) !== NEWLINE) throw importCut(this.#number, this.taken);
    return line;
  }

  async #read(): Promise<Buffer | undefined> {
    const read = await this.#lines.next();
    if (read.done === true) return undefined;
    this.#number += 1;
    return read.value;
  }

  #damaged(reason: string): Error {
    return importDamaged(this.#number, reason, this.taken);
  }
}

const FIRST_OF_LINE = 0x5b;
const NEWLINE = 0x0a;
const WRITTEN = "Give it what `kindling export` wrote.";

/** Cuts a stream of bytes behind every newline. */
async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunksOf(source)) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      yield Buffer.concat([...pieces, chunk.subarray(from, at + 1)]);
      from = at + 1;
      pieces = [];
      length = 0;
    }
    if (from === chunk.length) continue;
    // A copy: whoever gives the chunks may use their memory again.
    pieces.push(Buffer.from(chunk.subarray(from)));
    length += chunk.length - from;
    if (length > LINE_LIMIT_BYTES) throw noExport(`has a line of more than ${LINE_LIMIT_BYTES} bytes`, WRITTEN);
  }
  if (pieces.length > 0) yield Buffer.concat(pieces);
}

/** What cannot be read is no fault of the ledger that it was to go into. */
async function* chunksOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  try {
    yield* source;
  } catch (cause) {
    throw noExport(`cannot be read: ${asError(cause).message}`, "Check the file or the pipe that it comes from.");
  }
}
