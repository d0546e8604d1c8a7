// A disk in memory of a few megabytes that a test fills and frees. Needs root.

import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../../ledger/temporary-folder.ts";

export const PAGE_BYTES = 4_096;

/** A mounted disk, gone with the test. */
export interface SmallDisk {
  readonly path: string;
  /** Fills the disk so that some pages are left. */
  leavePages(pages: number): void;
  /** Frees what `leavePages` took. */
  free(): void;
}

/** Mounts an empty disk. */
export async function smallDisk(megabytes: number): Promise<SmallDisk> {
  const path = await temporaryFolder();
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}M,mode=0700`, "tmpfs", path]);
  // Lazily, since a process that was just killed may still stand in it.
  onTestFinished(() => void execFileSync("umount", ["--lazy", path]));
  const ballast = join(path, "ballast");
  return {
    path,
    leavePages(pages) {
      const file = openSync(ballast, "a");
      try {
        const bytes = fill(file);
        ftruncateSync(file, Math.max(0, bytes - pages * PAGE_BYTES));
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast, { force: true }),
  };
}

/** Writes until nothing more fits, and gives what was written. */
function fill(file: number): number {
  const page = Buffer.alloc(PAGE_BYTES);
  for (let bytes = 0; ; ) {
    try {
      bytes += writeSync(file, page);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOSPC") return bytes;
      throw error;
    }
  }
}
