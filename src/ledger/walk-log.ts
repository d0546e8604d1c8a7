// Walks the lines of a log from its first byte to its last, and goes on behind bad ones: what `verify` tells about segments.

import { decodeBody } from "./body.ts";
import { ByteWindow } from "./byte-window.ts";
import { type Disk, type ReadableFile, readUpTo } from "./disk.ts";
import { type SegmentName, shortName } from "./folder.ts";
import type { Line } from "./frame.ts";
import type { KeptIndex } from "./index-folder.ts";
import type { LogStart } from "./log-start.ts";
import { breach, findLine, lineAt, type LogPoint, type ScannedLine } from "./scan.ts";
import { isHeader, LOG_START, misplaced, pointBefore } from "./segment.ts";
import type { Tally } from "./tally.ts";
import { WitnessCheck } from "./witness.ts";

/** What is walked, and what others say of it. */
export interface WalkedLog {
  readonly disk: Disk;
  /** At least one. */
  readonly segments: readonly SegmentName[];
  readonly ledgerId: string | undefined;
  readonly witness: LogPoint | undefined;
  readonly kept: KeptIndex | undefined;
  /** Where the log begins, when something was removed. */
  readonly start: LogStart | undefined;
}

/** Tells the tally of every line, and of everything that is no line. */
export async function walkLog(walked: WalkedLog, tally: Tally): Promise<void> {
  const extents = await measure(walked, tally);
  const window = new ByteWindow(wholeLog(walked.disk, extents));
  const base = walked.segments[0]?.base ?? 0;
  const walk = new LogWalk(walked, extents, tally, await beginning(window, base));
  for (;;) {
    const reading = await lineAt(window, walk.address);
    if (reading.kind === "line") {
      walk.take(reading.line);
      continue;
    }
    const later = await findLine(window, walk.address + 1, (line) => walk.isLater(line));
    const next = later === undefined ? undefined : await findLine(window, walk.address + 1, () => true);
    if (next === undefined) break;
    walk.skipTo(next.offset);
  }
  walk.finish();
}

/** A segment and the bytes it must have, which the place of the next one tells; the last one has what it has. */
interface Extent {
  readonly segment: SegmentName;
  readonly bytes: number;
}

/** Where the walk is, and what it compares the next line with. */
class LogWalk {
  readonly #tally: Tally;
  readonly #walked: WalkedLog;
  readonly #extents: readonly Extent[];
  readonly #check: WitnessCheck | undefined;
  #last: LogPoint & { readonly ends: boolean };
  /** Without a header, or behind bad bytes, the next line cannot be compared with the one before it. */
  #isConnected: boolean;
  #group: ScannedLine[] = [];

  constructor(walked: WalkedLog, extents: readonly Extent[], tally: Tally, start: LogPoint | undefined) {
    this.#walked = walked;
    this.#extents = extents;
    this.#tally = tally;
    this.#isConnected = start !== undefined;
    this.#last = { ...(start ?? { ...LOG_START, offset: walked.segments[0]?.base ?? 0 }), ends: true };
    const { witness } = walked;
    const isBeginning = walked.start === undefined || start === undefined || isSamePoint(walked.start, start);
    if (!isBeginning) tally.fault({ file: "start.json", message: "is not about the first segment there is" });
    this.#check = start === undefined || witness === undefined ? undefined : new WitnessCheck(witness, start);
    tally.pass(this.#last);
  }

  get address(): number {
    return this.#last.offset;
  }

  /** True for a whole line that proves that bad bytes here had been durable once. */
  isLater(line: Line): boolean {
    const badGroup = this.#last.ends ? this.#last.group + 1 : this.#last.group;
    return !this.#isConnected || line.group > badGroup || isHeader(line);
  }

  take(line: Line): void {
    const { offset } = this.#last;
    const isFirst = isHeader(line);
    const entry = isFirst ? undefined : decodeBody(line.position, line.body);
    const reason = (this.#isConnected ? breach(this.#last, line) : undefined) ?? this.#misfit(line, isFirst, entry !== undefined);
    if (reason !== undefined) this.#tally.fault({ ...this.#placeOf(offset), position: line.position, message: reason });
    if (entry !== undefined) this.#group.push({ offset, entry });
    const { position, group, chain, ends } = line;
    this.#last = { offset: offset + line.bytes, position, group, chain, ends };
    this.#isConnected = true;
    if (!ends) return;
    this.#tally.take(this.#group, (address) => this.#placeOf(address));
    this.#tally.pass(this.#last);
    this.#check?.pass(this.#last);
    this.#compareIndex();
    this.#group = [];
  }

  skipTo(address: number): void {
    const { offset, position } = this.#last;
    this.#tally.fault({ ...this.#placeOf(offset), message: `${address - offset} bytes behind commit ${position} are no whole line` });
    this.#tally.forgetVersions();
    this.#last = { ...this.#last, offset: address };
    this.#isConnected = false;
    this.#group = [];
  }

  finish(): void {
    const { end } = this.#tally;
    const last = this.#extents.at(-1);
    const size = last === undefined ? 0 : last.segment.base + last.bytes;
    const first = this.#extents[0]?.segment.base ?? 0;
    this.#tally.bytes = end.offset - first + (this.#walked.start?.kept.bytes ?? 0);
    this.#tally.unfinishedBytes = size - end.offset;
    const problem = this.#check?.problem(end);
    if (problem !== undefined) this.#tally.fault({ ...this.#placeOf(end.offset), position: end.position, message: problem });
    if (last !== undefined && end.offset <= last.segment.base)
      this.#tally.fault({ ...this.#placeOf(end.offset), message: "the segment has no whole header" });
  }

  #misfit(line: Line, isFirst: boolean, isCommit: boolean): string | undefined {
    if (isFirst) return misplaced(line, this.#last.offset, this.#walked.ledgerId);
    return isCommit ? undefined : "the line holds no commit";
  }

  #compareIndex(): void {
    const { kept, start } = this.#walked;
    if (kept === undefined || this.#last.offset !== kept.point.offset) return;
    const { position, chain } = kept.point;
    // The index counts facts that were removed since.
    const isCounted = start !== undefined || kept.index.facts === this.#tally.facts;
    const isSame = position === this.#last.position && chain === this.#last.chain && isCounted;
    if (!isSame) this.#tally.fault({ file: "index/tables.json", position, message: "the index is not one of this log" });
  }

  #placeOf(address: number): { readonly file: string; readonly offset: number } {
    const { segment } = extentAt(this.#extents, address);
    return { file: shortName(segment.path), offset: address - segment.base };
  }
}

function isSamePoint(one: LogPoint, other: LogPoint): boolean {
  return one.offset === other.offset && one.position === other.position && one.group === other.group && one.chain === other.chain;
}

async function measure({ disk, segments }: WalkedLog, tally: Tally): Promise<readonly Extent[]> {
  const extents: Extent[] = [];
  for (const [index, segment] of segments.entries()) {
    const size = (await disk.inspect(segment.path))?.bytes ?? 0;
    const next = segments[index + 1];
    const bytes = next === undefined ? size : next.base - segment.base;
    if (size > bytes)
      tally.fault({
        file: shortName(segment.path),
        offset: bytes,
        message: `${size - bytes} bytes behind the end of the segment belong to nothing`,
      });
    extents.push({ segment, bytes });
  }
  return extents;
}

/** The segments as one file; what is missing of one reads as zeros, which are no line. */
function wholeLog(disk: Disk, extents: readonly Extent[]): ReadableFile {
  const end = extents.at(-1);
  return {
    size: async () => (end === undefined ? 0 : end.segment.base + end.bytes),
    read: async (into, address) => {
      const { segment, bytes } = extentAt(extents, address);
      const from = address - segment.base;
      const wanted = into.subarray(0, Math.max(0, Math.min(into.length, bytes - from)));
      if (wanted.length === 0) return 0;
      const file = await disk.open(segment.path, "read");
      try {
        const found = await readUpTo(file, from, wanted.length);
        wanted.fill(0);
        wanted.set(found);
        return wanted.length;
      } finally {
        await file.close();
      }
    },
  };
}

function extentAt(extents: readonly Extent[], address: number): Extent {
  const found = extents.findLast(({ segment }) => segment.base <= address) ?? extents[0];
  if (found === undefined) throw new RangeError("a walk needs a segment");
  return found;
}

/** The point before the first line, as that line tells it; `undefined` when it cannot be read. */
async function beginning(window: ByteWindow, base: number): Promise<LogPoint | undefined> {
  const reading = await lineAt(window, base);
  if (reading.kind !== "line" || !isHeader(reading.line)) return undefined;
  return base === 0 ? LOG_START : pointBefore(reading.line);
}
