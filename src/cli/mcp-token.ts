// The bearer token of `kindling mcp --http`: from the environment, or from a file only its owner can read, made at random when there is none. The token
// itself is told to nobody.

import { randomBytes } from "node:crypto";
import { existsSync, type Stats } from "node:fs";
import { constants, link, mkdir, open, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ConfigError } from "../index.ts";
import { shellWord } from "./view/text.ts";

/** The variable of the environment that holds the token. */
export const TOKEN_VARIABLE = "KINDLING_MCP_TOKEN";

/** A token, and where it stands: for the operator, who has to give it to clients. */
export interface McpToken {
  readonly token: string;
  readonly place: { readonly variable: string } | { readonly file: string; readonly isNew: boolean };
}

/** Where a token may come from. */
export interface TokenSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A file that was named; it comes before the environment. */
  readonly file: string | undefined;
  /** The file of the project, for when nothing else is said. */
  readonly ownFile: string;
}

const BYTES = 32;
const LIMIT_BYTES = 4_096;
const SHORTEST = 16;
/** What a header can carry, without spaces. */
const TOKEN = /^[\u0021-\u007e]+$/;

/** The token file of a project. */
export function tokenFileOf(folder: string): string {
  return join(folder, ".kindling", "mcp-token");
}

/** Reads the token, or makes one. @throws ConfigError `bad_token`, `token_exposed`, `token_unreadable` */
export async function mcpToken({ env, file, ownFile }: TokenSource): Promise<McpToken> {
  const given = env[TOKEN_VARIABLE];
  if (file === undefined && given !== undefined)
    return { token: checked(given, `the variable ${TOKEN_VARIABLE}`), place: { variable: TOKEN_VARIABLE } };
  const path = file ?? ownFile;
  const isNew = await makeToken(path);
  return { token: checked((await readPrivate(path)).trim(), `the file ${path}`), place: { file: path, isNew } };
}

function checked(token: string, place: string): string {
  if (token.length >= SHORTEST && TOKEN.test(token)) return token;
  const why =
    token.length < SHORTEST ? `has ${token.length} characters, and needs ${SHORTEST}` : "holds a space or a character no header can carry";
  throw new ConfigError("bad_token", `the token in ${place} ${why}`, {
    fix: "Use a long random text, such as what `openssl rand -hex 32` prints; or remove it, and a token file is made.",
  });
}

/** True when a token was written, false when there is a file already. Written whole under another name first: nobody reads half of it. */
async function makeToken(path: string): Promise<boolean> {
  if (existsSync(path)) return false;
  const begun = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(begun, `${randomBytes(BYTES).toString("base64url")}\n`, { flag: "wx", mode: 0o600 });
  } catch (cause) {
    throw unreadable(path, `it cannot be made (${codeOf(cause)})`, cause);
  }
  try {
    await link(begun, path);
    return true;
  } catch (cause) {
    // Another server made it in the meantime.
    if (codeOf(cause) === "EEXIST") return false;
    throw unreadable(path, `it cannot be made (${codeOf(cause)})`, cause);
  } finally {
    await rm(begun, { force: true });
  }
}

async function readPrivate(path: string): Promise<string> {
  const file = await openToRead(path).catch((cause: unknown) => {
    throw unreadable(path, `it cannot be read (${codeOf(cause)})`, cause);
  });
  try {
    // Asked of the open file, so that it cannot be another one by the time it is read.
    requirePrivate(path, await file.stat());
    const { bytesRead, buffer } = await file.read(Buffer.alloc(LIMIT_BYTES + 1), 0, LIMIT_BYTES + 1, 0);
    if (bytesRead > LIMIT_BYTES) throw unreadable(path, `it has more than ${LIMIT_BYTES} bytes`);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

function openToRead(path: string) {
  // Without waiting: a pipe nobody writes to would hold everything up.
  return open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
}

function requirePrivate(path: string, found: Stats): void {
  if (!found.isFile()) throw unreadable(path, "it is no file");
  const user = process.getuid?.();
  // Windows has no such rights to look at.
  if (user === undefined) return;
  if (found.uid !== user)
    throw new ConfigError("token_exposed", `the token file ${path} belongs to another user`, {
      fix: "Use a file of your own, or run as its owner.",
    });
  if ((found.mode & 0o077) !== 0)
    throw new ConfigError("token_exposed", `the token file ${path} can be read or written by other users`, {
      fix: `Others may know the token: remove the file, and a new one is made; or run: chmod 600 ${shellWord(path)}`,
    });
}

function unreadable(path: string, why: string, cause?: unknown): ConfigError {
  return new ConfigError("token_unreadable", `the token file ${path} is of no use: ${why}`, {
    fix: `Name another one with --token-file, or put the token into ${TOKEN_VARIABLE}.`,
    ...(cause === undefined ? {} : { cause }),
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "an unknown error";
}
