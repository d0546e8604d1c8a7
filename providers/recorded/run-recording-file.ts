// The file of a recorded run: readable, stable, and checked when it is read. Paths are sorted, and a conversation shows in each call only the messages that
// came since the one before.

import { ConfigError, hashJson, isJsonObject, type JsonObject, type JsonValue } from "../../src/index.ts";
import { jsonText } from "./json-text.ts";
import { fromReadable, type TextTable, toReadable } from "./readable-json.ts";
import { RUN_FORMAT, runFile } from "./recording-schema.ts";
import type { RunRecording } from "./run-recording.ts";
import { pathOf, readJsonFile, writeWhole } from "./whole-file.ts";

/** Reads a recorded run. @throws ConfigError `recording_not_found`, `recording_invalid` with every place that is wrong */
export async function readRunRecording(file: URL | string): Promise<RunRecording> {
  const path = pathOf(file);
  return runRecordingIn(await readJsonFile(path), path);
}

/** Writes a recorded run, creating its folder. A reader sees the old file or the new one, never a part of it. */
export async function writeRunRecording(file: URL | string, recording: RunRecording): Promise<void> {
  await writeWhole(pathOf(file), runRecordingText(recording));
}

/** True for what says that it is a recorded run. */
export function isRunRecording(content: unknown): boolean {
  return typeof content === "object" && content !== null && "format" in content && content.format === RUN_FORMAT;
}

/** The recording in a file's content. */
export function runRecordingIn(content: unknown, path: string): RunRecording {
  const checked = runFile.safeParse(content);
  if (!checked.success) {
    const issues = checked.error.issues
      .slice(0, ISSUES_SHOWN)
      .map((issue) => `  ${issue.path.join(".") || "(whole file)"}: ${issue.message}`);
    throw new ConfigError("recording_invalid", `${path} is no recorded run:\n${issues.join("\n")}`, {
      fix: "Take the file from version control again, or record the run anew: kindling record <run> --out <file>.",
    });
  }
  const { format: _format, version: _version, texts = {}, startedAt, nodes, ...rest } = checked.data;
  const whole = Object.fromEntries(Object.entries(nodes).map(([name, { calls, ...node }]) => [name, callsOf(node, calls, texts)]));
  // The schema has checked the frame; requests, replies and values are whatever JSON was recorded, and are looked at by whoever takes them.
  const plain = { ...readable(rest, texts), startedAt: Date.parse(startedAt), nodes: whole };
  return plain as unknown as RunRecording;
}

const ISSUES_SHOWN = 10;

function readable(value: unknown, texts: TextTable): JsonObject {
  const json = fromReadable(plainOf(value), texts);
  return isJsonObject(json) ? json : {};
}

/** Puts whole requests in place of what came since the call before. */
function callsOf(node: object, calls: readonly object[] | undefined, texts: TextTable): JsonObject {
  const rest = readable(node, texts);
  if (calls === undefined) return rest;
  let request: JsonValue | undefined;
  const whole = calls.map((call) => {
    const { more, ...known } = readable(call, texts);
    if (Array.isArray(more) && isJsonObject(request) && Array.isArray(request["messages"]))
      request = { ...request, messages: [...(request["messages"] as readonly JsonValue[]), ...(more as readonly JsonValue[])] };
    else request = known["request"];
    return request === undefined ? known : { ...known, request };
  });
  return { calls: whole, ...rest };
}

/** The text of the file. */
export function runRecordingText(recording: RunRecording): string {
  const texts: Record<string, readonly string[]> = {};
  const { nodes, outcome, startedAt, contract, run, starter, model, ...rest } = recording;
  const paths = Object.keys(nodes).sort();
  const content = {
    format: RUN_FORMAT,
    version: 1,
    contract,
    run,
    startedAt: new Date(startedAt).toISOString(),
    ...readableOf({ starter, model, ...rest }, texts),
    nodes: Object.fromEntries(paths.map((path) => [path, nodeOf(nodes[path] ?? {}, texts)])),
    outcome: readableOf(outcome, texts),
  };
  const table = Object.keys(texts).sort();
  const all = table.length === 0 ? content : { ...content, texts: Object.fromEntries(table.map((hash) => [hash, texts[hash]])) };
  return jsonText(plainOf(all));
}

function readableOf(value: unknown, texts: Record<string, readonly string[]>): JsonObject {
  const json = toReadable(plainOf(value), texts);
  return isJsonObject(json) ? json : {};
}

function nodeOf({ calls, ...node }: RunRecording["nodes"][string], texts: Record<string, readonly string[]>): JsonObject {
  const rest = readableOf(node, texts);
  if (calls === undefined) return rest;
  let before: JsonValue | undefined;
  const shorter = calls.map((call) => {
    const { request, ...known } = membersOf(plainOf(call));
    const more = moreThan(before, request);
    before = request;
    const asked = more !== undefined ? { more } : request === undefined ? {} : { request };
    const { reply, ...head } = known;
    return readableOf({ ...head, ...asked, ...(reply === undefined ? {} : { reply: inOrder(membersOf(reply)) }) }, texts);
  });
  return { calls: shorter, ...rest };
}

/** What was said stands first, whoever made the reply. */
function inOrder({ content = null, stop = null, usage = null, ...rest }: JsonObject): JsonObject {
  return { content, stop, ...rest, usage };
}

/** The messages of a request behind those of the one before, where nothing else is different. */
function moreThan(before: JsonValue | undefined, request: JsonValue | undefined): readonly JsonValue[] | undefined {
  if (!isJsonObject(before) || !isJsonObject(request)) return undefined;
  const { messages: known, ...settings } = before;
  const { messages, ...others } = request;
  if (!Array.isArray(known) || !Array.isArray(messages) || hashJson(settings) !== hashJson(others)) return undefined;
  const [first, all]: readonly (readonly JsonValue[])[] = [known, messages];
  if (first === undefined || all === undefined || all.length <= first.length) return undefined;
  return hashJson(all.slice(0, first.length)) === hashJson(first) ? all.slice(first.length) : undefined;
}

/** What is undefined is left out, as everywhere in recorded values. All of it was recorded, so it is JSON, however deep it lies in here. */
function plainOf(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}

function membersOf(value: JsonValue): JsonObject {
  return isJsonObject(value) ? value : {};
}
