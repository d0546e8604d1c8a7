// JSON as text in which short things stand on one line: half as long to read, and a change still touches the lines it is about. Knows no recordings.

import { isJsonObject, type JsonValue } from "../../src/index.ts";

/** Longer lists and objects are broken into lines. */
const WIDTH = 120;

/** A value as indented JSON. */
export function jsonText(value: JsonValue): string {
  return `${text(value, "", 0)}\n`;
}

/** @param used how much of the line stands before the value */
function text(value: JsonValue, indent: string, used: number): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inside = `${indent}  `;
  if (Array.isArray(value)) {
    const list: readonly JsonValue[] = value;
    const line = `[${list.map(spaced).join(", ")}]`;
    if (list.length === 0 || fits(line, indent, used)) return line;
    return `[\n${list.map((member) => `${inside}${text(member, inside, inside.length)}`).join(",\n")}\n${indent}]`;
  }
  const line = spaced(value);
  if (line === "{}" || fits(line, indent, used)) return line;
  const members = Object.entries(value).map(([key, member]) => {
    const name = `${JSON.stringify(key)}: `;
    // The lines of a text are read one below the other, however short they are.
    if (key === "$lines") return `${inside}${name}${text(member, inside, WIDTH)}`;
    return `${inside}${name}${text(member, inside, inside.length + name.length)}`;
  });
  return `{\n${members.join(",\n")}\n${indent}}`;
}

function fits(line: string, indent: string, used: number): boolean {
  return Math.max(indent.length, used) + line.length <= WIDTH && !line.includes('"$lines"');
}

function spaced(value: JsonValue): string {
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(spaced).join(", ")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${spaced(member)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}
