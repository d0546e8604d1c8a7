// What differs between two requests, for a person: which field, and the first line that is not the same. Pure; sees requests as plain JSON.

import { isJsonObject, type JsonValue } from "../../src/index.ts";

/** The recorded request that has most lines in common with the one asked, among the newest `COMPARED_LIMIT`. */
export function nearestRequest(
  requests: readonly JsonValue[],
  asked: JsonValue,
): { readonly index: number; readonly request: JsonValue } | undefined {
  const wanted = linesOf(asked);
  let nearest: { readonly index: number; readonly request: JsonValue } | undefined;
  let best = -1;
  for (let index = Math.max(0, requests.length - COMPARED_LIMIT); index < requests.length; index++) {
    const request = requests[index];
    if (request === undefined) continue;
    const score = likeness(wanted, linesOf(request));
    if (score > best) {
      best = score;
      nearest = { index, request };
    }
  }
  return nearest;
}

/** Up to `SHOWN_LIMIT` differing fields, each with its first differing line. */
export function describeDifference(recorded: JsonValue, asked: JsonValue): string {
  const found: Difference[] = [];
  compare(recorded, asked, "", found);
  const shown = found.slice(0, SHOWN_LIMIT).map(describe);
  if (found.length > SHOWN_LIMIT) shown.push(`  and ${found.length - SHOWN_LIMIT} more`);
  return shown.join("\n");
}

const COMPARED_LIMIT = 1_000;
const SHOWN_LIMIT = 3;
const LINE_LIMIT = 160;

interface Difference {
  readonly at: string;
  readonly recorded: JsonValue | undefined;
  readonly asked: JsonValue | undefined;
}

function compare(recorded: JsonValue | undefined, asked: JsonValue | undefined, at: string, found: Difference[]): void {
  if (Array.isArray(recorded) && Array.isArray(asked)) {
    const before: readonly JsonValue[] = recorded;
    const after: readonly JsonValue[] = asked;
    for (let index = 0; index < Math.max(before.length, after.length); index++)
      compare(before[index], after[index], `${at}[${index}]`, found);
  } else if (isJsonObject(recorded) && isJsonObject(asked)) {
    for (const key of new Set([...Object.keys(recorded), ...Object.keys(asked)]))
      compare(recorded[key], asked[key], at === "" ? key : `${at}.${key}`, found);
  } else if (JSON.stringify(recorded) !== JSON.stringify(asked)) {
    found.push({ at, recorded, asked });
  }
}

function describe({ at, recorded, asked }: Difference): string {
  if (typeof recorded !== "string" || typeof asked !== "string")
    return `  ${at}\n    recorded: ${show(recorded)}\n    asked:    ${show(asked)}`;
  const before = recorded.split("\n");
  const after = asked.split("\n");
  const line = before.findIndex((text, index) => text !== after[index]);
  const first = line === -1 ? before.length : line;
  const place = before.length > 1 || after.length > 1 ? `, line ${first + 1}` : "";
  return `  ${at}${place}\n    recorded: ${show(before[first])}\n    asked:    ${show(after[first])}`;
}

function show(value: JsonValue | undefined): string {
  if (value === undefined) return "(nothing)";
  const text = JSON.stringify(value);
  return text.length > LINE_LIMIT ? `${text.slice(0, LINE_LIMIT)}…` : text;
}

/** A request as lines; texts count by their own lines. */
function linesOf(value: JsonValue): readonly string[] {
  return JSON.stringify(value, null, 1).replaceAll("\\n", "\n").split("\n");
}

/** Lines in common, less half of those that are not. */
function likeness(a: readonly string[], b: readonly string[]): number {
  const left = new Map<string, number>();
  for (const line of a) left.set(line, (left.get(line) ?? 0) + 1);
  let common = 0;
  for (const line of b) {
    const count = left.get(line) ?? 0;
    if (count === 0) continue;
    left.set(line, count - 1);
    common++;
  }
  return common - (a.length + b.length - 2 * common) / 2;
}
