// Copies a file of any size from one place of a disk to another: under its name there is the whole of it or what was there before.

import { dirname } from "node:path";
import { type Disk, type DiskFile, readUpTo, writeWhole } from "./disk.ts";

/** Bytes copied at a time. */
const CHUNK_BYTES = 1024 * 1024;

/** Puts a copy in place, durably. */
export async function copyFile(disk: Disk, from: string, to: string): Promise<void> {
  const source = await disk.open(from, "read");
  try {
    const target = await disk.open(`${to}.tmp`, "create");
    try {
      await copyBytes(source, target);
      await target.sync();
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
  await disk.rename(`${to}.tmp`, to);
  await disk.syncFolder(dirname(to));
}

async function copyBytes(source: DiskFile, target: DiskFile): Promise<void> {
  const size = await source.size();
  for (let at = 0; at < size; at += CHUNK_BYTES) await writeWhole(target, await readUpTo(source, at, Math.min(CHUNK_BYTES, size - at)), at);
}
