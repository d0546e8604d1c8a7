// Values from the command line: `key=value` pairs, a JSON object, a file. Everything that is wrong is gathered, so that it can be told at once.

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Issue, JsonObject, JsonValue } from "../index.ts";
import { fieldsOf, isObject, takesAsText } from "./json-schema.ts";
import type { Shell } from "./shell.ts";
import { oneLine } from "./view/text.ts";

/** What was given, by the options it was given with. */
export interface Given {
  /** `key=value` each. */
  readonly pairs: readonly string[];
  /** A JSON document, or `-` for stdin. */
  readonly json?: string | undefined;
  /** A file with one, or `-` for stdin. */
  readonly file?: string | undefined;
}

/** How the options are called, for messages. */
export interface OptionNames {
  readonly pair: string;
  readonly json: string;
  readonly file?: string;
}

/** The values, or everything that is wrong with how they were given. */
export type Gathered<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly issues: readonly Issue[] };

/** Puts all of it together: the file, over it the JSON, over that the pairs. A key given twice in the same way is refused. */
export async function gatherObject(given: Given, names: OptionNames, schema: JsonObject, shell: Shell): Promise<Gathered<JsonObject>> {
  const issues: Issue[] = [];
  const documents: JsonObject[] = [];
  for (const [option, read] of sourcesOf(given, names, shell)) {
    const result = await read();
    if (!result.ok) issues.push(...result.issues);
    else if (isObject(result.value)) documents.push(result.value);
    else issues.push({ at: option, message: `is ${describe(result.value)}, not a JSON object` });
  }
  const pairs = readPairs(given.pairs, names.pair, schema);
  if (!pairs.ok) issues.push(...pairs.issues);
  if (issues.length > 0 || !pairs.ok) return { ok: false, issues };
  const value: JsonObject = [...documents, pairs.value].reduce((all, document) => ({ ...all, ...document }), {});
  return { ok: true, value };
}

/** A JSON document as it was given, whatever it is; undefined when none was. */
export async function gatherValue(json: string | undefined, option: string, shell: Shell): Promise<Gathered<JsonValue | undefined>> {
  if (json === undefined) return { ok: true, value: undefined };
  return json === "-" ? parseBytes(await readAll(shell), option) : parse(json, option);
}

/** Reads `key=value` pairs. A value is JSON when it parses, else text; for a field that takes only text, numbers and the like stay text. */
export function readPairs(pairs: readonly string[], option: string, schema: JsonObject): Gathered<JsonObject> {
  const issues: Issue[] = [];
  const values = new Map<string, JsonValue>();
  const fields = new Map(fieldsOf(schema).map((field) => [field.name, field.schema]));
  for (const pair of pairs) {
    const split = pair.indexOf("=");
    const name = pair.slice(0, Math.max(0, split)).trim();
    if (name === "") issues.push({ at: `${option} ${oneLine(pair, 40)}`, message: `is no pair; write ${option} name=value` });
    else if (values.has(name)) issues.push({ at: `${option} ${name}`, message: "is given twice" });
    else values.set(name, readText(pair.slice(split + 1), fields.get(name) ?? {}));
  }
  return issues.length > 0 ? { ok: false, issues } : { ok: true, value: Object.fromEntries(values) };
}

function readText(text: string, schema: JsonObject): JsonValue {
  const parsed = tryJson(text);
  if (parsed === undefined || takesAsText(schema, parsed)) return text;
  return parsed;
}

function tryJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    // What is no JSON is text: that is the rule of these options.
    return undefined;
  }
}

function sourcesOf({ json, file }: Given, names: OptionNames, shell: Shell): (readonly [string, () => Promise<Gathered<JsonValue>>])[] {
  const fileOption = names.file ?? names.json;
  return [
    ...(file === undefined ? [] : [[`${fileOption} ${file}`, () => readDocument(file, fileOption, shell)] as const]),
    ...(json === undefined
      ? []
      : [[names.json, async () => (json === "-" ? parseBytes(await readAll(shell), names.json) : parse(json, names.json))] as const]),
  ];
}

async function readDocument(file: string, option: string, shell: Shell): Promise<Gathered<JsonValue>> {
  if (file === "-") return parseBytes(await readAll(shell), `${option} -`);
  try {
    return parseBytes(await readFile(resolve(shell.cwd, file)), `${option} ${file}`);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return {
      ok: false,
      issues: [
        {
          at: `${option} ${file}`,
          message: isMissing ? "does not exist" : `cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        },
      ],
    };
  }
}

function parse(text: string, at: string): Gathered<JsonValue> {
  try {
    return { ok: true, value: JSON.parse(text.replace(/^\uFEFF/, "")) as JsonValue };
  } catch (error) {
    return { ok: false, issues: [{ at, message: `is no JSON: ${error instanceof Error ? oneLine(error.message) : String(error)}` }] };
  }
}

/** Bytes that are no text are refused, since the characters put in their place would be recorded. */
function parseBytes(bytes: Uint8Array, at: string): Gathered<JsonValue> {
  try {
    return parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes), at);
  } catch {
    return { ok: false, issues: [{ at, message: "is not UTF-8" }] };
  }
}

async function readAll({ input }: Shell): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  // Bytes, unless somebody has told the stream to give text.
  for await (const chunk of input as AsyncIterable<string | Uint8Array>)
    chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks);
}

function describe(value: JsonValue): string {
  return value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
