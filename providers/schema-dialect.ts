// JSON Schemas for constrained decoding. Each API takes a part of JSON Schema; one walk narrows a schema to that part, and a dialect is data.
// What only bounds a value moves into the description, since the caller validates anyway; what cannot be said at all makes the schema unfit.

import { isJsonObject, type JsonObject, type JsonValue } from "../src/json.ts";

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

/**
 * Takes the nulls out again that stand for absent optional properties in a dialect with `allRequired`,
 * so that the value can be checked by the schema it was asked for with.
 */
export function withoutAddedNulls(value: JsonValue, schema: JsonObject): JsonValue {
  return prune(value, schema, schema);
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

function prune(value: JsonValue, schema: JsonValue | undefined, root: JsonObject): JsonValue {
  const resolved = resolve(schema, root);
  if (resolved === undefined) return value;
  const variants = variantsOf(resolved);
  if (variants !== undefined)
    return prune(
      value,
      variants.find((variant) => couldBe(value, variant, root)),
      root,
    );
  if (Array.isArray(value)) return value.map((item: JsonValue) => prune(item, resolved["items"], root));
  if (!isJsonObject(value) || !isJsonObject(resolved["properties"])) return value;

  const properties = resolved["properties"];
  const required = requiredOf(resolved);
  const members = Object.entries(value)
    .filter(([name, member]) => member !== null || required.has(name) || acceptsNull(resolve(properties[name], root)))
    .map(([name, member]) => [name, prune(member, properties[name], root)] as const);
  return Object.fromEntries(members);
}

/** Tells the variants of a union apart by their literals and names: enough, since decoding was constrained to one of them. */
function couldBe(value: JsonValue, schema: JsonValue, root: JsonObject): boolean {
  const resolved = resolve(schema, root);
  if (resolved === undefined) return false;
  const variants = variantsOf(resolved);
  if (variants !== undefined) return variants.some((variant) => couldBe(value, variant, root));
  if (resolved["const"] !== undefined) return resolved["const"] === value;
  if (Array.isArray(resolved["enum"])) return resolved["enum"].includes(value);
  if (!isJsonObject(value)) return isJsonObject(resolved["properties"]) ? false : Array.isArray(value) === includesType(resolved, "array");
  const properties = resolved["properties"];
  if (!isJsonObject(properties)) return false;
  const required = requiredOf(resolved);
  return (
    Object.keys(value).every((name) => Object.hasOwn(properties, name)) &&
    Object.entries(properties).every(([name, property]) => {
      const member = value[name] ?? null;
      const isAbsent = member === null && !required.has(name);
      return isAbsent || !isLiteral(resolve(property, root)) || couldBe(member, property, root);
    })
  );
}

const REFERENCE_LIMIT = 32;

function resolve(schema: JsonValue | undefined, root: JsonObject): JsonObject | undefined {
  let current = schema;
  for (let hops = 0; isJsonObject(current) && typeof current["$ref"] === "string" && hops < REFERENCE_LIMIT; hops++) {
    let target: JsonValue | undefined = root;
    for (const step of current["$ref"].split("/").slice(1))
      target = isJsonObject(target) ? target[step.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
    current = target;
  }
  return isJsonObject(current) ? current : undefined;
}

function isLiteral(schema: JsonObject | undefined): boolean {
  return schema?.["const"] !== undefined || schema?.["enum"] !== undefined;
}

function acceptsNull(schema: JsonObject | undefined): boolean {
  if (schema === undefined) return false;
  const variants = variantsOf(schema);
  if (variants !== undefined) return variants.some((variant) => isJsonObject(variant) && acceptsNull(variant));
  return includesType(schema, "null") || (Array.isArray(schema["enum"]) && schema["enum"].includes(null)) || schema["const"] === null;
}

function variantsOf(schema: JsonObject): readonly JsonValue[] | undefined {
  const variants = schema["anyOf"] ?? schema["oneOf"];
  return Array.isArray(variants) ? variants : undefined;
}

function includesType(schema: JsonObject, type: string): boolean {
  return schema["type"] === type || (Array.isArray(schema["type"]) && schema["type"].includes(type));
}

function requiredOf(schema: JsonObject): ReadonlySet<JsonValue> {
  return new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
}
