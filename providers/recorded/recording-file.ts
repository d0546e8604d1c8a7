// Files that `recorded` replays: a list of exchanges, or a recorded run, of which it takes the exchanges. Knows nothing of replaying.

import { ConfigError, hashJson, type ModelReply, type ModelRequest, toJson } from "../../src/index.ts";
import { isRunRecording, runRecordingIn } from "./run-recording-file.ts";
import { pathOf, readJsonFile, writeWhole } from "./whole-file.ts";

/** One recorded call. */
export interface Exchange {
  /** SHA-256 of the request's canonical JSON. */
  readonly hash: string;
  readonly request: ModelRequest;
  readonly reply: ModelReply;
}

/** What a file of exchanges holds. */
export interface Recording {
  readonly version: 1;
  readonly exchanges: readonly Exchange[];
}

/** Reads the exchanges of a recording. @throws ConfigError `recording_not_found` or `recording_invalid` */
export async function readRecording(file: URL | string): Promise<Recording> {
  const path = pathOf(file);
  const content = await readJsonFile(path);
  if (isRunRecording(content)) return { version: 1, exchanges: exchangesIn(content, path) };
  if (isRecording(content)) return content;
  throw new ConfigError(
    "recording_invalid",
    `${path} is not a recording of version 1: expected { "version": 1, "exchanges": [{ hash, request, reply }] }, or a run recorded by kindling record.`,
  );
}

/** Writes a recording, creating its folder. A reader sees the old file or the new one, never a part of it. */
export async function writeRecording(file: URL | string, exchanges: readonly Exchange[]): Promise<void> {
  const content: Recording = { version: 1, exchanges };
  await writeWhole(pathOf(file), `${JSON.stringify(content, null, 2)}\n`);
}

/** Those with an answer, in the order they were asked. */
function exchangesIn(content: unknown, path: string): readonly Exchange[] {
  const calls = Object.values(runRecordingIn(content, path).nodes).flatMap((node) => node.calls ?? []);
  return calls
    .toSorted((a, b) => a.afterMs - b.afterMs)
    .flatMap(({ request, reply }) => {
      if (request === undefined || reply === undefined) return [];
      const json = toJson(request);
      return [{ hash: json.ok ? hashJson(json.value) : "", request, reply }];
    });
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
