// The YAML front matter of a prompt file: parsed, checked, every fault with its line. Knows nothing of the body.
// `yaml` is loaded when the first prompt is parsed, since importing the core must not pay for it.

import { createRequire } from "node:module";
import type { JsonValue } from "../json.ts";
import type { Effort } from "./model.ts";
import type { PromptProblem } from "./prompt-template.ts";

/** What a declared variable holds; everything but a string is rendered as indented JSON. */
export type InputType = "string" | "number" | "boolean" | "json";

/** A variable as the header declares it: `history: string?` is optional. */
export interface DeclaredInput {
  readonly type: InputType;
  readonly optional: boolean;
  readonly untrusted: boolean;
  readonly line: number;
}

/** The model settings a prompt may carry; a node's own settings win. */
export interface PromptSettings {
  readonly model?: string;
  readonly maxOutputTokens?: number;
  readonly reasoning?: { readonly effort: Effort };
}

/** The header, as far as it could be read. */
export interface Header {
  readonly name: string | undefined;
  readonly description: string;
  readonly settings: PromptSettings;
  readonly inputs: ReadonlyMap<string, DeclaredInput>;
  /** The header as plain JSON, for the version. */
  readonly json: JsonValue;
  readonly problems: readonly PromptProblem[];
}

const INPUT = /^(string|number|boolean|json)(\?)?$/;
const INPUT_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const EFFORTS: readonly string[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] satisfies Effort[];
const KEYS = ["name", "description", "inputs", "model", "maxOutputTokens", "reasoning", "untrusted"] as const;

/** Parses a header's YAML text. @param firstLine the line of the file on which the text starts */
export function parseHeader(text: string, firstLine: number): Header {
  const { json, problems, lineOf } = parseYaml(text, firstLine);
  const reader: Reader = { members: isRecord(json) ? json : {}, problems, lineOf };
  if (json !== null && !isRecord(json)) problems.push({ line: firstLine, message: "the header must be a map of keys to values" });

  for (const key of Object.keys(reader.members)) {
    if (!isOneOf(KEYS, key))
      problems.push({ line: lineOf([key]), message: `the header key "${key}" is unknown; known are ${KEYS.join(", ")}` });
  }
  const model = readText(reader, "model");
  const maxOutputTokens = readCount(reader, "maxOutputTokens");
  const effort = readEffort(reader);
  return {
    name: readText(reader, "name"),
    description: readText(reader, "description") ?? "",
    settings: {
      ...(model === undefined ? {} : { model }),
      ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
      ...(effort === undefined ? {} : { reasoning: { effort } }),
    },
    inputs: readInputs(reader),
    json,
    problems,
  };
}

interface Reader {
  readonly members: Readonly<Record<string, JsonValue>>;
  readonly problems: PromptProblem[];
  readonly lineOf: (path: readonly (string | number)[]) => number;
}

function readInputs(reader: Reader): ReadonlyMap<string, DeclaredInput> {
  const untrusted = readNames(reader);
  const declared = reader.members["inputs"] ?? {};
  const inputs = new Map<string, DeclaredInput>();
  if (!isRecord(declared)) {
    reader.problems.push({ line: reader.lineOf(["inputs"]), message: '"inputs" must be a map of variable to type' });
    return inputs;
  }
  for (const [name, value] of Object.entries(declared)) {
    const line = reader.lineOf(["inputs", name]);
    if (!INPUT_NAME.test(name))
      reader.problems.push({ line, message: `"${name}" cannot be a variable name; use letters, digits, "_" and "-"` });
    const match = typeof value === "string" ? INPUT.exec(value) : null;
    if (match === null)
      reader.problems.push({
        line,
        message: `the type of "${name}" must be string, number, boolean or json, with "?" when it is optional`,
      });
    inputs.set(name, { type: inputType(match?.[1]), optional: match?.[2] === "?", untrusted: untrusted.includes(name), line });
  }
  untrusted.forEach((name, index) => {
    if (!inputs.has(name))
      reader.problems.push({
        line: reader.lineOf(["untrusted", index]),
        message: `"untrusted" names "${name}", which "inputs" does not declare`,
      });
  });
  return inputs;
}

function readNames(reader: Reader): readonly string[] {
  const value = reader.members["untrusted"] ?? [];
  if (Array.isArray(value) && value.every((name) => typeof name === "string")) return value;
  reader.problems.push({ line: reader.lineOf(["untrusted"]), message: '"untrusted" must be a list of variable names' });
  return [];
}

function readText(reader: Reader, key: string): string | undefined {
  const value = reader.members[key] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  reader.problems.push({ line: reader.lineOf([key]), message: `"${key}" must be text` });
  return undefined;
}

function readCount(reader: Reader, key: string): number | undefined {
  const value = reader.members[key] ?? undefined;
  if (value === undefined || (typeof value === "number" && Number.isInteger(value) && value > 0)) return value;
  reader.problems.push({ line: reader.lineOf([key]), message: `"${key}" must be a whole number above 0` });
  return undefined;
}

function readEffort(reader: Reader): Effort | undefined {
  const value = reader.members["reasoning"] ?? undefined;
  if (value === undefined || isEffort(value)) return value;
  reader.problems.push({ line: reader.lineOf(["reasoning"]), message: `"reasoning" must be one of ${EFFORTS.join(", ")}` });
  return undefined;
}

function inputType(text: string | undefined): InputType {
  return text === "number" || text === "boolean" || text === "json" ? text : "string";
}

function isEffort(value: JsonValue): value is Effort {
  return typeof value === "string" && EFFORTS.includes(value);
}

function isOneOf(list: readonly string[], text: string): boolean {
  return list.includes(text);
}

function isRecord(value: JsonValue): value is Readonly<Record<string, JsonValue>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

interface Yaml {
  readonly json: JsonValue;
  readonly problems: PromptProblem[];
  readonly lineOf: Reader["lineOf"];
}

function parseYaml(text: string, firstLine: number): Yaml {
  if (text.trim() === "") return { json: null, problems: [], lineOf: () => firstLine };
  // `require` has no types of its own: these are the package's.
  const yaml = createRequire(import.meta.url)("yaml") as typeof import("yaml");
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { strict: true, uniqueKeys: true, schema: "core", lineCounter: lines });
  const lineAt = (offset: number): number => lines.linePos(offset).line + firstLine - 1;
  const problems = document.errors.map((error) => ({
    line: lineAt(error.pos[0]),
    message: `YAML: ${error.message.split(/ at line |\n/)[0] ?? "not valid"}`,
  }));

  /** The line of a key, or of a list's item; the deepest that can be found. */
  const lineOf: Reader["lineOf"] = (path) => {
    let node: unknown = document.contents;
    let line = firstLine;
    for (const step of path) {
      const pair = yaml.isMap(node) ? node.items.find(({ key }) => yaml.isScalar(key) && String(key.value) === String(step)) : undefined;
      const place: unknown = pair === undefined ? (yaml.isSeq(node) ? node.items[Number(step)] : undefined) : pair.key;
      if (!yaml.isNode(place) || !place.range) break;
      line = lineAt(place.range[0]);
      node = pair === undefined ? place : pair.value;
    }
    return line;
  };
  return { json: problems.length > 0 ? null : jsonOf(document.toJS()), problems, lineOf };
}

/** The core schema gives only strings, numbers, booleans, null, lists and maps. */
function jsonOf(value: unknown): JsonValue {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as JsonValue);
}
