// Whether a value is JSON within bounds, before anything looks into it. Knows no documents.

import { DEPTH_LIMIT, type JsonValue } from "../json.ts";
import type { Report } from "./report.ts";

/** Values in a document at most, at all its depths. */
export const VALUES_LIMIT = 1_000_000;
/** Characters of all its texts and keys at most. */
export const TEXT_LIMIT = 20_000_000;

/** A copy of a value as JSON; undefined, with findings, when it is none or too large. */
export function boundedJson(value: unknown, report: Report): JsonValue | undefined {
  const walk: Walk = { report, values: 0, characters: 0, isSound: true };
  const copied = copy(value, "$", 0, walk);
  return walk.isSound ? copied : undefined;
}

interface Walk {
  readonly report: Report;
  values: number;
  characters: number;
  isSound: boolean;
}

function copy(value: unknown, at: string, depth: number, walk: Walk): JsonValue {
  if (!isWithin(value, at, depth, walk)) return null;
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value === 0 ? 0 : value;
  if (Array.isArray(value)) {
    const list: JsonValue[] = [];
    for (let index = 0; index < value.length && walk.values <= VALUES_LIMIT; index++)
      list.push(copy(value[index], `${at}[${index}]`, depth + 1, walk));
    return list;
  }
  if (!isPlain(value))
    return refuse(walk, at, `is ${typeof value === "object" ? "no plain object" : `a ${typeof value}`}`, "A document holds JSON only.");
  const members: [string, JsonValue][] = [];
  for (const [key, member] of Object.entries(value)) {
    walk.characters += key.length;
    if (key === "__proto__") refuse(walk, at, 'has a key "__proto__"', "Give it another name.");
    else if (member !== undefined) members.push([key, copy(member, `${at}.${key}`, depth + 1, walk)]);
  }
  return Object.fromEntries(members);
}

/** False when the walk must end: each bound is told once. */
function isWithin(value: unknown, at: string, depth: number, walk: Walk): boolean {
  if (walk.values > VALUES_LIMIT || walk.characters > TEXT_LIMIT) return false;
  walk.values += 1;
  if (typeof value === "string") walk.characters += value.length;
  if (walk.values > VALUES_LIMIT) refuse(walk, "$", `holds more than ${VALUES_LIMIT} values`, "Divide it into several contracts.");
  else if (walk.characters > TEXT_LIMIT) refuse(walk, "$", `holds more than ${TEXT_LIMIT} characters`, "Divide it into several contracts.");
  else if (depth > DEPTH_LIMIT)
    refuse(walk, at, `is nested deeper than ${DEPTH_LIMIT} levels`, "Make contracts of the inner children, and name them.");
  else return true;
  return false;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function refuse(walk: Walk, at: string, message: string, hint: string): null {
  walk.isSound = false;
  walk.report("bad_document", at, message, hint);
  return null;
}
