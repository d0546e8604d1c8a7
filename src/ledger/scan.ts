// Reads a log from the start, line by line, and judges its end: clean, torn (an unfinished write, nobody was told) or damaged (somebody was). Changes nothing.
//
// The rule: all lines of a sync group are written before the group is synced, and the next group only after. So bad bytes in group g that are followed by a
// whole line of a later group had been synced once, and perhaps acknowledged: damage. Bad bytes with nothing later behind them are the end of a write.

import { decodeBody, isClosed } from "./body.ts";
import { firstBytes, type ReadableFile } from "./disk.ts";
import { chainOf, type Line, LINE_START, PREFIX_BYTES, readLine, type LineReading } from "./frame.ts";
import { ByteWindow } from "./byte-window.ts";
import type { Entry } from "./ledger.ts";
import { isHeader, misplaced } from "./segment.ts";

/** A place in the log between two sync groups. */
export interface LogPoint {
  readonly offset: number;
  readonly position: number;
  readonly group: number;
  readonly chain: string;
}

/** An entry with its place in the file; large members are still blobs. */
export interface ScannedLine {
  readonly offset: number;
  readonly entry: Entry;
  /** The slot of the key that it is sealed with. */
  readonly slot?: number;
}

/** Takes one whole sync group, or none where a segment begins, and the point after it. What it gives is waited for. */
export type OnGroup = (lines: readonly ScannedLine[], end: LogPoint) => Promise<void> | void;

/** How the log ends; `end` is the point after the last whole group. */
export type ScanEnd =
  | { readonly verdict: "clean" | "torn"; readonly end: LogPoint }
  | {
      readonly verdict: "damaged";
      readonly end: LogPoint;
      readonly offset: number;
      readonly reason: string;
      readonly lastGood: number;
      readonly nextGood?: number;
    };

/** Reads all whole groups after a point. With the id of the ledger, segments of another one are refused. */
export async function scanLog(file: ReadableFile, from: LogPoint, onGroup: OnGroup, ledgerId?: string): Promise<ScanEnd> {
  // A fixed end: with a writer at work, the search for later lines must not see more than the look that found the bad one.
  const window = new ByteWindow(firstBytes(file, await file.size()));
  let end = from;
  let last: Last = { ...from, ends: true };
  let group: ScannedLine[] = [];
  for (;;) {
    const reading = await lineAt(window, last.offset);
    if (reading.kind !== "line") break;
    const { line } = reading;
    const isFirst = isHeader(line);
    const entry = isFirst ? undefined : decodeBody(line.position, line.body);
    const reason =
      breach(last, line) ??
      (isFirst ? misplaced(line, last.offset, ledgerId) : entry === undefined ? "the line holds no commit" : undefined);
    if (reason !== undefined)
      return { verdict: "damaged", end, offset: last.offset, reason, lastGood: last.position, nextGood: line.position };
    if (entry !== undefined) group.push({ offset: last.offset, entry, ...(isClosed(entry) ? { slot: entry.sealed.slot } : {}) });
    last = { offset: last.offset + line.bytes, position: line.position, group: line.group, chain: line.chain, ends: line.ends };
    if (last.ends) {
      end = { offset: last.offset, position: last.position, group: last.group, chain: last.chain };
      const taken = onGroup(group, end);
      if (taken !== undefined) await taken;
      group = [];
    }
  }
  return judge(window, end, last);
}

/** The line at a place in the file. `short` means that the file ends within it. */
export async function lineAt(window: ByteWindow, offset: number): Promise<LineReading> {
  let needsBytes = PREFIX_BYTES;
  for (;;) {
    const bytes = await window.from(offset, needsBytes);
    const reading = readLine(bytes);
    if (reading.kind !== "short" || bytes.length < needsBytes) return reading;
    needsBytes = reading.needsBytes;
  }
}

/** The next whole line at or after an offset that satisfies a condition: how one gets on behind bad bytes. */
export async function findLine(
  window: ByteWindow,
  from: number,
  isWanted: (line: Line) => boolean,
): Promise<{ readonly offset: number; readonly line: Line } | undefined> {
  for (let offset = from; ; ) {
    const bytes = await window.from(offset, LINE_START.length);
    if (bytes.length < LINE_START.length) return undefined;
    const start = bytes.indexOf(LINE_START, 0, "latin1");
    if (start < 0) {
      // The last byte may be the first half of a start.
      offset += bytes.length - 1;
      continue;
    }
    offset += start;
    const reading = await lineAt(window, offset);
    if (reading.kind === "line" && isWanted(reading.line)) return { offset, line: reading.line };
    offset += reading.kind === "line" ? reading.line.bytes : LINE_START.length;
  }
}

/** Why a whole line cannot stand behind another one; `undefined` when it can. */
export function breach(last: Omit<Last, "offset">, line: Line): string | undefined {
  // A header is no commit: it has the position and the group of the line before it, and stands behind a whole group.
  const isFirst = isHeader(line) && last.ends && line.ends;
  if (line.position !== last.position + (isFirst ? 0 : 1)) return `commit ${line.position} follows commit ${last.position}`;
  if (line.group !== (isFirst ? last.group : expectedGroup(last)))
    return `sync group ${line.group} follows ${last.ends ? "the end of" : "the middle of"} group ${last.group}`;
  if (line.chain !== chainOf(last.chain, line.body))
    return `the chain does not lead from commit ${last.position} to commit ${line.position}`;
  return undefined;
}

/** The last good line, inside or at the end of its group. */
interface Last extends LogPoint {
  readonly ends: boolean;
}

function expectedGroup(last: { readonly group: number; readonly ends: boolean }): number {
  return last.ends ? last.group + 1 : last.group;
}

async function judge(window: ByteWindow, end: LogPoint, last: Last): Promise<ScanEnd> {
  const rest = await window.from(last.offset, 1);
  if (rest.length === 0) return { verdict: last.ends ? "clean" : "torn", end };
  const badGroup = expectedGroup(last);
  // A segment begins only when everything before it is durable.
  const later = await findLine(window, last.offset + 1, (line) => line.group > badGroup || (isHeader(line) && line.group === badGroup));
  if (later === undefined) return { verdict: "torn", end };
  return {
    verdict: "damaged",
    end,
    offset: last.offset,
    reason: "the bytes are no whole line, yet a later one follows",
    lastGood: last.position,
    nextGood: later.line.position,
  };
}
