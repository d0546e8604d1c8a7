// JSON Schema as shapes: the kinds of values it accepts, as far as they are understood. What is not understood makes a shape wider than its schema, never
// narrower, and is remembered in `exact`. Knows no graphs.

import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";

/** A sort of value a schema accepts. `exact` is false when the schema accepts less than the shape says. */
export type Shape = ValueShape | NumberShape | TextShape | ListShape | ObjectShape;

/** One scalar. */
export interface ValueShape {
  readonly type: "value";
  readonly exact: boolean;
  readonly value: string | number | boolean | null;
}

export interface NumberShape {
  readonly type: "number";
  readonly exact: boolean;
  readonly integer: boolean;
  readonly range: Range;
}

export interface TextShape {
  readonly type: "text";
  readonly exact: boolean;
  readonly range: Range;
}

export interface ListShape {
  readonly type: "list";
  readonly exact: boolean;
  readonly range: Range;
  readonly first: readonly JsonValue[];
  /** What stands behind the `first`; undefined for anything. */
  readonly items: JsonValue | undefined;
}

export interface ObjectShape {
  readonly type: "object";
  readonly exact: boolean;
  readonly properties: ReadonlyMap<string, JsonValue>;
  readonly required: ReadonlySet<string>;
  /** The schema of other properties; undefined for anything, false for none. */
  readonly rest: JsonValue | undefined;
}

/** A range of numbers; `open` ends do not belong to it. */
export interface Range {
  readonly min: number;
  readonly max: number;
  readonly openMin: boolean;
  readonly openMax: boolean;
}

/** A schema by itself, and the document its references point into. */
export interface Place {
  readonly schema: JsonValue | undefined;
  readonly root: JsonObject;
}

const REFERENCES_LIMIT = 32;

/** Keywords that say something about a schema and nothing about its values. */
const NOTES =
  "$schema $id $comment $defs definitions title description default examples deprecated readOnly writeOnly contentEncoding contentMediaType".split(
    " ",
  );

/** The shapes of a schema, one of which every value of it has; undefined where anything may be, empty where nothing can. */
export function shapesOf({ schema, root }: Place, references = 0): readonly Shape[] | undefined {
  if (schema === false) return [];
  if (!isJsonObject(schema) || references > REFERENCES_LIMIT) return undefined;
  const said = Object.keys(schema).filter((keyword) => !NOTES.includes(keyword));
  const only = (...keywords: readonly string[]) => said.every((keyword) => keywords.includes(keyword));
  const { $ref, not, allOf } = schema;
  if (typeof $ref === "string") return inexact(shapesOf({ schema: resolve(root, $ref), root }, references + 1), only("$ref"));
  if (isJsonObject(not) && Object.keys(not).length === 0) return [];
  if ("const" in schema) return inexact(typed(schema, shapesOfValue(schema["const"] ?? null)), only("const", "type"));
  if (Array.isArray(schema["enum"])) {
    const values: readonly JsonValue[] = schema["enum"];
    return inexact(typed(schema, values.flatMap(shapesOfValue)), only("enum", "type"));
  }
  const { anyOf, oneOf } = schema;
  if (Array.isArray(anyOf)) return inexact(alternativesOf(anyOf, root, references)?.flat(), only("anyOf"));
  if (Array.isArray(oneOf)) {
    const alternatives = alternativesOf(oneOf, root, references);
    return inexact(alternatives?.flat(), only("oneOf") && alternatives !== undefined && areApart(alternatives));
  }
  if (Array.isArray(allOf)) {
    const known = allOf.map((each: JsonValue) => shapesOf({ schema: each, root }, references + 1)).find((shapes) => shapes !== undefined);
    return inexact(known, only("allOf") && allOf.length === 1);
  }
  const types: readonly JsonValue[] = Array.isArray(schema["type"]) ? schema["type"] : [schema["type"] ?? null];
  const shapes = types.map((type) => shapesOfType(type, schema, said));
  return shapes.includes(undefined) ? undefined : shapes.flatMap((each) => each ?? []);
}

/** A recorded value as shapes. */
export function shapesOfValue(value: JsonValue): readonly Shape[] {
  if (Array.isArray(value)) {
    const list: readonly JsonValue[] = value;
    return [{ type: "list", exact: true, range: closed(list.length, list.length), first: list.map(literal), items: false }];
  }
  if (isJsonObject(value)) {
    const properties = new Map(Object.entries(value).map(([name, member]) => [name, literal(member)]));
    return [{ type: "object", exact: true, properties, required: new Set(properties.keys()), rest: false }];
  }
  // Lists and objects are gone: `isArray` does not narrow a readonly list away by itself.
  return [{ type: "value", exact: true, value: value as ValueShape["value"] }];
}

function literal(value: JsonValue): JsonObject {
  return { const: value };
}

function shapesOfType(type: JsonValue, schema: JsonObject, said: readonly string[]): readonly Shape[] | undefined {
  const only = (...keywords: readonly string[]) => said.every((keyword) => keyword === "type" || keywords.includes(keyword));
  // With several types, the keywords of the others say nothing about this one; then it may only be too careful.
  switch (type) {
    case "null":
      return [{ type: "value", exact: only(), value: null }];
    case "boolean":
      return [true, false].map((value) => ({ type: "value", exact: only(), value }));
    case "string":
      return present([{ type: "text", exact: only("minLength", "maxLength"), range: sizes(schema, "minLength", "maxLength") }]);
    case "number":
    case "integer": {
      const exact = only("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum");
      return present([{ type: "number", exact, integer: type === "integer", range: numbers(schema) }]);
    }
    case "array":
      return present([listOf(schema, only("items", "prefixItems", "minItems", "maxItems"))]);
    case "object":
      return [
        objectOf(
          schema,
          only("properties", "required", "additionalProperties", ...(isAnyText(schema["propertyNames"]) ? ["propertyNames"] : [])),
        ),
      ];
    default:
      return undefined;
  }
}

function listOf(schema: JsonObject, exact: boolean): ListShape {
  const { prefixItems, items } = schema;
  const first: readonly JsonValue[] = Array.isArray(prefixItems) ? prefixItems : [];
  const range = sizes(schema, "minItems", "maxItems");
  return { type: "list", exact, range: items === false ? { ...range, max: Math.min(range.max, first.length) } : range, first, items };
}

function objectOf(schema: JsonObject, exact: boolean): ObjectShape {
  const { properties, required, additionalProperties: rest } = schema;
  const names = Array.isArray(required) ? required.filter((name) => typeof name === "string") : [];
  const known = new Map(isJsonObject(properties) ? Object.entries(properties) : []);
  // A property may be declared by a pattern: then nobody knows here what the others are.
  const isAnything = rest === true || (isJsonObject(rest) && Object.keys(rest).length === 0) || "patternProperties" in schema;
  return { type: "object", exact, properties: known, required: new Set(names), rest: isAnything ? undefined : rest };
}

function isAnyText(schema: JsonValue | undefined): boolean {
  return isJsonObject(schema) && schema["type"] === "string" && Object.keys(schema).length === 1;
}

function alternativesOf(schemas: readonly JsonValue[], root: JsonObject, references: number): readonly (readonly Shape[])[] | undefined {
  const known = schemas.map((schema) => shapesOf({ schema, root }, references + 1));
  return known.includes(undefined) ? undefined : known.map((shapes) => shapes ?? []);
}

const ALTERNATIVES_COMPARED = 32;

/** True when no value is in two alternatives: then "exactly one of them" is the same as "one of them". */
function areApart(alternatives: readonly (readonly Shape[])[]): boolean {
  if (alternatives.length > ALTERNATIVES_COMPARED) return false;
  return alternatives.every((one, index) =>
    alternatives.slice(index + 1).every((other) => one.every((a) => other.every((b) => isApart(a, b)))),
  );
}

/** True when no value can have both shapes. */
export function isApart(a: Shape, b: Shape): boolean {
  if (sortOf(a) !== sortOf(b)) return true;
  if (a.type === "value" && b.type === "value") return a.value !== b.value;
  if (a.type !== "object" || b.type !== "object") return false;
  return [...a.required].some((name) => {
    const [one, other] = [a, b].map(({ properties }) => properties.get(name));
    if (!b.required.has(name) || !isJsonObject(one) || !isJsonObject(other)) return false;
    return "const" in one && "const" in other && typeof one["const"] === "string" && one["const"] !== other["const"];
  });
}

/** What JavaScript would call the values of a shape. */
function sortOf(shape: Shape): string {
  if (shape.type === "value") return shape.value === null ? "null" : typeof shape.value;
  return shape.type === "text" ? "string" : shape.type;
}

function inexact(shapes: readonly Shape[] | undefined, isExact: boolean): readonly Shape[] | undefined {
  return isExact ? shapes : shapes?.map((shape) => ({ ...shape, exact: false }));
}

/** The listed values that have the type beside them, where there is one. */
function typed(schema: JsonObject, shapes: readonly Shape[]): readonly Shape[] {
  const allowed = schema["type"] === undefined ? undefined : shapesOfType(schema["type"], { type: schema["type"] }, []);
  return allowed === undefined ? shapes : shapes.filter((shape) => allowed.some((each) => isSameSort(shape, each)));
}

function isSameSort(shape: Shape, allowed: Shape): boolean {
  if (shape.type !== "value") return shape.type === allowed.type;
  if (allowed.type === "value") return shape.value === allowed.value;
  if (allowed.type === "number") return typeof shape.value === "number" && (!allowed.integer || Number.isInteger(shape.value));
  return allowed.type === "text" && typeof shape.value === "string";
}

/** Shapes that some value has. */
function present(shapes: readonly (NumberShape | TextShape | ListShape)[]): readonly Shape[] {
  return shapes.filter((shape) => !isEmpty(shape.type === "number" && shape.integer ? wholes(shape.range) : shape.range));
}

/** The range between the first and the last whole number in it. */
export function wholes({ min, max, openMin, openMax }: Range): Range {
  const first = openMin ? Math.floor(min) + 1 : Math.ceil(min);
  const last = openMax ? Math.ceil(max) - 1 : Math.floor(max);
  return closed(first, last);
}

/** True when no number is in the range. */
export function isEmpty({ min, max, openMin, openMax }: Range): boolean {
  return min > max || (min === max && (openMin || openMax));
}

/** The numbers that are in both. */
export function overlap(a: Range, b: Range): Range {
  const min = Math.max(a.min, b.min);
  const max = Math.min(a.max, b.max);
  return {
    min,
    max,
    openMin: (a.min === min && a.openMin) || (b.min === min && b.openMin),
    openMax: (a.max === max && a.openMax) || (b.max === max && b.openMax),
  };
}

function closed(min: number, max: number): Range {
  return { min, max, openMin: false, openMax: false };
}

function sizes(schema: JsonObject, min: string, max: string): Range {
  return closed(numberAt(schema, min) ?? 0, numberAt(schema, max) ?? Number.POSITIVE_INFINITY);
}

function numbers(schema: JsonObject): Range {
  const from = {
    ...closed(numberAt(schema, "minimum") ?? Number.NEGATIVE_INFINITY, numberAt(schema, "maximum") ?? Number.POSITIVE_INFINITY),
  };
  const above = {
    min: numberAt(schema, "exclusiveMinimum") ?? Number.NEGATIVE_INFINITY,
    max: numberAt(schema, "exclusiveMaximum") ?? Number.POSITIVE_INFINITY,
  };
  return overlap(from, { ...above, openMin: Number.isFinite(above.min), openMax: Number.isFinite(above.max) });
}

function numberAt(schema: JsonObject, keyword: string): number | undefined {
  const value = schema[keyword];
  return typeof value === "number" ? value : undefined;
}

/** A schema that is nothing but a reference as what it refers to; every other one as it is. */
export function followed({ schema, root }: Place): JsonValue | undefined {
  let found = schema;
  for (let steps = 0; steps < REFERENCES_LIMIT && isJsonObject(found); steps++) {
    const { $ref } = found;
    if (typeof $ref !== "string" || Object.keys(found).length > 1) return found;
    found = resolve(root, $ref);
  }
  return found;
}

/** The target of a reference within the same document: `#/$defs/Page`. */
function resolve(root: JsonObject, reference: string): JsonValue | undefined {
  if (!reference.startsWith("#")) return undefined;
  let target: JsonValue | undefined = root;
  for (const part of reference
    .slice(1)
    .split("/")
    .filter((each) => each !== "")) {
    target = isJsonObject(target) ? target[part.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  }
  return target;
}
