// Removes the files of a log that count no more, once its beginning was moved, and those that a compaction left that came to no end.

import { basename, join } from "node:path";
import type { Disk } from "./disk.ts";
import { type LedgerFolder, layoutOf } from "./folder.ts";
import { keptPath } from "./kept-file.ts";
import { leavesBase } from "./leaf-files.ts";
import type { LogStart } from "./log-start.ts";

/** Leaves the segments from the beginning on, what is kept of those before, and the hashes that stand for them. Seals stay for ever. */
export async function clearRemoved(disk: Disk, folder: LedgerFolder, start: LogStart | undefined): Promise<void> {
  const { removed } = await layoutOf(disk, folder);
  for (const { path } of removed) await disk.remove(path);
  await disk.syncFolder(folder.segments);
  for (const name of await disk.list(folder.kept)) if (!isNeeded(folder, name, start)) await disk.remove(join(folder.kept, name));
  await disk.syncFolder(folder.kept);
}

function isNeeded(folder: LedgerFolder, name: string, start: LogStart | undefined): boolean {
  if (start === undefined) return false;
  const base = leavesBase(name);
  return base === undefined ? name === basename(keptPath(folder, start)) : base < start.offset;
}
