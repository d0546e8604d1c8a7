// Small schemas with their own answer to what they accept and to what a value of them may be: what the comparison of schemas is measured by.

import { isJsonObject, type JsonObject, type JsonValue } from "../../src/json.ts";

/** A schema of the class that the properties are tested with. Every one of them has a value. */
export type Simple =
  | { readonly type: "null" | "boolean" }
  | { readonly type: "text"; readonly least?: number; readonly most?: number }
  | { readonly type: "number"; readonly whole: boolean; readonly min: number; readonly length: number }
  | { readonly type: "listed"; readonly values: readonly JsonValue[] }
  | { readonly type: "list"; readonly items: Simple; readonly least: number; readonly more: number }
  | { readonly type: "object"; readonly closed: boolean; readonly properties: Readonly<Record<string, SimpleProperty>> }
  | { readonly type: "either"; readonly alternatives: readonly Simple[] };

export interface SimpleProperty {
  readonly schema: Simple;
  readonly required: boolean;
}

/** It as JSON Schema. */
export function schemaOf(simple: Simple): JsonObject {
  switch (simple.type) {
    case "null":
    case "boolean":
      return { type: simple.type };
    case "text":
      return {
        type: "string",
        ...(simple.least === undefined ? {} : { minLength: simple.least }),
        ...(simple.most === undefined ? {} : { maxLength: simple.most }),
      };
    case "number":
      return { type: simple.whole ? "integer" : "number", minimum: simple.min, maximum: simple.min + simple.length };
    case "listed":
      return { enum: simple.values };
    case "list":
      return { type: "array", items: schemaOf(simple.items), minItems: simple.least, maxItems: simple.least + simple.more };
    case "object":
      return {
        type: "object",
        properties: Object.fromEntries(Object.entries(simple.properties).map(([name, { schema }]) => [name, schemaOf(schema)])),
        required: Object.entries(simple.properties).flatMap(([name, { required }]) => (required ? [name] : [])),
        ...(simple.closed ? { additionalProperties: false } : {}),
      };
    case "either":
      return { anyOf: simple.alternatives.map(schemaOf) };
  }
}

/** Whether it accepts a value. */
export function accepts(simple: Simple, value: JsonValue): boolean {
  switch (simple.type) {
    case "null":
      return value === null;
    case "boolean":
      return typeof value === "boolean";
    case "text":
      return typeof value === "string" && value.length >= (simple.least ?? 0) && value.length <= (simple.most ?? Number.POSITIVE_INFINITY);
    case "number":
      return (
        typeof value === "number" &&
        value >= simple.min &&
        value <= simple.min + simple.length &&
        (!simple.whole || Number.isInteger(value))
      );
    case "listed":
      return simple.values.includes(value);
    case "list": {
      if (!Array.isArray(value)) return false;
      const items: readonly JsonValue[] = value;
      return (
        items.length >= simple.least && items.length <= simple.least + simple.more && items.every((item) => accepts(simple.items, item))
      );
    }
    case "object":
      return isJsonObject(value) && acceptsObject(simple, value);
    case "either":
      return simple.alternatives.some((alternative) => accepts(alternative, value));
  }
}

function acceptsObject({ properties, closed }: Extract<Simple, { readonly type: "object" }>, value: JsonObject): boolean {
  const known = Object.entries(properties).every(([name, { schema, required }]) => {
    const member = value[name];
    return member === undefined ? !required : accepts(schema, member);
  });
  return known && (!closed || Object.keys(value).every((name) => Object.hasOwn(properties, name)));
}

/** A value it accepts; another one for another seed. */
export function valueOf(simple: Simple, seed: number): JsonValue {
  return make(simple, randomFrom(seed));
}

function make(simple: Simple, random: () => number): JsonValue {
  const pick = (count: number) => Math.floor(random() * count);
  switch (simple.type) {
    case "null":
      return null;
    case "boolean":
      return pick(2) === 0;
    case "text":
      return "xyz".repeat(4).slice(0, Math.min((simple.least ?? 0) + pick(6), simple.most ?? 12));
    case "number":
      return simple.min + (simple.whole ? pick(simple.length + 1) : ([0, simple.length, random() * simple.length][pick(3)] ?? 0));
    case "listed":
      return simple.values[pick(simple.values.length)] ?? null;
    case "list":
      return Array.from({ length: simple.least + pick(simple.more + 1) }, () => make(simple.items, random));
    case "object": {
      const own = Object.entries(simple.properties).flatMap(([name, { schema, required }]) =>
        required || pick(2) === 0 ? [[name, make(schema, random)] as const] : [],
      );
      return Object.fromEntries(own);
    }
    case "either":
      return make(simple.alternatives[pick(simple.alternatives.length)] ?? { type: "null" }, random);
  }
}

/** A small generator of chance (mulberry32), so that a failure can be repeated. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
