// Reads a segment line by line and sums it up: what a statement says of it. Refuses lines that are out of order or off the chain. Reads on where it stopped.

import { createHash } from "node:crypto";
import { isJsonObject, type JsonValue } from "../json.ts";
import { ByteWindow } from "./byte-window.ts";
import { type Disk, firstBytes } from "./disk.ts";
import { type SegmentName, shortName } from "./folder.ts";
import type { Line } from "./frame.ts";
import { leafHash, TreeRoot } from "./merkle.ts";
import { damaged } from "./refusals.ts";
import { breach, lineAt, type LogPoint } from "./scan.ts";
import type { Statement } from "./seal.ts";
import { isHeader, misplaced, pointBefore } from "./segment.ts";

/** Bytes read between two pauses: a few milliseconds of work. */
const SLICE_BYTES = 256 * 1024;

/** How far to read, and what to do on the way. */
export interface ReadOn {
  /** The bytes that the segment has, where that is known. */
  readonly bytes?: number;
  /** Stop with so many lines. */
  readonly lines?: number;
  /** Hears of every line of a whole group, with its bytes. */
  readonly onLine?: (line: Line, bytes: Buffer, leaf: Buffer) => void;
  /** Lets others run. */
  readonly pause?: () => Promise<void>;
  /** True when nobody waits for the rest any more. */
  readonly isOver?: () => boolean;
}

/** A segment as far as it was read: whole sync groups. */
export class SegmentDigest {
  readonly segment: SegmentName;
  readonly #ledgerId: string;
  readonly #tree = new TreeRoot();
  readonly #hash = createHash("sha256");
  #last: (LogPoint & { readonly ends: boolean }) | undefined;
  /** Point behind the last whole group. */
  #end: LogPoint | undefined;
  #startChain: string | undefined;
  #firstBody: string | undefined;
  #lastBody: string | undefined;
  #group: { readonly line: Line; readonly bytes: Buffer }[] = [];

  constructor(segment: SegmentName, ledgerId: string) {
    this.segment = segment;
    this.#ledgerId = ledgerId;
  }

  get bytes(): number {
    return this.#end === undefined ? 0 : this.#end.offset - this.segment.base;
  }

  get lines(): number {
    return this.#tree.leaves;
  }

  /** Position of the last commit. */
  get last(): number {
    return this.#end?.position ?? this.segment.first - 1;
  }

  /** The chain before the header. */
  get startChain(): string | undefined {
    return this.#startChain;
  }

  /** Reads on from where it stopped. @throws LedgerError `ledger_damaged` for a whole line that cannot stand where it stands */
  async readOn(disk: Disk, { bytes, lines, onLine, pause, isOver }: ReadOn = {}): Promise<void> {
    const file = await disk.open(this.segment.path, "read");
    try {
      const window = new ByteWindow(firstBytes(file, bytes ?? (await file.size())));
      // A group that had not ended is read again.
      this.#group = [];
      this.#last = this.#end === undefined ? undefined : { ...this.#end, ends: true };
      for (let sliceStart = this.bytes; lines === undefined || this.lines < lines; ) {
        const offset = this.#last === undefined ? 0 : this.#last.offset - this.segment.base;
        if (offset - sliceStart >= SLICE_BYTES) {
          await pause?.();
          if (isOver?.() === true) return;
          sliceStart = offset;
        }
        const reading = await lineAt(window, offset);
        if (reading.kind !== "line") return;
        const content = Buffer.from((await window.from(offset, reading.line.bytes)).subarray(0, reading.line.bytes));
        this.#step(reading.line, content, onLine);
      }
    } finally {
      await file.close();
    }
  }

  /** What can be stated of the segment as far as it was read. */
  statement(previous: string | null, complete: boolean): Statement {
    const { segment } = this;
    return {
      ledger: this.#ledgerId,
      segment: segment.first,
      base: segment.base,
      complete,
      last: this.last,
      bytes: this.bytes,
      lines: this.lines,
      firstTime: timeIn(this.#firstBody),
      lastTime: timeIn(this.#lastBody),
      chain: this.#end?.chain ?? "",
      previous,
      sha256: this.#hash.copy().digest("hex"),
      root: this.#tree.root().toString("base64url"),
    };
  }

  #step(line: Line, bytes: Buffer, onLine: ReadOn["onLine"]): void {
    const before = this.#last ?? this.#beginning(line);
    const reason = before === undefined ? "the segment has no whole header" : breach(before, line);
    if (before === undefined || reason !== undefined) throw this.#damaged(before?.offset ?? this.segment.base, reason ?? "");
    this.#last = { offset: before.offset + line.bytes, position: line.position, group: line.group, chain: line.chain, ends: line.ends };
    this.#group.push({ line, bytes });
    if (!line.ends) return;
    for (const taken of this.#group) this.#take(taken.line, taken.bytes, onLine);
    this.#group = [];
    this.#end = this.#last;
  }

  #take(line: Line, bytes: Buffer, onLine: ReadOn["onLine"]): void {
    const leaf = leafHash(bytes);
    this.#tree.add(leaf);
    this.#hash.update(bytes);
    if (!isHeader(line)) {
      this.#firstBody ??= line.body;
      this.#lastBody = line.body;
    }
    onLine?.(line, bytes, leaf);
  }

  /** The point before the header, when the line is the header of this very segment. */
  #beginning(line: Line): (LogPoint & { readonly ends: boolean }) | undefined {
    if (!isHeader(line) || misplaced(line, this.segment.base, this.#ledgerId) !== undefined) return undefined;
    const point = line.position === this.segment.first - 1 ? pointBefore(line) : undefined;
    this.#startChain = point?.chain;
    return point === undefined ? undefined : { ...point, ends: true };
  }

  #damaged(address: number, reason: string): Error {
    return damaged({ file: shortName(this.segment.path), offset: address - this.segment.base, reason });
  }
}

/** The time a commit says it has. A sealed body tells it as openly as a plain one. */
function timeIn(body: string | undefined): number | null {
  const value = body === undefined ? null : (JSON.parse(body) as JsonValue);
  return isJsonObject(value) && typeof value.time === "number" ? value.time : null;
}
