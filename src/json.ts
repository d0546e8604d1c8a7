// What every value in a contract, a fact and a reply is made of. Knows nothing of graphs or runs.

import { sha256 } from "./sha256.ts";

/** A value that survives `JSON.stringify` and `JSON.parse` unchanged. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** An object of JSON values. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Nesting beyond this is refused: recursive walkers and serialisers fail between 1,300 and 4,400 levels. */
export const DEPTH_LIMIT = 64;

/** Why a value cannot be recorded: the place inside it (`$.items[2].when`) and what to do. */
export interface JsonProblem {
  readonly at: string;
  readonly message: string;
}

/** Either the value as frozen JSON, or the first reason why it is none. */
export type JsonResult = { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly problem: JsonProblem };

/**
 * Copies a value into frozen JSON. Properties that are `undefined` are left out, as TypeScript's optional properties mean;
 * everything that JSON would change in silence (dates, maps, `NaN`, `undefined` in lists, `__proto__` keys) is refused with its place.
 */
export function toJson(value: unknown): JsonResult {
  try {
    return { ok: true, value: copy(value, "$", 0) };
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    const cycle = error.isTooDeep ? cycleIn(value, "$", new Map()) : undefined;
    return { ok: false, problem: cycle ?? { at: error.at, message: error.message } };
  }
}

/** Freezes JSON that was parsed, so that nobody changes a recorded value in place. */
export function freezeJson<T extends JsonValue>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    for (const member of Object.values<JsonValue>(value)) freezeJson(member);
    Object.freeze(value);
  }
  return value;
}

/** True for an object that is neither null nor a list. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a text says; `undefined` for one that is no JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** JSON text with sorted keys: equal values give equal text. */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (isJsonObject(value)) {
    const members = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(value);
}

/** True for values that are the same JSON. Equal parts that are one object in memory are not looked into. */
export function isSameJson(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) return isSameList(one, other);
  if (!isJsonObject(one) || !isJsonObject(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length && names.every((name) => Object.hasOwn(other, name) && isSameJson(one[name], other[name]))
  );
}

function isSameList(one: readonly JsonValue[], other: readonly JsonValue[]): boolean {
  return one.length === other.length && one.every((member, index) => isSameJson(member, other[index]));
}

/** SHA-256 of the canonical text, 64 hexadecimal digits. */
export function hashJson(value: JsonValue): string {
  return sha256(canonicalJson(value));
}

class Unfit extends Error {
  readonly at: string;
  readonly isTooDeep: boolean;
  constructor(at: string, message: string, isTooDeep = false) {
    super(message);
    this.at = at;
    this.isTooDeep = isTooDeep;
  }
}

/** The first place at which a value holds something that holds it; looked for only in what is nested too deep, and no deeper. */
function cycleIn(value: unknown, at: string, above: Map<object, string>): JsonProblem | undefined {
  if (typeof value !== "object" || value === null || above.size > DEPTH_LIMIT) return undefined;
  const before = above.get(value);
  if (before !== undefined) return { at, message: `is ${before} again, which JSON cannot hold; hold an id` };
  above.set(value, at);
  for (const [key, member] of entriesOf(value)) {
    const cycle = cycleIn(member, Array.isArray(value) ? `${at}[${key}]` : `${at}.${key}`, above);
    if (cycle !== undefined) return cycle;
  }
  above.delete(value);
  return undefined;
}

function entriesOf(value: object): readonly [string, unknown][] {
  try {
    return Object.entries(value);
  } catch {
    // What cannot be read holds nothing again, as far as anybody can tell.
    return [];
  }
}

function copy(value: unknown, at: string, depth: number): JsonValue {
  if (depth > DEPTH_LIMIT) throw new Unfit(at, `is nested deeper than ${DEPTH_LIMIT} levels; flatten it, or hold ids`, true);
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new Unfit(at, `is ${value}, which JSON cannot hold; use null or a string`);
      return value === 0 ? 0 : value;
    case "undefined":
      throw new Unfit(at, "is undefined; use null for no value");
    case "bigint":
      throw new Unfit(at, "is a bigint; use a string");
    case "function":
    case "symbol":
      throw new Unfit(
        at,
        `is a ${typeof value}, which cannot be recorded; ${typeof value === "symbol" ? "use a string" : "leave it out, or give what it returns"}`,
      );
    case "object":
      return value === null ? null : copyReadable(value, at, depth);
  }
}

/** Looking at an object may call an author's code: a proxy's, for one. */
function copyReadable(value: object, at: string, depth: number): JsonValue {
  try {
    return copyObject(value, at, depth);
  } catch (error) {
    throw error instanceof Unfit ? error : unreadable(at, error);
  }
}

function unreadable(at: string, error: unknown): Unfit {
  return new Unfit(at, `cannot be read: ${error instanceof Error ? error.message : "it threw no Error"}`);
}

function copyObject(value: object, at: string, depth: number): JsonValue {
  if (Array.isArray(value)) {
    // A plain loop, since `map` would skip the holes of a sparse list.
    const list: JsonValue[] = [];
    for (let index = 0; index < value.length; index++) list.push(copy(value[index], `${at}[${index}]`, depth + 1));
    return Object.freeze(list);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    // Its constructor may be anything, also nothing.
    const maker: unknown = value.constructor;
    const name = typeof maker === "function" && maker.name !== "" ? maker.name : "object with a prototype of its own";
    const cure = name === "Date" ? "use .toISOString()" : "use plain objects and lists";
    throw new Unfit(at, `is a ${name}, which JSON would change; ${cure}`);
  }
  const members: Record<string, JsonValue> = {};
  for (const key of Object.keys(value)) {
    if (key === "__proto__") throw new Unfit(at, 'has a key "__proto__", which is not allowed; rename it');
    const member = memberOf(value, key, at);
    if (member !== undefined) members[key] = copy(member, `${at}.${key}`, depth + 1);
  }
  return Object.freeze(members);
}

/** A member that cannot be read is told with its own place. */
function memberOf(value: object, key: string, at: string): unknown {
  try {
    // The key is one of its own.
    return value[key as keyof typeof value];
  } catch (error) {
    throw unreadable(`${at}.${key}`, error);
  }
}
