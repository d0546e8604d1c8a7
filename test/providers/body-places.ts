// Places in JSON bodies, for tests that look at what was sent.

import { isJsonObject, type JsonValue } from "../../src/json.ts";

/** Reads a place in a body: `at(body, "text", "format")`. */
export function at(value: JsonValue | undefined, ...path: readonly (string | number)[]): JsonValue | undefined {
  let current = value;
  for (const key of path) {
    const list: readonly JsonValue[] = Array.isArray(current) ? current : [];
    current = isJsonObject(current) ? current[String(key)] : list[Number(key)];
  }
  return current;
}

/** The text of a place in a body; empty where there is none. */
export function textAt(value: JsonValue, ...path: readonly (string | number)[]): string {
  const text = at(value, ...path);
  return typeof text === "string" ? text : "";
}

/** The list of a place in a body; empty where there is none. */
export function listAt(body: JsonValue, ...path: readonly (string | number)[]): readonly JsonValue[] {
  const value = at(body, ...path);
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}
