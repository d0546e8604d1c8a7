// Reads the JSON Schemas of inputs and payloads as far as the command line needs: which fields there are, what they take, and an example.
// Schemas come from any library, so whatever is not understood is simply not told.

import type { JsonObject, JsonValue } from "../index.ts";

/** A field of an object as a schema describes it. */
export interface Field {
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonObject;
}

/** True for an object that is neither null nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The alternatives of a schema (`anyOf`, `oneOf`, several types), references within it followed; itself when it has none. */
export function variantsOf(schema: JsonObject, root: JsonObject = schema, depth = 0): readonly JsonObject[] {
  if (depth > DEPTH_LIMIT) return [];
  const reference = schema["$ref"];
  if (typeof reference === "string") {
    const target = resolve(root, reference);
    return target === undefined ? [] : variantsOf(target, root, depth + 1);
  }
  const { type } = schema;
  if (Array.isArray(type)) return type.map((each: JsonValue) => ({ ...schema, type: each }));
  const alternatives = schema["anyOf"] ?? schema["oneOf"];
  if (!Array.isArray(alternatives)) return [schema];
  return alternatives.filter(isObject).flatMap((each) => variantsOf(each, root, depth + 1));
}

/** The fields of an object schema; those of all alternatives, required only where all require them. */
export function fieldsOf(schema: JsonObject): readonly Field[] {
  const variants = variantsOf(schema).filter((variant) => isObject(variant["properties"]));
  const fields = new Map<string, Field[]>();
  for (const variant of variants) {
    const required = textsOf(variant["required"]);
    const properties = isObject(variant["properties"]) ? variant["properties"] : {};
    for (const [name, property] of Object.entries(properties)) {
      const field = { name, required: required.includes(name), schema: isObject(property) ? property : {} };
      fields.set(name, [...(fields.get(name) ?? []), field]);
    }
  }
  return [...fields].map(([name, found]) => {
    const [first] = found;
    const merged = found.length > 1 ? { anyOf: found.map((field) => field.schema) } : (first?.schema ?? {});
    return { name, required: found.length === variants.length && found.every((field) => field.required), schema: merged };
  });
}

/** The values a schema lists (`enum`, `const`), those of all alternatives. */
export function choicesOf(schema: JsonObject): readonly JsonValue[] {
  return variantsOf(schema).flatMap((variant): readonly JsonValue[] => {
    if (variant["const"] !== undefined) return [variant["const"]];
    const listed = variant["enum"];
    return Array.isArray(listed) ? (listed as readonly JsonValue[]) : [];
  });
}

/** True when a schema takes text and nothing of a value's type, so that `2026` given for it is text as well. */
export function takesAsText(schema: JsonObject, value: JsonValue): boolean {
  const types = variantsOf(schema).map(typeOf);
  return (
    types.includes("string") &&
    !types.some((type) => type === "unknown" || type === typeOfValue(value) || (type === "integer" && typeof value === "number"))
  );
}

/** What a schema takes, in a few words: `text`, `"approve" or "reject"`, `list of numbers`. */
export function describeSchema(schema: JsonObject): string {
  const words = new Set(variantsOf(schema).map(describeVariant));
  return [...words].join(" or ") || "any JSON";
}

/** An example of what a schema takes: its own one where it has one, else the required fields with made-up values. */
export function exampleOf(schema: JsonObject, root: JsonObject = schema, depth = 0): JsonValue {
  const [variant = {}] = variantsOf(schema, root);
  const given = variant["default"] ?? (Array.isArray(variant["examples"]) ? (variant["examples"] as readonly JsonValue[])[0] : undefined);
  if (given !== undefined) return given;
  const [choice] = choicesOf(variant);
  if (choice !== undefined) return choice;
  if (depth > EXAMPLE_DEPTH) return null;
  switch (typeOf(variant)) {
    case "object":
      return exampleObject(variant, root, depth);
    case "array":
      return isObject(variant["items"]) ? [exampleOf(variant["items"], root, depth + 1)] : [];
    case "string":
      return EXAMPLE_TEXTS[typeof variant["format"] === "string" ? variant["format"] : ""] ?? "…";
    case "number":
    case "integer":
      return typeof variant["minimum"] === "number" ? variant["minimum"] : 1;
    case "boolean":
      return true;
    default:
      return null;
  }
}

const DEPTH_LIMIT = 8;
const EXAMPLE_DEPTH = 4;

const EXAMPLE_TEXTS: Readonly<Record<string, string>> = {
  date: "2026-01-31",
  "date-time": "2026-01-31T12:00:00Z",
  email: "name@example.org",
  uri: "https://example.org",
  uuid: "00000000-0000-4000-8000-000000000000",
};

function exampleObject(variant: JsonObject, root: JsonObject, depth: number): JsonObject {
  const fields = fieldsOf(variant);
  const required = fields.filter((field) => field.required);
  const told = required.length > 0 ? required : fields.slice(0, 1);
  return Object.fromEntries(told.map((field) => [field.name, exampleOf(field.schema, root, depth + 1)]));
}

function describeVariant(variant: JsonObject): string {
  const choices = choicesOf(variant);
  if (choices.length > 0) return choices.map((choice) => JSON.stringify(choice)).join(" or ");
  switch (typeOf(variant)) {
    case "string":
      return typeof variant["format"] === "string" ? `text (${variant["format"]})` : "text";
    case "integer":
      return "whole number";
    case "number":
      return "number";
    case "boolean":
      return "true or false";
    case "null":
      return "null";
    case "array":
      return isObject(variant["items"]) ? `list of ${describeSchema(variant["items"])}` : "list";
    case "object": {
      const names = fieldsOf(variant).map((field) => (field.required ? field.name : `${field.name}?`));
      return names.length === 0 ? "object" : `{ ${names.join(", ")} }`;
    }
    default:
      return "any JSON";
  }
}

function typeOf(variant: JsonObject): string {
  if (typeof variant["type"] === "string") return variant["type"];
  const choices = choicesOf(variant);
  if (choices.length > 0 && choices.every((choice) => typeof choice === "string")) return "string";
  return isObject(variant["properties"]) ? "object" : "unknown";
}

function typeOfValue(value: JsonValue): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

/** The target of a reference within the same document: `#/$defs/Page`. */
function resolve(root: JsonObject, reference: string): JsonObject | undefined {
  if (!reference.startsWith("#")) return undefined;
  let target: JsonValue | undefined = root;
  for (const part of reference
    .slice(1)
    .split("/")
    .filter((each) => each !== "")) {
    target = isObject(target) ? target[part.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  }
  return isObject(target) ? target : undefined;
}
