// What a writer does before it trusts a log: judge it, set a torn tail aside, and make sure that what it read is on the disk and not only in memory.

import { join } from "node:path";
import { type Disk, type DiskFile, readUpTo, writeWhole } from "./disk.ts";
import { type LedgerFolder, shortName } from "./folder.ts";
import type { LogView } from "./log-view.ts";
import { damaged } from "./refusals.ts";
import { scanLog, type LogPoint } from "./scan.ts";
import { readWitness, WitnessCheck, writeWitness } from "./witness.ts";

/** Bytes copied at a time. */
const COPY_BYTES = 1024 * 1024;

/** The segment that is being recovered. */
export interface OpenSegment {
  readonly file: DiskFile;
  readonly path: string;
  /** The point behind its header. */
  readonly start: LogPoint;
}

/** Reads the log into the view and leaves it ready for appending. Throws `ledger_damaged` and changes nothing when acknowledged facts are lost. */
export async function recover(disk: Disk, folder: LedgerFolder, segment: OpenSegment, view: LogView): Promise<LogPoint> {
  const witness = await readWitness(disk, folder);
  const end = await load(segment, view, witness);
  if ((await segment.file.size()) > end.offset) await cutTail(disk, folder, segment, end.offset);
  const witnessedBytes = witness?.offset ?? segment.start.offset;
  if (end.offset > witnessedBytes) {
    await rewrite(segment.file, witnessedBytes, end.offset);
    await writeWitness(disk, folder, end);
  }
  return end;
}

/** Reads all whole groups into the view. A torn tail is passed over: for a reader it is "not there yet". The witness must have been read before. */
export async function load({ file, path, start }: OpenSegment, view: LogView, witness: LogPoint | undefined): Promise<LogPoint> {
  const check = new WitnessCheck(witness ?? start, start);
  const result = await scanLog(file, start, (lines, end) => {
    view.add(lines, end);
    check.pass(end);
  });
  if (result.verdict === "damaged") throw damaged({ ...result, file: shortName(path) });
  const problem = check.problem(result.end);
  if (problem !== undefined)
    throw damaged({ file: shortName(path), offset: result.end.offset, reason: problem, lastGood: result.end.position });
  return result.end;
}

/** Moves the bytes after `from` into the quarantine: nobody was told of them, but a person may want to see them. */
async function cutTail(disk: Disk, folder: LedgerFolder, { file }: OpenSegment, from: number): Promise<void> {
  const number = (await disk.list(folder.quarantine)).length + 1;
  const tail = await disk.open(join(folder.quarantine, `${String(number).padStart(6, "0")}-from-byte-${from}.torn`), "create");
  try {
    const size = await file.size();
    for (let done = from; done < size; ) {
      const bytes = await readUpTo(file, done, Math.min(COPY_BYTES, size - done));
      await writeWhole(tail, bytes, done - from);
      done += bytes.length;
    }
    await tail.sync();
  } finally {
    await tail.close();
  }
  await disk.syncFolder(folder.quarantine);
  await file.truncate(from);
  await file.sync();
}

/**
 * Writes bytes over themselves and syncs. After a failed sync the kernel calls the pages clean although they never reached the disk, and shows them to whoever
 * reads next: appending behind them, and acknowledging, would leave a hole under acknowledged facts at the next power cut.
 */
async function rewrite(file: DiskFile, from: number, to: number): Promise<void> {
  for (let done = from; done < to; ) {
    const bytes = await readUpTo(file, done, Math.min(COPY_BYTES, to - done));
    await writeWhole(file, bytes, done);
    done += bytes.length;
  }
  await file.syncContent();
}
