// Where a log begins, once compactions have removed its first segments: `start.json`. It is the one place that decides: segments before it count no more, whether they are there or not.

import { readChecked, writeChecked } from "./checked-json.ts";
import type { Disk } from "./disk.ts";
import type { LedgerFolder } from "./folder.ts";
import { damagedFile } from "./refusals.ts";
import type { LogPoint } from "./scan.ts";
import { isJsonObject } from "../json.ts";

/** Where a log begins: the point before the header of its first segment. */
export interface LogStart extends LogPoint {
  /** What is needed of the log before. */
  readonly kept: KeptFile;
}

/** The file of what is kept. */
export interface KeptFile {
  /** Lines of the log in it. */
  readonly lines: number;
  readonly bytes: number;
  /** Of all its bytes, hexadecimal. */
  readonly sha256: string;
}

const FIX = "Restore it from a backup: without it nobody knows what became of the segments before the first one.";

/** Where the log of a folder begins; `undefined` when nothing was ever removed from it. */
export async function readStart(disk: Disk, folder: LedgerFolder): Promise<LogStart | undefined> {
  const start = await readChecked(disk, folder.start, FIX);
  if (start === undefined) return undefined;
  const { base: offset, position, group, chain, kept } = start;
  const isPoint = typeof offset === "number" && typeof position === "number" && typeof group === "number" && typeof chain === "string";
  if (!isPoint || !isJsonObject(kept)) throw damagedFile(folder.start, "does not say where the log begins", FIX);
  const { lines, bytes, sha256 } = kept;
  if (typeof lines !== "number" || typeof bytes !== "number" || typeof sha256 !== "string")
    throw damagedFile(folder.start, "does not say what is kept", FIX);
  return { offset, position, group, chain, kept: { lines, bytes, sha256 } };
}

/** From now on the log begins there. */
export async function writeStart(
  disk: Disk,
  folder: LedgerFolder,
  { offset: base, position, group, chain, kept }: LogStart,
): Promise<void> {
  await writeChecked(disk, folder.start, { base, position, group, chain, kept: { ...kept } });
}
