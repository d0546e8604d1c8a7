// Files of recordings on the disk: read as JSON, written whole or not at all.

import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError } from "../../src/index.ts";

/** The path of a file, however it was given. */
export function pathOf(file: URL | string): string {
  return typeof file === "string" ? file : fileURLToPath(file);
}

/** Reads a JSON file. @throws ConfigError `recording_not_found`, `recording_invalid` */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new ConfigError("recording_not_found", `The recording ${path} cannot be read.`, {
      cause,
      fix: "Check the path, or make the recording first: kindling record <run> --out <file>.",
    });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigError("recording_invalid", `${path} is not JSON.`, { cause });
  }
}

/** Writes a file, creating its folder. A reader sees the old file or the new one, never a part of it. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    await using handle = await open(draft, "wx");
    await handle.writeFile(text);
    await handle.sync();
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await rename(draft, path);
}
