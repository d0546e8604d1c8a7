// A disk that can be copied as it is at a moment, as a power cut would leave it: an ext4 image on an XFS that shares blocks between copies. Needs root.

import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, truncateSync, rmSync, closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../../ledger/temporary-folder.ts";

const run = promisify(execFile);

const OUTER_BYTES = 4 * 1024 ** 3;
const INNER_BYTES = 1024 ** 3;

/** A mounted disk, gone with the test. */
export interface CutDisk {
  readonly path: string;
  /** Copies what the device holds now, mounts the copy and lets somebody look at it. What a process has written and not synced may not have reached the device. */
  cut<T>(look: (path: string) => Promise<T>): Promise<T>;
}

/** Makes and mounts an empty disk. */
export async function cutDisk(): Promise<CutDisk> {
  const base = await temporaryFolder();
  const outer = join(base, "outer");
  const inner = join(base, "inner");
  const copied = join(base, "copied");
  for (const folder of [outer, inner, copied]) mkdirSync(folder, { mode: 0o700 });
  makeImage(join(base, "outer.img"), OUTER_BYTES, "mkfs.xfs", ["-q", "-m", "reflink=1"]);
  mount(join(base, "outer.img"), outer);
  const image = join(outer, "disk.img");
  makeImage(image, INNER_BYTES, "mkfs.ext4", ["-q"]);
  mount(image, inner);
  return {
    path: inner,
    async cut(look) {
      const copy = join(outer, "copy.img");
      await run("cp", ["--reflink=always", image, copy]);
      try {
        await run("mount", ["-o", "loop", copy, copied]);
        try {
          return await look(copied);
        } finally {
          await run("umount", [copied]);
        }
      } finally {
        rmSync(copy);
      }
    },
  };
}

function makeImage(path: string, bytes: number, program: string, options: readonly string[]): void {
  closeSync(openSync(path, "wx"));
  // Sparse: only what is written takes room.
  truncateSync(path, bytes);
  execFileSync(program, [...options, path]);
}

function mount(image: string, folder: string): void {
  execFileSync("mount", ["-o", "loop", image, folder]);
  // The last mounted goes first: tests end in the reverse order of these calls.
  onTestFinished(() => void execFileSync("umount", ["--lazy", folder]));
}
