// JSON Schemas for constrained decoding. Each API takes a part of JSON Schema; one walk narrows a
// schema to that part, and a dialect is data. What only bounds a value moves into the description,
// since the caller validates anyway; what cannot be said at all makes the schema unfit.

import { isJsonObject, type JsonObject, type JsonValue } from "../../src/index.ts";

/** The part of JSON Schema an API takes. */
export interface SchemaDialect {
  /** Keywords beside the structural ones that are sent as they are. */
  readonly keywords: ReadonlySet<string>;
  /** String formats that are sent as they are. */
  readonly formats: ReadonlySet<string>;
  /** The largest `minItems` that may be sent. */
  readonly minItemsLimit: number;
  /** Optional properties are told as required ones that may be null. */
  readonly allRequired: boolean;
}

/** The narrowed schema, or why there is none. */
export type NarrowedSchema = { readonly fits: true; readonly schema: JsonObject } | { readonly fits: false; readonly reason: string };

/** Narrows a schema whose root must be an object. */
export function narrowSchema(schema: JsonObject, dialect: SchemaDialect): NarrowedSchema {
  if (schema["type"] !== "object") return { fits: false, reason: "its root is not an object" };
  try {
    return { fits: true, schema: narrow(schema, "$", dialect) };
  } catch (error) {
    if (error instanceof Unfit) return { fits: false, reason: error.message };
    throw error;
  }
}

class Unfit extends Error {}

const STRUCTURE = new Set([
  "type",
  "enum",
  "const",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "anyOf",
  "oneOf",
  "$ref",
  "$defs",
  "definitions",
  "description",
  "title",
  "$schema",
  "$id",
  "propertyNames",
]);
const BEYOND_REACH = [
  "allOf",
  "not",
  "if",
  "then",
  "else",
  "patternProperties",
  "prefixItems",
  "dependentSchemas",
  "dependentRequired",
  "unevaluatedProperties",
  "contains",
];

function narrow(schema: JsonValue | undefined, at: string, dialect: SchemaDialect): JsonObject {
  if (!isJsonObject(schema)) throw new Unfit(`${at} allows any value`);
  const beyond = BEYOND_REACH.find((keyword) => keyword in schema);
  if (beyond !== undefined) throw new Unfit(`${at} uses "${beyond}"`);

  const result: Record<string, JsonValue> = {};
  for (const keyword of ["$defs", "definitions"])
    if (isJsonObject(schema[keyword])) result[keyword] = narrowEach(schema[keyword], `${at}.${keyword}`, dialect);
  if (schema["$ref"] !== undefined) return { ...result, $ref: schema["$ref"] };

  const variants = variantsOf(schema);
  if (variants !== undefined) result["anyOf"] = variants.map((variant, index) => narrow(variant, `${at}.anyOf[${index}]`, dialect));
  else if (schema["type"] === undefined && schema["enum"] === undefined && schema["const"] === undefined)
    throw new Unfit(`${at} allows any value`);
  for (const keyword of ["title", "type", "enum", "const"]) if (schema[keyword] !== undefined) result[keyword] = schema[keyword];

  if (includesType(schema, "object")) Object.assign(result, narrowObject(schema, at, dialect));
  if (includesType(schema, "array")) result["items"] = narrow(schema["items"], `${at}.items`, dialect);
  return { ...result, ...narrowBounds(schema, dialect) };
}

function narrowObject(schema: JsonObject, at: string, dialect: SchemaDialect): JsonObject {
  const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {};
  const rest = schema["additionalProperties"];
  const isOpen = rest !== undefined && rest !== false;
  // With named properties, leaving out further ones still gives valid values; without any, nothing but {} would be left.
  if (isOpen && Object.keys(properties).length === 0) throw new Unfit(`${at} is a record with free keys`);

  const narrowed = narrowEach(properties, at, dialect);
  if (!dialect.allRequired)
    return {
      properties: narrowed,
      additionalProperties: false,
      ...(schema["required"] === undefined ? {} : { required: schema["required"] }),
    };
  const required = requiredOf(schema);
  const complete = Object.entries(narrowed).map(([name, property]) => [name, required.has(name) ? property : nullable(property)] as const);
  return { properties: Object.fromEntries(complete), additionalProperties: false, required: Object.keys(narrowed) };
}

function narrowEach(schemas: JsonObject, at: string, dialect: SchemaDialect): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, narrow(schema, `${at}.${name}`, dialect)]));
}

function nullable(schema: JsonObject): JsonObject {
  return acceptsNull(schema) ? schema : { anyOf: [schema, { type: "null" }] };
}

/** The keywords that bound a value: kept where the dialect takes them, told in the description where not. */
function narrowBounds(schema: JsonObject, dialect: SchemaDialect): JsonObject {
  const kept: Record<string, JsonValue> = {};
  const told: string[] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (STRUCTURE.has(keyword)) continue;
    if (isTaken(keyword, value, dialect)) kept[keyword] = value;
    else told.push(`${keyword}: ${JSON.stringify(value)}`);
  }
  const description = typeof schema["description"] === "string" ? schema["description"] : undefined;
  const whole = [description, told.length === 0 ? undefined : `{${told.join(", ")}}`].filter((part) => part !== undefined).join("\n\n");
  return whole === "" ? kept : { ...kept, description: whole };
}

function isTaken(keyword: string, value: JsonValue, dialect: SchemaDialect): boolean {
  if (keyword === "format") return typeof value === "string" && dialect.formats.has(value);
  if (keyword === "minItems") return typeof value === "number" && value <= dialect.minItemsLimit;
  // Constrained decoding has no lookaround in any dialect.
  if (keyword === "pattern" && typeof value === "string" && /\(\?(?:=|!|<=|<!)/.test(value)) return false;
  return dialect.keywords.has(keyword);
}

/** True when null is a value of it. */
export function acceptsNull(schema: JsonObject | undefined): boolean {
  if (schema === undefined) return false;
  const variants = variantsOf(schema);
  if (variants !== undefined) return variants.some((variant) => isJsonObject(variant) && acceptsNull(variant));
  return includesType(schema, "null") || (Array.isArray(schema["enum"]) && schema["enum"].includes(null)) || schema["const"] === null;
}

/** The schemas of which one must hold, if it is such a union. */
export function variantsOf(schema: JsonObject): readonly JsonValue[] | undefined {
  const variants = schema["anyOf"] ?? schema["oneOf"];
  return Array.isArray(variants) ? variants : undefined;
}

/** True when the type, or one of the types, is this. */
export function includesType(schema: JsonObject, type: string): boolean {
  return schema["type"] === type || (Array.isArray(schema["type"]) && schema["type"].includes(type));
}

/** The names of the properties that must be there. */
export function requiredOf(schema: JsonObject): ReadonlySet<JsonValue> {
  return new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
}
