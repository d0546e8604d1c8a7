// JSON that people read and compare: a text of several lines stands as a list of them, and a long one stands once, by its hash, at the end of the file.
// Knows nothing of what the values mean.

import { ConfigError, hashJson, isJsonObject, type JsonObject, type JsonValue } from "../../src/index.ts";

/** `{ "$lines": ["first", "second"] }`: a text of several lines. */
const LINES = "$lines";
/** `{ "$text": "<hash>" }`: a long text that stands in the table. */
const TEXT = "$text";
/** `{ "$object": { … } }`: an object that happens to look like one of these. */
const OBJECT = "$object";

/** Longer texts go into the table. */
const LONG_CHARACTERS = 4_000;

/** Long texts by their hashes, as lines. */
export type TextTable = Readonly<Record<string, readonly string[]>>;

/** A value in readable form; long texts are put into `texts`. */
export function toReadable(value: JsonValue, texts: Record<string, readonly string[]>): JsonValue {
  if (typeof value === "string") {
    if (value.length > LONG_CHARACTERS) {
      const hash = hashJson(value);
      texts[hash] = value.split("\n");
      return { [TEXT]: hash };
    }
    return value.includes("\n") ? { [LINES]: value.split("\n") } : value;
  }
  if (Array.isArray(value)) {
    const list: readonly JsonValue[] = value;
    return list.map((member) => toReadable(member, texts));
  }
  if (!isJsonObject(value)) return value;
  const readable = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toReadable(member, texts)]));
  return markOf(value) === undefined ? readable : { [OBJECT]: readable };
}

/** The value behind a readable form. @throws ConfigError `recording_invalid` where a long text is missing */
export function fromReadable(value: JsonValue, texts: TextTable): JsonValue {
  if (Array.isArray(value)) {
    const list: readonly JsonValue[] = value;
    return list.map((member) => fromReadable(member, texts));
  }
  if (!isJsonObject(value)) return value;
  switch (markOf(value)) {
    case LINES:
      return joined(value[LINES]);
    case TEXT:
      return textOf(value[TEXT], texts);
    case OBJECT:
      return membersOf(isJsonObject(value[OBJECT]) ? value[OBJECT] : {}, texts);
    case undefined:
      return membersOf(value, texts);
  }
}

function membersOf(value: JsonObject, texts: TextTable): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, fromReadable(member, texts)]));
}

function markOf(value: JsonObject): typeof LINES | typeof TEXT | typeof OBJECT | undefined {
  const names = Object.keys(value);
  return names.length === 1 ? [LINES, TEXT, OBJECT].find((mark): mark is typeof LINES => mark === names[0]) : undefined;
}

function joined(lines: JsonValue | undefined): string {
  if (Array.isArray(lines) && lines.every((line: unknown) => typeof line === "string")) return lines.join("\n");
  throw new ConfigError("recording_invalid", `${LINES} is ${JSON.stringify(lines)?.slice(0, 80)}, and must be a list of texts`);
}

function textOf(hash: JsonValue | undefined, texts: TextTable): string {
  const lines = typeof hash === "string" && Object.hasOwn(texts, hash) ? texts[hash] : undefined;
  if (lines !== undefined) return lines.join("\n");
  throw new ConfigError("recording_invalid", `the text ${JSON.stringify(hash)} is not among the texts of the recording`, {
    fix: "Take the file from version control again, or record the run anew.",
  });
}
