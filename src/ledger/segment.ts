// The first line of a segment: which ledger it belongs to, and where in the log it stands. It is a line like the others, in the chain and under its checksum,
// with the position and sync group of the line before it, since it is no commit.

import { isJsonObject, type JsonObject, parseJson } from "../json.ts";
import type { Disk } from "./disk.ts";
import { replaceFile } from "./disk.ts";
import { segmentName, type LedgerFolder, type SegmentName } from "./folder.ts";
import { chainOf, encodeLine, GENESIS, type Line } from "./frame.ts";
import type { LogPoint } from "./scan.ts";

/** A segment that has grown to this is followed by another one. */
export const SEGMENT_BYTES = 64 * 1024 * 1024;

/** Before the first byte of a log. */
export const LOG_START: LogPoint = { offset: 0, position: 0, group: 0, chain: GENESIS };

/** How the body of a header begins; that of a commit begins otherwise. */
const HEADER_START = '{"segment":';

/** Puts a segment with its header in place behind a point, durably and as a whole, so that a segment without a good header is damage and nothing else. */
export async function createSegment(
  disk: Disk,
  folder: LedgerFolder,
  ledgerId: string,
  after: LogPoint,
): Promise<{ readonly segment: SegmentName; readonly end: LogPoint }> {
  const segment = segmentName(folder, after.position + 1, after.offset);
  const { bytes, end } = encodeHeader(ledgerId, after);
  await replaceFile(disk, segment.path, bytes);
  return { segment, end };
}

/** The header of a segment behind a point of the log, and the point behind it. */
export function encodeHeader(ledgerId: string, after: LogPoint): { readonly bytes: Buffer; readonly end: LogPoint } {
  const { offset, position, group, chain: previous } = after;
  const header: JsonObject = { segment: position + 1, ledger: ledgerId, base: offset, previous };
  const body = JSON.stringify(header);
  const chain = chainOf(previous, body);
  const bytes = encodeLine({ position, group, ends: true, chain }, body);
  return { bytes, end: { offset: offset + bytes.length, position, group, chain } };
}

/** True for a line that begins a segment. */
export function isHeader(line: Line): boolean {
  return line.body.startsWith(HEADER_START);
}

/** The point before a header, as the header itself tells it; `undefined` for one that tells nothing. */
export function pointBefore({ position, group, body }: Line): LogPoint | undefined {
  const header = parseJson(body);
  if (!isJsonObject(header) || typeof header.base !== "number" || typeof header.previous !== "string") return undefined;
  return { offset: header.base, position, group, chain: header.previous };
}

/** Why a header cannot stand at an address of the log; `undefined` when it can. */
export function misplaced({ position, body }: Line, address: number, ledgerId: string | undefined): string | undefined {
  const header = parseJson(body);
  if (!isJsonObject(header) || header.segment !== position + 1 || header.base !== address)
    return "the header of the segment belongs elsewhere";
  return ledgerId === undefined || header.ledger === ledgerId ? undefined : "the segment belongs to another ledger";
}
