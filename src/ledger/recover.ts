// What a writer does before it trusts a log: judge it, set a torn tail aside, and make sure that what it read is on the disk and not only in memory.

import { join } from "node:path";
import { decodeBody, isClosed } from "./body.ts";
import { type Disk, readUpTo, writeWhole } from "./disk.ts";
import { type LedgerFolder, shortName } from "./folder.ts";
import type { IndexPoint } from "./index-folder.ts";
import type { KeptLines } from "./kept-lines.ts";
import { LeftLines } from "./left-lines.ts";
import type { LogFile } from "./log-file.ts";
import type { LogView } from "./log-view.ts";
import { damaged } from "./refusals.ts";
import { scanLog, type LogPoint, type ScannedLine } from "./scan.ts";
import { type Witness, WitnessCheck } from "./witness.ts";

/** Bytes copied at a time. */
const COPY_BYTES = 1024 * 1024;

/** A log that is about to be read. */
export interface OpenLog {
  readonly log: LogFile;
  readonly ledgerId: string;
  /** The view that it is read into. */
  readonly view: LogView;
  /** Is called between groups, up to a point that was durable once: whoever keeps the index can do it here. */
  readonly onProgress?: () => Promise<void> | void;
}

/** Reads the log into the view and leaves it ready for appending. Throws `ledger_damaged` and changes nothing when acknowledged facts are lost. */
export async function recover(disk: Disk, folder: LedgerFolder, open: OpenLog, witness: Witness): Promise<LogPoint> {
  const { log } = open;
  const end = await load(open, witness.point);
  if ((await log.size()) > end.offset) await cutTail(disk, folder, log, end.offset);
  const witnessedBytes = Math.max(witness.point?.offset ?? 0, log.base);
  if (end.offset > witnessedBytes) {
    await rewrite(log, witnessedBytes, end.offset);
    // The name of the last segment may be as new as the crash of the process that gave it.
    await disk.syncFolder(folder.segments);
  }
  // Names that the last process gave in the folder may be as new as its crash: the card among them.
  if (witness.point === undefined) await disk.syncFolder(folder.path);
  await witness.reach(end);
  return end;
}

/** Reads all whole groups that the view does not know yet. A torn tail is passed over: for a reader it is "not there yet". The witness must have been read before. */
export async function load(open: OpenLog, witness: LogPoint | undefined): Promise<LogPoint> {
  const { log, ledgerId, view, onProgress } = open;
  const start = view.end;
  if (log.kept !== undefined && view.position === 0) await takeKept(log.kept, open, start);
  const check = new WitnessCheck(witness ?? start, start);
  const left = new LeftLines();
  const result = await scanLog(
    log,
    start,
    async (lines, end) => {
      await view.take(log.kept === undefined ? lines : left.without(lines, (run) => view.version(run)), end);
      check.pass(end);
      if (end.offset <= (witness?.offset ?? 0)) await onProgress?.();
    },
    ledgerId,
  );
  if (result.verdict === "damaged") throw damaged({ ...result, ...log.placeOf(result.offset) });
  const { end } = result;
  const { lost } = left;
  if (lost !== undefined) {
    const { run, first } = lost.entry;
    throw damaged({ ...log.placeOf(lost.offset), reason: `what ${run} said before fact ${first} was neither kept nor replaced` });
  }
  const problem = end.offset <= log.last.base ? "the segment has no whole header" : check.problem(end);
  if (problem !== undefined) throw damaged({ ...log.placeOf(end.offset), reason: problem, lastGood: end.position });
  return end;
}

/** Lines read before they are taken in. */
const KEPT_BATCH = 256;

/** Takes in what is kept of the log before it begins. */
async function takeKept(kept: KeptLines, { ledgerId, view, onProgress }: Omit<OpenLog, "log">, start: IndexPoint): Promise<void> {
  let lines: ScannedLine[] = [];
  let end: LogPoint = start;
  for await (const { address, line } of kept.lines(ledgerId)) {
    const { position, group, chain, body, bytes } = line;
    const entry = decodeBody(position, body);
    if (entry === undefined) throw damaged({ file: shortName(kept.path), offset: address, reason: "the line holds no commit" });
    lines.push({ offset: address, entry, ...(isClosed(entry) ? { slot: entry.sealed.slot } : {}) });
    end = { offset: address + bytes, position, group, chain };
    if (lines.length < KEPT_BATCH) continue;
    await view.take(lines, end);
    lines = [];
    // Tables that end here stand on no line of the log: after a crash all of this begins anew.
    await onProgress?.();
  }
  await view.take(lines, end);
  view.goTo(start);
}

/** Moves the bytes after `from` into the quarantine: nobody was told of them, but a person may want to see them. */
async function cutTail(disk: Disk, folder: LedgerFolder, log: LogFile, from: number): Promise<void> {
  const number = (await disk.list(folder.quarantine)).length + 1;
  const tail = await disk.open(join(folder.quarantine, `${String(number).padStart(6, "0")}-from-byte-${from}.torn`), "create");
  try {
    const size = await log.size();
    for (let done = from; done < size; ) {
      const bytes = await readUpTo(log, done, Math.min(COPY_BYTES, size - done));
      await writeWhole(tail, bytes, done - from);
      done += bytes.length;
    }
    await tail.sync();
  } finally {
    await tail.close();
  }
  await disk.syncFolder(folder.quarantine);
  await log.truncate(from);
}

/**
 * Writes bytes over themselves and syncs. After a failed sync the kernel calls the pages clean although they never reached the disk, and shows them to whoever
 * reads next: appending behind them, and acknowledging, would leave a hole under acknowledged facts at the next power cut.
 */
async function rewrite(log: LogFile, from: number, to: number): Promise<void> {
  for (let done = from; done < to; ) {
    const bytes = await readUpTo(log, done, Math.min(COPY_BYTES, to - done));
    await writeWhole(log, bytes, done);
    done += bytes.length;
  }
  await log.syncContent();
}
