// Opens the log of a folder with what the index knows of it, so that only what is younger need be read.

import { ByteWindow } from "./byte-window.ts";
import type { Disk } from "./disk.ts";
import type { LedgerFolder, SegmentName } from "./folder.ts";
import type { IndexFolder, IndexPoint, KeptIndex } from "./index-folder.ts";
import { LogFile } from "./log-file.ts";
import { damaged, damagedFile } from "./refusals.ts";
import { lineAt, type LogPoint } from "./scan.ts";
import { isHeader, LOG_START, pointBefore } from "./segment.ts";

/** A log, what is kept of it in tables, and where reading it goes on. */
export interface OpenedLog {
  readonly log: LogFile;
  readonly kept: KeptIndex;
  /** True when there was an index and it could be used. */
  readonly wasKept: boolean;
}

/** Opens the log and its index. An index that does not fit the log is passed over: it can be made again. */
export async function openLog(disk: Disk, folder: LedgerFolder, index: IndexFolder, mode: "read" | "update"): Promise<OpenedLog> {
  const log = await LogFile.open(disk, folder, mode);
  if (log === undefined) throw damagedFile(folder.segments, "holds no segment");
  try {
    return { log, ...(await openIndex(log, index)) };
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** Opens what is kept of a log in tables. */
export async function openIndex(log: LogFile, index: IndexFolder): Promise<Omit<OpenedLog, "log">> {
  const kept = await index.open();
  if (kept !== undefined && (await standsOn(log, kept.point))) return { kept, wasKept: true };
  await kept?.index.tables.close();
  return { kept: { index: index.empty(), point: await startOf(log) }, wasKept: false };
}

/** True when a point of the index is one of this log: its last line is where it was, with the chain that commits to all before it. */
export async function standsOn(log: LogFile, point: IndexPoint): Promise<boolean> {
  const isWithin = point.last >= log.base && point.offset <= (await log.size());
  if (!isWithin) return false;
  const reading = await lineAt(new ByteWindow(log), point.last);
  if (reading.kind !== "line") return false;
  const { chain, position, group, ends, bytes } = reading.line;
  return chain === point.chain && position === point.position && group === point.group && ends && point.last + bytes === point.offset;
}

/** Where the log begins: at its first byte, or at what is left of it. */
async function startOf(log: LogFile): Promise<IndexPoint> {
  return log.base === 0 ? { ...LOG_START, last: 0 } : { ...(await pointBeforeSegment(log, log)), last: log.base };
}

/** The point before a segment, as its header tells it. */
export async function pointBeforeSegment(log: LogFile, { base }: Pick<SegmentName, "base">): Promise<LogPoint> {
  const reading = await lineAt(new ByteWindow(log), base);
  const point = reading.kind === "line" && isHeader(reading.line) ? pointBefore(reading.line) : undefined;
  if (point?.offset !== base) throw damaged({ ...log.placeOf(base), reason: "the segment has no whole header" });
  return point;
}
