// JSON values as people read them: text as it stands, the rest as JSON, long ones cut unless all of it is asked for.

import { stripVTControlCharacters } from "node:util";
import type { JsonObject, JsonValue } from "../../index.ts";
import type { Paint } from "./paint.ts";
import { counted, indented, oneLine } from "./text.ts";
import { HIDDEN_MARK } from "./visible.ts";

/** How much of a value is shown. */
export interface Extent {
  readonly lines: number;
  readonly characters: number;
}

/** Enough to know what it is. */
export const GLANCE: Extent = { lines: 12, characters: 1_000 };
/** Enough to decide on most things. */
export const READING: Extent = { lines: 60, characters: 6_000 };
/** Everything. */
export const FULL: Extent = { lines: Number.POSITIVE_INFINITY, characters: Number.POSITIVE_INFINITY };

/** Named values, each under its label; short ones beside it. Expects visible text. */
export function labelled(values: JsonObject, extent: Extent, paint: Paint): string[] {
  const width = Math.max(0, ...Object.keys(values).map((name) => name.length));
  return Object.entries(values).flatMap(([name, value]) => {
    const lines = shown(value, extent, paint);
    const [only = ""] = lines;
    if (lines.length <= 1) return [`${paint("faint", name.padEnd(width))}  ${only}`];
    return [paint("faint", name), ...indented(lines)];
  });
}

/** A value as lines. Text keeps its own lines; objects and lists are laid out as labelled values. Expects visible text. */
export function shown(value: JsonValue, extent: Extent, paint: Paint): string[] {
  return cut(layOut(value, paint), extent, paint);
}

/** A value on one line. */
export function brief(value: JsonValue, limit = 60): string {
  return oneLine(JSON.stringify(value), limit);
}

function layOut(value: JsonValue, paint: Paint): string[] {
  if (typeof value === "string")
    return value === ""
      ? [paint("faint", "(empty text)")]
      : value
          .trimEnd()
          .split("\n")
          .map((line) => marked(line, paint));
  if (typeof value !== "object" || value === null) return [JSON.stringify(value)];
  const short = JSON.stringify(value);
  if (short.length <= 72) return [marked(short, paint)];
  if (Array.isArray(value)) return value.flatMap((item: JsonValue) => bullet("-", layOut(item, paint)));
  return Object.entries(value).flatMap(([name, member]) => {
    const lines = layOut(member, paint);
    const isShort = lines.length === 1 && (typeof member !== "object" || JSON.stringify(member).length <= 56);
    return isShort ? [`${paint("faint", `${name}:`)} ${lines[0] ?? ""}`] : [paint("faint", `${name}:`), ...indented(lines)];
  });
}

function bullet(mark: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => (index === 0 ? `${mark} ${line}` : `  ${line}`));
}

/** Hidden characters stand out, so that nobody takes their names for text. */
function marked(line: string, paint: Paint): string {
  return line.replace(HIDDEN_MARK, (mark) => paint("alarm", mark));
}

/** Keeps as much as there is room for, the beginning of a long line too, and counts what is left out. */
function cut(lines: readonly string[], extent: Extent, paint: Paint): string[] {
  const kept: string[] = [];
  let room = extent.characters;
  for (const line of lines.slice(0, Math.min(lines.length, extent.lines))) {
    if (line.length > room) {
      // A cut through a colour would spill it; a line this long is text, which has colour on hidden characters only.
      if (room > 0) kept.push(stripVTControlCharacters(line).slice(0, room));
      break;
    }
    kept.push(line);
    room -= line.length;
  }
  const left = lines.slice(kept.length);
  const [last = "", whole = ""] = [kept.at(-1), lines[kept.length - 1]];
  const characters = stripVTControlCharacters(whole).length - stripVTControlCharacters(last).length;
  const rest = [
    ...(characters > 0 ? [counted(characters, "more character")] : []),
    ...(left.length > 0 ? [counted(left.length, "more line")] : []),
  ];
  return rest.length === 0 ? kept : [...kept, paint("faint", `… ${rest.join(" and ")}; see all with --full`)];
}
