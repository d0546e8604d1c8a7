// A secret text in a file that only its owner can read: made at random when there is none, and refused when others could have read it. Knows not what it is for.

import { randomBytes } from "node:crypto";
import { existsSync, type Stats } from "node:fs";
import { constants, link, mkdir, open, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { ConfigError } from "../index.ts";
import { shellWord } from "./view/text.ts";

/** What the file is called in errors. */
export interface PrivateFile {
  readonly noun: "token" | "key";
  /** What to do when the file is of no use. */
  readonly otherwise: string;
}

const BYTES = 32;
const LIMIT_BYTES = 4_096;

/** The text in the file, without space around it; `isNew` when it was made for that. @throws ConfigError `token_exposed`, `key_exposed`, `token_unreadable`, `key_unreadable` */
export async function privateText(path: string, file: PrivateFile): Promise<{ readonly text: string; readonly isNew: boolean }> {
  const isNew = await make(path, file);
  return { text: (await read(path, file)).trim(), isNew };
}

/** True when it was written, false when there is a file already. Written whole under another name first: nobody reads half of it. */
async function make(path: string, file: PrivateFile): Promise<boolean> {
  if (existsSync(path)) return false;
  const begun = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(begun, `${randomBytes(BYTES).toString("base64url")}\n`, { flag: "wx", mode: 0o600 });
  } catch (cause) {
    throw unreadable(path, file, `it cannot be made (${codeOf(cause)})`, cause);
  }
  try {
    await link(begun, path);
    return true;
  } catch (cause) {
    // Another server made it in the meantime.
    if (codeOf(cause) === "EEXIST") return false;
    throw unreadable(path, file, `it cannot be made (${codeOf(cause)})`, cause);
  } finally {
    await rm(begun, { force: true });
  }
}

async function read(path: string, file: PrivateFile): Promise<string> {
  const opened = await openToRead(path).catch((cause: unknown) => {
    throw unreadable(path, file, `it cannot be read (${codeOf(cause)})`, cause);
  });
  try {
    // Asked of the open file, so that it cannot be another one by the time it is read.
    requirePrivate(path, file, await opened.stat());
    const { bytesRead, buffer } = await opened.read(Buffer.alloc(LIMIT_BYTES + 1), 0, LIMIT_BYTES + 1, 0);
    if (bytesRead > LIMIT_BYTES) throw unreadable(path, file, `it has more than ${LIMIT_BYTES} bytes`);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await opened.close();
  }
}

function openToRead(path: string) {
  // Without waiting: a pipe nobody writes to would hold everything up.
  return open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
}

function requirePrivate(path: string, file: PrivateFile, found: Stats): void {
  if (!found.isFile()) throw unreadable(path, file, "it is no file");
  const user = process.getuid?.();
  // Windows has no such rights to look at.
  if (user === undefined) return;
  if (found.uid !== user)
    throw new ConfigError(`${file.noun}_exposed`, `the ${file.noun} file ${path} belongs to another user`, {
      fix: "Use a file of your own, or run as its owner.",
    });
  if ((found.mode & 0o077) !== 0)
    throw new ConfigError(`${file.noun}_exposed`, `the ${file.noun} file ${path} can be read or written by other users`, {
      fix: `Others may know the ${file.noun}: remove the file, and a new one is made; or run: chmod 600 ${shellWord(path)}`,
    });
}

function unreadable(path: string, { noun, otherwise }: PrivateFile, why: string, cause?: unknown): ConfigError {
  return new ConfigError(`${noun}_unreadable`, `the ${noun} file ${path} is of no use: ${why}`, {
    fix: otherwise,
    ...(cause === undefined ? {} : { cause }),
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "an unknown error";
}
