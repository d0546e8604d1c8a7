// What of somebody else's JSON Schema is safe to check values with: no regular expressions, since one can take for ever, and not more work than is bearable. Pure; checks
// nothing itself.

import { isJsonObject, type JsonObject, type JsonValue } from "../../src/index.ts";

/** Keywords that hold values, in which nothing is a schema. */
const VALUES = new Set(["const", "enum", "default", "examples", "required"]);
/** Keywords that hold schemas by names, which are no keywords. */
const NAMED = new Set(["properties", "$defs", "definitions", "dependentSchemas"]);
const PATTERNS = new Set(["pattern", "patternProperties"]);
/** What says that all other properties are wrong: without patterns nobody knows which those are. */
const OTHERS = new Set(["additionalProperties", "unevaluatedProperties"]);

/** The schema without its regular expressions; it takes everything that it took, and what they alone forbade. */
export function withoutPatterns(schema: JsonObject): JsonObject {
  const isOpen = isJsonObject(schema["patternProperties"]);
  return Object.fromEntries(
    Object.entries(schema).flatMap(([keyword, value]) => {
      if (PATTERNS.has(keyword) || (isOpen && OTHERS.has(keyword))) return [];
      if (VALUES.has(keyword)) return [[keyword, value]];
      if (NAMED.has(keyword) && isJsonObject(value))
        return [[keyword, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, partOf(each)]))]];
      return [[keyword, partOf(value)]];
    }),
  );
}

function partOf(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((each: JsonValue) => partOf(each));
  return isJsonObject(value) ? withoutPatterns(value) : value;
}

/** References that lead on and on are not followed further. */
const LIMIT_DEPTH = 500;

/** How many schemas there are when every reference is written out; one that leads back to itself ends there. */
export function weightOf(schema: JsonObject): number {
  const anchors = new Map<string, JsonValue>();
  const known = new Map<JsonValue, number>();
  gatherAnchors(schema, anchors);
  const weigh = (part: JsonValue, depth: number): number => {
    if (!Array.isArray(part) && !isJsonObject(part)) return 0;
    if (depth > LIMIT_DEPTH) return Number.POSITIVE_INFINITY;
    const before = known.get(part);
    if (before !== undefined) return before;
    // Stands for the part while it is weighed, and so ends a circle.
    known.set(part, 1);
    const parts: readonly JsonValue[] = Object.values(part);
    const targets = isJsonObject(part) ? targetsOf(part, schema, anchors) : [];
    const weight = 1 + [...parts, ...targets].reduce<number>((sum, each) => sum + weigh(each, depth + 1), 0);
    known.set(part, weight);
    return weight;
  };
  return weigh(schema, 0);
}

function gatherAnchors(part: JsonValue, anchors: Map<string, JsonValue>): void {
  if (!Array.isArray(part) && !isJsonObject(part)) return;
  if (isJsonObject(part))
    for (const name of [part["$anchor"], part["$dynamicAnchor"]]) if (typeof name === "string") anchors.set(`#${name}`, part);
  for (const each of Object.values<JsonValue>(part)) gatherAnchors(each, anchors);
}

/** Keywords that refer to another part. */
export const REFERENCES: readonly string[] = ["$ref", "$dynamicRef", "$recursiveRef"];

function targetsOf(part: JsonObject, root: JsonObject, anchors: ReadonlyMap<string, JsonValue>): readonly JsonValue[] {
  return REFERENCES.flatMap((keyword) => {
    const reference = part[keyword];
    const target = typeof reference === "string" ? (anchors.get(reference) ?? partAt(root, reference)) : undefined;
    return target === undefined ? [] : [target];
  });
}

/** The part that a reference such as `#/$defs/address` points to. */
function partAt(root: JsonObject, reference: string): JsonValue | undefined {
  if (reference !== "#" && !reference.startsWith("#/")) return undefined;
  let part: JsonValue | undefined = root;
  for (const step of reference.split("/").slice(1)) {
    const name = unescaped(step);
    if (!Array.isArray(part) && !(part !== undefined && isJsonObject(part))) return undefined;
    part = Object.entries<JsonValue>(part).find(([each]) => each === name)?.[1];
  }
  return part;
}

function unescaped(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    // It names nothing then.
    return step;
  }
}
