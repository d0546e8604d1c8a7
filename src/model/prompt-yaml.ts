// YAML as JSON, with the line of every key: what the header of a prompt file is read from. Knows no keys.
// `yaml` is loaded when the first prompt is parsed, since importing the core must not pay for it.

import { createRequire } from "node:module";
import type { JsonValue } from "../json.ts";
import type { PromptProblem } from "./prompt-template.ts";

/** A text as it was read. */
export interface Yaml {
  /** Null for an empty text, and for one that is no YAML. */
  readonly json: JsonValue;
  readonly problems: PromptProblem[];
  /** The line of a key, or of a list's item; the deepest that can be found. */
  readonly lineOf: (path: readonly (string | number)[]) => number;
}

/** Parses a text that starts on a line of its file. */
export function parseYaml(text: string, firstLine: number): Yaml {
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

  const lineOf: Yaml["lineOf"] = (path) => {
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
