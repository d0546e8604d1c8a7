// The first line of a segment: which ledger it belongs to and what stood before it. It is a line like the others, in the place of the commit before its first.

import type { Disk, DiskFile } from "./disk.ts";
import { replaceFile } from "./disk.ts";
import { segmentPath, shortName, type LedgerFolder } from "./folder.ts";
import { ByteWindow } from "./byte-window.ts";
import { chainOf, encodeLine, GENESIS } from "./frame.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { damaged } from "./refusals.ts";
import { lineAt, type LogPoint } from "./scan.ts";

/** Writes the first segment of a ledger as a whole, so that a segment without a good header is damage and nothing else. Gives its path. */
export async function createSegment(disk: Disk, folder: LedgerFolder, ledgerId: string): Promise<string> {
  const path = segmentPath(folder, 1, 1);
  await replaceFile(disk, path, encodeHeader(ledgerId));
  return path;
}

/** The header line of a ledger's first segment: position 0 and group 0, so the first commit is 1 in group 1. */
export function encodeHeader(ledgerId: string): Buffer {
  const header: JsonObject = { segment: 1, ledger: ledgerId, epoch: 1, first: 1, previous: null, chain: GENESIS };
  const body = JSON.stringify(header);
  return encodeLine({ position: 0, group: 0, ends: true, chain: chainOf(GENESIS, body) }, body);
}

/** Checks the header (that it belongs to the ledger, too, when that is known) and gives the point behind it, where the commits begin. */
export async function readHeader(file: DiskFile, path: string, ledgerId: string | undefined): Promise<LogPoint> {
  const reading = await lineAt(new ByteWindow(file), 0);
  if (reading.kind !== "line") throw damaged({ file: shortName(path), offset: 0, reason: "the segment has no whole header", lastGood: 0 });
  const { line } = reading;
  const beginsLog = line.position === 0 && line.group === 0 && line.ends && line.chain === chainOf(GENESIS, line.body);
  const reason = beginsLog ? problemOf(JSON.parse(line.body) as JsonValue, ledgerId) : "the first line does not begin a log";
  if (reason !== undefined) throw damaged({ file: shortName(path), offset: 0, reason, lastGood: 0 });
  return { offset: line.bytes, position: line.position, group: line.group, chain: line.chain };
}

function problemOf(header: JsonValue, ledgerId: string | undefined): string | undefined {
  if (!isJsonObject(header) || header.segment !== 1 || header.first !== 1) return "the header is not that of a first segment";
  return ledgerId === undefined || header.ledger === ledgerId ? undefined : "the segment belongs to another ledger";
}
