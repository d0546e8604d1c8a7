// The log of a ledger that is copied from, group by group and byte for byte, while somebody else may write to it. Takes no lock, makes nothing, repairs nothing.

import { ByteWindow } from "./byte-window.ts";
import { type Disk, firstBytes, type ReadableFile, readUpTo } from "./disk.ts";
import { type LedgerCard, type LedgerFolder, ledgerFolder, readCard, requireSafe, type SegmentName } from "./folder.ts";
import { LogFile } from "./log-file.ts";
import { damaged, damagedFile, missing } from "./refusals.ts";
import { lineAt, type LogPoint, scanLog, type ScannedLine } from "./scan.ts";
import { isHeader, LOG_START, misplaced, pointBefore } from "./segment.ts";
import { readWitness, WitnessCheck } from "./witness.ts";

/** A whole sync group as it stands in the log, or the header of a segment, which has no commits. */
export interface RawGroup {
  readonly start: LogPoint;
  readonly end: LogPoint;
  readonly lines: readonly ScannedLine[];
  readonly bytes: Buffer;
}

/** What is copied from. */
export interface LogSource {
  readonly disk: Disk;
  readonly folder: LedgerFolder;
  readonly card: LedgerCard;
  readonly log: LogFile;
  /** The log as long as it was when it was opened: what is written meanwhile belongs to the next copy. */
  readonly file: ReadableFile;
  readonly size: number;
  readonly witness: LogPoint | undefined;
  close(): Promise<void>;
}

/**
 * Opens a log to be copied.
 * @throws LedgerError `ledger_missing`, `ledger_unsafe`, `ledger_damaged`
 */
export async function openSource(disk: Disk, path: string): Promise<LogSource> {
  const folder = ledgerFolder(path);
  await requireSafe(disk, folder);
  const card = await readCard(disk, folder);
  if (card === undefined) throw missing(path);
  // Before the log: what is witnessed now will be there when the log is read.
  const witness = await readWitness(disk, folder);
  const log = await LogFile.open(disk, folder, "read");
  if (log === undefined) throw damagedFile(folder.segments, "holds no segment");
  try {
    const size = await log.size();
    return { disk, folder, card, log, file: firstBytes(log, size), size, witness, close: () => log.close() };
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** Gives all whole groups behind a point, up to an address; resolves with the point behind the last one. Up to the end of the log, what was durable once must be there. */
export async function readGroups(
  { card, log, file, size, witness }: LogSource,
  start: LogPoint,
  onGroup: (group: RawGroup) => Promise<void> | void,
  limit = size,
): Promise<LogPoint> {
  const check = new WitnessCheck(witness ?? start, start);
  let end = start;
  const take = async (lines: readonly ScannedLine[], next: LogPoint): Promise<void> => {
    const from = end;
    const bytes = await readUpTo(file, from.offset, next.offset - from.offset);
    check.pass(next);
    end = next;
    await onGroup({ start: from, end: next, lines, bytes });
  };
  const bounded = limit < size ? firstBytes(file, limit) : file;
  const first = await scanLog(bounded, start, take, card.id);
  // A writer that recovers replaces a torn tail while we look. Damage is still there at a second look.
  const result = first.verdict === "damaged" ? await scanLog(bounded, end, take, card.id) : first;
  if (result.verdict === "damaged") throw damaged({ ...result, ...log.placeOf(result.offset) });
  // What another segment follows was whole when that one began.
  if (limit < size && end.offset < limit)
    throw damaged({
      ...log.placeOf(end.offset),
      reason: "the bytes are no whole line, yet another segment follows",
      lastGood: end.position,
    });
  if (limit < size) return end;
  const problem = end.offset <= log.last.base ? "the segment has no whole header" : check.problem(end);
  if (problem !== undefined) throw damaged({ ...log.placeOf(end.offset), reason: problem, lastGood: end.position });
  return end;
}

/** The point before a segment, as its header tells it. */
export async function startOfSegment({ card, log, file }: LogSource, { base }: SegmentName): Promise<LogPoint> {
  if (base === 0) return LOG_START;
  const reading = await lineAt(new ByteWindow(file), base);
  const isGood = reading.kind === "line" && isHeader(reading.line) && misplaced(reading.line, base, card.id) === undefined;
  const point = isGood ? pointBefore(reading.line) : undefined;
  if (point === undefined) throw damaged({ ...log.placeOf(base), reason: "the segment has no header that belongs there" });
  return point;
}
