// The way back from a strict schema: there, optional properties are told as required ones that may be null, so the nulls
// that only stand for absent properties are taken out of a reply again. Pure; goes by the schema that was asked for.

import { isJsonObject, type JsonObject, type JsonValue } from "../../src/index.ts";
import { acceptsNull, includesType, requiredOf, variantsOf } from "../http/schema-dialect.ts";

/**
 * Takes the nulls out again that stand for absent optional properties in a dialect with `allRequired`,
 * so that the value can be checked by the schema it was asked for with.
 */
export function withoutAddedNulls(value: JsonValue, schema: JsonObject): JsonValue {
  return prune(value, schema, schema);
}

function prune(value: JsonValue, schema: JsonValue | undefined, root: JsonObject): JsonValue {
  const resolved = resolve(schema, root);
  if (resolved === undefined) return value;
  const variants = variantsOf(resolved);
  if (variants !== undefined) {
    const taken = variants.find((variant) => couldBe(value, variant, root));
    return prune(value, taken, root);
  }
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
