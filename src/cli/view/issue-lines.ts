// Everything that is wrong with inputs or a payload as lines: the place, what is wrong, what was given there, and how to give it.

import type { Issue, JsonObject, JsonValue } from "../../index.ts";
import { describeSchema, fieldsOf, isObject, type Field } from "../json-schema.ts";
import type { Paint } from "./paint.ts";
import { oneLine, shellWord, table } from "./text.ts";
import { brief } from "./value.ts";
import { visible } from "./visible.ts";

/** What the issues are about. */
export interface IssueContext {
  readonly values: JsonValue;
  readonly schema: JsonObject;
  /** The option that sets one field: `--input`. */
  readonly option: string;
}

/** One row an issue: place, message, the value given there, the option that gives it rightly. */
export function issueLines(issues: readonly Issue[], { values, schema, option }: IssueContext, paint: Paint): string[] {
  const fields = fieldsOf(schema);
  const rows = issues.map(({ at, message }) => {
    const field = fields.find(({ name }) => at === name || at.startsWith(`${name}.`) || at.startsWith(`${name}[`));
    const given = valueAt(values, at);
    const isMissing = given === undefined && field !== undefined && at === field.name;
    return [
      paint("strong", visible(at === "" ? "(all of it)" : at)),
      isMissing ? "is missing" : visible(oneLine(message, 160)),
      given === undefined ? "" : paint("faint", `given: ${visible(brief(given))}`),
      field === undefined ? "" : `${option} ${pairOf(field)}`,
    ];
  });
  return table(rows);
}

/** How a field is given: `topic=<text>`, `'channels=<list of text>'`. */
export function pairOf({ name, schema }: Field): string {
  const word = oneLine(describeSchema(schema), 60);
  return /^text( \(\S+\))?$/.test(word) ? `${name}=<text>` : shellWord(`${name}=<${word}>`);
}

/** The value at a place such as `items[2].name`. */
export function valueAt(values: JsonValue, at: string): JsonValue | undefined {
  let value: JsonValue | undefined = values;
  for (const part of at.split(/[.[\]]+/).filter((each) => each !== "")) {
    if (Array.isArray(value)) value = (value as readonly JsonValue[])[Number(part)];
    else value = isObject(value) ? value[part] : undefined;
  }
  return value;
}
