// A JSON Schema as a schema: its JSON Schema is the very one it was read from, so fingerprints stay; zod validates, which fills in defaults.

import { fromJSONSchema, registry } from "zod";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Schema, SchemaResult } from "../schema.ts";
import { checkKeywords } from "./schema-keywords.ts";
import type { Report } from "./report.ts";

/** Schemas of one document that were read already: equal texts need not be read twice. */
export type KnownSchemas = Map<string, Schema>;

/** The schema at a place in a document; undefined, with findings, when it is none. */
export function readSchema(json: JsonValue, at: string, report: Report, known: KnownSchemas): Schema | undefined {
  const text = JSON.stringify(json);
  const before = known.get(text);
  if (before !== undefined) return before;
  let isSound = true;
  checkKeywords(json, at, (...finding) => {
    isSound = false;
    report(...finding);
  });
  if (!isSound || !isJsonObject(json)) {
    if (isSound) report("bad_schema", at, "is no JSON Schema", 'Give an object such as { "type": "string" }.');
    return undefined;
  }
  try {
    const schema = schemaOf(json);
    known.set(text, schema);
    return schema;
  } catch (error) {
    report("bad_schema", at, `cannot be used: ${error instanceof Error ? error.message : "unknown reason"}`, "Say it with other keywords.");
    return undefined;
  }
}

function schemaOf(json: JsonObject): Schema {
  // A registry of its own: what schemas of documents say of themselves is nothing that others should find.
  // The schema of an object is one.
  const validator = fromJSONSchema(rewritten(json, completed) as JsonObject, { registry: registry() });
  const validate = (value: unknown): SchemaResult<unknown> => {
    const { data, error } = validator.safeParse(value);
    return error === undefined ? { value: data } : { issues: error.issues };
  };
  // Objects stay objects.
  const output = rewritten(json, filled) as JsonObject;
  // A reference that only leads to itself is found out by the first value.
  void validate(null);
  return {
    "~standard": {
      version: 1,
      vendor: "kindling",
      validate,
      jsonSchema: {
        input: () => json,
        output: () => output,
      },
    },
  };
}

/** The same schema with each of its parts changed, the inner ones first. */
function rewritten(schema: JsonValue, change: (part: JsonObject) => JsonObject): JsonValue {
  if (Array.isArray(schema)) return schema.map((part: JsonValue) => rewritten(part, change));
  if (!isJsonObject(schema)) return schema;
  const parts = Object.entries(schema).map(([keyword, value]) => {
    if (hasValues(keyword)) return [keyword, value] as const;
    if (!isMap(keyword) || !isJsonObject(value)) return [keyword, rewritten(value, change)] as const;
    return [keyword, Object.fromEntries(Object.entries(value).map(([name, part]) => [name, rewritten(part, change)]))] as const;
  });
  return change(Object.fromEntries(parts));
}

/** With what zod would not ask for: names that are required and have no schema of their own, and lists of anything with a length. */
function completed(schema: JsonObject): JsonObject {
  const { type, required, properties, additionalProperties, items, prefixItems } = schema;
  const types: readonly JsonValue[] = Array.isArray(type) ? type : type === undefined ? [] : [type];
  const known = isJsonObject(properties) ? properties : {};
  const others = namesOf(required).filter((name) => !Object.hasOwn(known, name));
  // A name that must be there and may hold anything: every value, but not none.
  const present = isJsonObject(additionalProperties) && Object.keys(additionalProperties).length > 0 ? additionalProperties : ANY_VALUE;
  return {
    ...schema,
    ...(others.length === 0 ? {} : { properties: { ...known, ...Object.fromEntries(others.map((name) => [name, present])) } }),
    ...(types.includes("array") && items === undefined && prefixItems === undefined ? { items: {} } : {}),
  };
}

/** After defaults are filled in, what has one is always there. */
function filled(schema: JsonObject): JsonObject {
  const { properties, required } = schema;
  if (!isJsonObject(properties)) return schema;
  const defaulted = Object.entries(properties).flatMap(([name, part]) => (isJsonObject(part) && "default" in part ? [name] : []));
  return defaulted.length === 0 ? schema : { ...schema, required: [...new Set([...namesOf(required), ...defaulted])] };
}

function namesOf(required: JsonValue | undefined): readonly string[] {
  return Array.isArray(required) ? required.filter((name): name is string => typeof name === "string") : [];
}

const ANY_VALUE: JsonObject = { anyOf: ["string", "number", "boolean", "null", "object", "array"].map((type) => ({ type })) };

/** Keywords that hold values and no schemas: a default may look like a schema. */
function hasValues(keyword: string): boolean {
  return ["default", "examples", "enum", "const", "required"].includes(keyword) || keyword.startsWith("x-");
}

function isMap(keyword: string): boolean {
  return ["properties", "patternProperties", "$defs"].includes(keyword);
}
