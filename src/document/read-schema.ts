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
  const validator = fromJSONSchema(completed(json) as JsonObject, { registry: registry() });
  const validate = (value: unknown): SchemaResult<unknown> => {
    const { data, error } = validator.safeParse(value);
    return error === undefined ? { value: data } : { issues: error.issues };
  };
  // A reference that only leads to itself is found out by the first value.
  void validate(null);
  return {
    "~standard": {
      version: 1,
      vendor: "kindling",
      validate,
      jsonSchema: {
        input: () => json,
        // What is there after defaults are filled in, as zod tells it.
        output: () => validator["~standard"].jsonSchema.output({ target: "draft-2020-12" }),
      },
    },
  };
}

/** The same with what zod would not ask for: names that are required and have no schema of their own, and lists of anything with a length. */
function completed(schema: JsonValue): JsonValue {
  if (Array.isArray(schema)) return schema.map(completed);
  if (!isJsonObject(schema)) return schema;
  const parts: Record<string, JsonValue> = {};
  for (const [keyword, value] of Object.entries(schema))
    parts[keyword] = hasValues(keyword) ? value : isMap(keyword) ? mapped(value) : completed(value);
  const { required, properties, additionalProperties } = parts;
  if (Array.isArray(required)) {
    const known = isJsonObject(properties) ? properties : {};
    const others = required.filter((name): name is string => typeof name === "string" && !Object.hasOwn(known, name));
    // A name that must be there and may hold anything: every value, but not none.
    const present: JsonValue =
      isJsonObject(additionalProperties) && Object.keys(additionalProperties).length > 0 ? additionalProperties : ANY_VALUE;
    parts["properties"] = { ...known, ...Object.fromEntries(others.map((name) => [name, present])) };
  }
  const types = Array.isArray(schema["type"]) ? schema["type"] : [schema["type"]];
  if (types.includes("array") && parts["items"] === undefined && parts["prefixItems"] === undefined) parts["items"] = {};
  return parts;
}

const ANY_VALUE: JsonObject = { anyOf: ["string", "number", "boolean", "null", "object", "array"].map((type) => ({ type })) };

/** Keywords that hold values and no schemas: a default may look like a schema. */
function hasValues(keyword: string): boolean {
  return ["default", "examples", "enum", "const", "required"].includes(keyword) || keyword.startsWith("x-");
}

function isMap(keyword: string): boolean {
  return ["properties", "patternProperties", "$defs"].includes(keyword);
}

function mapped(value: JsonValue): JsonValue {
  return isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, completed(part)])) : value;
}
