// The front matter of a prompt file: what it declares, every fault with its line. Knows nothing of the body.

import { isJsonObject, type JsonValue } from "../json.ts";
import { type HeaderReader, type PromptSettings, readSettings, readText, SETTING_KEYS } from "./prompt-settings.ts";
import type { PromptProblem } from "./prompt-template.ts";
import { parseYaml } from "./prompt-yaml.ts";

/** What a declared variable holds; everything but a string is rendered as indented JSON. */
export type InputType = "string" | "number" | "boolean" | "json";

/** A variable as the header declares it: `history: string?` is optional. */
export interface DeclaredInput {
  readonly type: InputType;
  readonly optional: boolean;
  readonly untrusted: boolean;
  readonly line: number;
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
const KEYS: readonly string[] = ["name", "description", "inputs", "untrusted", ...SETTING_KEYS];

/** Parses a header's YAML text. @param firstLine the line of the file on which the text starts */
export function parseHeader(text: string, firstLine: number): Header {
  const { json, problems, lineOf } = parseYaml(text, firstLine);
  const reader: HeaderReader = { members: isJsonObject(json) ? json : {}, problems, lineOf };
  if (json !== null && !isJsonObject(json)) problems.push({ line: firstLine, message: "the header must be a map of keys to values" });

  for (const key of Object.keys(reader.members)) {
    if (!KEYS.includes(key))
      problems.push({ line: lineOf([key]), message: `the header key "${key}" is unknown; known are ${KEYS.join(", ")}` });
  }
  return {
    name: readName(reader),
    description: readText(reader, "description") ?? "",
    settings: readSettings(reader),
    inputs: readInputs(reader),
    json,
    problems,
  };
}

/** What stands in facts as `name@version`, and on a command line. */
function readName(reader: HeaderReader): string | undefined {
  const name = readText(reader, "name");
  if (name !== undefined && !/^[^\s@]+$/.test(name))
    reader.problems.push({
      line: reader.lineOf(["name"]),
      message: `"name" is ${JSON.stringify(name)}, and must have no spaces and no "@"`,
    });
  return name;
}

function readInputs(reader: HeaderReader): ReadonlyMap<string, DeclaredInput> {
  const untrusted = readNames(reader);
  const declared = reader.members["inputs"] ?? {};
  const inputs = new Map<string, DeclaredInput>();
  if (!isJsonObject(declared)) {
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

function readNames({ members, problems, lineOf }: HeaderReader): readonly string[] {
  const value = members["untrusted"] ?? [];
  if (Array.isArray(value) && value.every((name) => typeof name === "string")) return value;
  problems.push({ line: lineOf(["untrusted"]), message: '"untrusted" must be a list of variable names' });
  return [];
}

function inputType(text: string | undefined): InputType {
  return text === "number" || text === "boolean" || text === "json" ? text : "string";
}
