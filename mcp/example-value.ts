// A value that fits a JSON Schema, for whoever has to fill one in: its own examples and defaults first, then listed values, then something made up within its bounds. Pure.
// What it makes may still be refused by a pattern or by the schema's own code, so whoever shows it checks it first.

import { isJsonObject, type JsonObject, type JsonValue } from "../src/index.ts";

/** A place in a schema: what stands there, the whole it may refer to, the name of the member, and how deep it is. */
interface Place {
  readonly schema: JsonObject;
  readonly root: JsonObject;
  readonly name: string;
  readonly depth: number;
}

const DEPTH_LIMIT = 12;
/** Texts and lists that must be longer are not made up. */
const LENGTH_LIMIT = 200;

const TEXTS: Readonly<Record<string, string>> = {
  date: "2026-01-31",
  "date-time": "2026-01-31T12:00:00Z",
  time: "12:00:00",
  duration: "PT1H",
  email: "name@example.org",
  hostname: "example.org",
  uri: "https://example.org",
  uuid: "00000000-0000-4000-8000-000000000000",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
};

/** What patterns often ask for. */
const GUESSES = [
  "example",
  "EXAMPLE",
  "Example",
  "example-1",
  "1.0.0",
  "en",
  "en-GB",
  "EUR",
  "ABC-123",
  "ABC123",
  "1",
  "42",
  "2026",
  "+15550100",
  "#336699",
  "abc1234",
  "0123456789abcdef",
];

/** A value for a schema that stands under a name; undefined where none can be made up. `root` is the document that its references point into. */
export function exampleValue(schema: JsonObject, name: string, root: JsonObject = schema): JsonValue | undefined {
  return valueAt({ schema, root, name, depth: 0 });
}

function valueAt(place: Place): JsonValue | undefined {
  const { schema, root, depth } = place;
  if (depth > DEPTH_LIMIT) return undefined;
  const { $ref: reference, allOf, const: only, default: usual, examples, enum: listed } = schema;
  const [given] = [...listOf(examples), usual, only, ...listOf(listed)].filter((value) => value !== undefined);
  if (given !== undefined) return given;
  if (typeof reference === "string") {
    const target = targetOf(root, reference);
    return target === undefined ? undefined : valueAt({ ...place, schema: target, depth: depth + 1 });
  }
  if (Array.isArray(allOf)) return valueAt({ ...place, schema: merged(schema, allOf.filter(isJsonObject)), depth: depth + 1 });
  for (const variant of alternativesOf(schema)) {
    const value = valueAt({ ...place, schema: variant, depth: depth + 1 });
    if (value !== undefined) return value;
  }
  return typedValue(place);
}

function typedValue(place: Place): JsonValue | undefined {
  const { schema, name } = place;
  switch (typeOf(schema)) {
    case "object":
      return objectValue(place);
    case "array":
      return arrayValue(place);
    case "string":
      return textValue(schema, name);
    case "integer":
    case "number":
      return numberValue(schema);
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return alternativesOf(schema).length > 0 ? undefined : `example ${name}`.trim();
  }
}

function objectValue({ schema, root, depth }: Place): JsonObject | undefined {
  const { properties = {}, required } = schema;
  const members = isJsonObject(properties) ? Object.entries(properties) : [];
  const made: [name: string, value: JsonValue][] = [];
  for (const [name, member] of members) {
    const isRequired = listOf(required).includes(name);
    const inside = isJsonObject(member) ? member : {};
    if (!isRequired && inside["default"] === undefined && inside["examples"] === undefined) continue;
    const value = valueAt({ schema: inside, root, name, depth: depth + 1 });
    if (value !== undefined) made.push([name, value]);
    else if (isRequired) return undefined;
  }
  return Object.fromEntries(made);
}

function arrayValue({ schema, root, name, depth }: Place): readonly JsonValue[] | undefined {
  const { items, prefixItems, minItems, maxItems } = schema;
  const fixed = listOf(prefixItems).map((each) => (isJsonObject(each) ? valueAt({ schema: each, root, name, depth: depth + 1 }) : null));
  const least = numberOf(minItems) ?? 0;
  const count = Math.min(Math.max(least, 1), numberOf(maxItems) ?? LENGTH_LIMIT) - fixed.length;
  const each = isJsonObject(items) && count > 0 ? valueAt({ schema: items, root, name, depth: depth + 1 }) : undefined;
  const isEmpty = count <= 0 || (each === undefined && least <= fixed.length);
  const all = isEmpty ? fixed : [...fixed, ...Array.from({ length: Math.min(count, LENGTH_LIMIT) }, () => each)];
  const made = all.filter((value) => value !== undefined);
  return made.length === all.length ? made : undefined;
}

function textValue({ format, pattern, minLength, maxLength }: JsonObject, name: string): string | undefined {
  const [least, most] = [numberOf(minLength) ?? 0, numberOf(maxLength) ?? LENGTH_LIMIT];
  if (least > LENGTH_LIMIT) return undefined;
  const known = typeof format === "string" ? TEXTS[format] : undefined;
  if (known !== undefined) return known;
  const sized = [`example ${name}`.trim(), ...GUESSES].map((text) => text.slice(0, most).padEnd(least, "x"));
  return typeof pattern === "string" ? sized.find((text) => isMatch(pattern, text)) : sized[0];
}

function isMatch(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    // Another dialect of patterns than this one: what fits it is not known here.
    return false;
  }
}

function numberValue(schema: JsonObject): number {
  const step = numberOf(schema["multipleOf"]) ?? (typeOf(schema) === "integer" ? 1 : undefined);
  const beside = step ?? 0.5;
  const low = Math.max(numberOf(schema["minimum"]) ?? -Infinity, (numberOf(schema["exclusiveMinimum"]) ?? -Infinity) + beside);
  const high = Math.min(numberOf(schema["maximum"]) ?? Infinity, (numberOf(schema["exclusiveMaximum"]) ?? Infinity) - beside);
  const wished = Math.min(Math.max(1, low), high);
  if (step === undefined) return wished;
  const upwards = Math.ceil(wished / step) * step;
  return upwards <= high ? upwards : Math.floor(wished / step) * step;
}

/** The alternatives of a schema, with what stands beside them; null last, since it says least. */
function alternativesOf(schema: JsonObject): readonly JsonObject[] {
  const { anyOf, oneOf, type, ...rest } = schema;
  const types: readonly JsonObject[] = Array.isArray(type) ? type.map((each: JsonValue) => ({ ...rest, type: each })) : [];
  const listed = [...listOf(anyOf), ...listOf(oneOf)].filter(isJsonObject).map((variant) => merged(rest, [variant]));
  return [...types, ...listed].toSorted((a, b) => Number(a["type"] === "null") - Number(b["type"] === "null"));
}

/** Several schemas as one; good for objects, whose members come together. */
function merged({ allOf: _allOf, ...schema }: JsonObject, parts: readonly JsonObject[]): JsonObject {
  return parts.reduce<JsonObject>((whole, part) => {
    const [own, more] = [whole["properties"], part["properties"]];
    const properties = isJsonObject(own) && isJsonObject(more) ? { properties: { ...own, ...more } } : {};
    const required = [...listOf(whole["required"]), ...listOf(part["required"])];
    return { ...whole, ...part, ...properties, ...(required.length === 0 ? {} : { required }) };
  }, schema);
}

function typeOf({ type, properties }: JsonObject): JsonValue | undefined {
  return type ?? (isJsonObject(properties) ? "object" : undefined);
}

/** The target of a reference within the same document: `#/$defs/Page`. */
function targetOf(root: JsonObject, reference: string): JsonObject | undefined {
  if (!reference.startsWith("#")) return undefined;
  const parts = reference
    .slice(1)
    .split("/")
    .filter((part) => part !== "");
  const found = parts.reduce<JsonValue | undefined>(
    (at, part) => (isJsonObject(at) ? at[part.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined),
    root,
  );
  return isJsonObject(found) ? found : undefined;
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}
