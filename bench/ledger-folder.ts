// The files of what lies at a path, whatever the layout.

import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of a file, or of all files of a folder. */
export async function bytesIn(path: string): Promise<number> {
  const files = await filesIn(path);
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The files at a path, those of folders in it included. */
export async function filesIn(path: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Reads all files at a path once, so that the system has them in its cache. */
export async function readThrough(path: string): Promise<void> {
  for (const file of await filesIn(path)) {
    try {
      for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) void chunk;
    } catch (error) {
      // Tables are merged, and the old ones removed, while they are read.
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
  }
}

const CHUNK_BYTES = 1024 * 1024;
