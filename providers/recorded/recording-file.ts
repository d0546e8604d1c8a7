// The file of a recording: read and checked, written whole or not at all. Knows nothing of replaying.

import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError, type ModelReply, type ModelRequest } from "../../src/index.ts";

/** One recorded call. */
export interface Exchange {
  /** SHA-256 of the request's canonical JSON. */
  readonly hash: string;
  readonly request: ModelRequest;
  readonly reply: ModelReply;
}

/** What the file holds. */
export interface Recording {
  readonly version: 1;
  readonly exchanges: readonly Exchange[];
}

/** Reads a recording. @throws ConfigError `recording_not_found` or `recording_invalid` */
export async function readRecording(file: URL | string): Promise<Recording> {
  const path = pathOf(file);
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new ConfigError("recording_not_found", `The recording ${path} cannot be read.`, {
      cause,
      fix: "Check the path, or make the recording first.",
    });
  });
  const content = parse(text, path);
  if (isRecording(content)) return content;
  throw new ConfigError(
    "recording_invalid",
    `${path} is not a recording of version 1: expected { "version": 1, "exchanges": [{ hash, request, reply }] }.`,
  );
}

/** Writes a recording, creating its folder. A reader sees the old file or the new one, never a part of it. */
export async function writeRecording(file: URL | string, exchanges: readonly Exchange[]): Promise<void> {
  const path = pathOf(file);
  const content: Recording = { version: 1, exchanges };
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    await using handle = await open(draft, "wx");
    await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`);
    await handle.sync();
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await rename(draft, path);
}

function pathOf(file: URL | string): string {
  return typeof file === "string" ? file : fileURLToPath(file);
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigError("recording_invalid", `${path} is not JSON.`, { cause });
  }
}

/** Checks the frame; a request or reply that was spoilt by hand shows when it is used. */
function isRecording(content: unknown): content is Recording {
  return isRecord(content) && content["version"] === 1 && Array.isArray(content["exchanges"]) && content["exchanges"].every(isExchange);
}

function isExchange(value: unknown): boolean {
  if (!isRecord(value) || !isRecord(value["request"]) || !isRecord(value["reply"])) return false;
  return (
    Array.isArray(value["request"]["messages"]) &&
    Array.isArray(value["reply"]["content"]) &&
    isRecord(value["reply"]["stop"]) &&
    isRecord(value["reply"]["usage"])
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
