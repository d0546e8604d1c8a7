// What a JSON Schema in a document may say. What the validator would pass over in silence is told here instead. Knows no documents.

import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { meant, type Report } from "./report.ts";

/** Keywords that say nothing about values. */
const NOTES = [
  "$schema",
  "$id",
  "id",
  "$comment",
  "$anchor",
  "$defs",
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
];
/** Keywords that have their force without a type. */
const WHOLE = ["$ref", "type", "enum", "const", "anyOf", "oneOf", "allOf"];
const OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  string: ["minLength", "maxLength", "pattern", "format", "contentEncoding", "contentMediaType"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  integer: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  boolean: [],
  null: [],
  object: ["properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties", "maxProperties"],
  array: ["items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains"],
};
const TYPES = Object.keys(OF_TYPE);
const ALL = [...NOTES, ...WHOLE, "not", ...new Set(Object.values(OF_TYPE).flat())];
const FORMATS =
  "email uri uri-reference uuid guid date-time date time duration hostname ipv4 ipv6 mac cidr cidr-v6 cidrv4 cidrv6 base64 base64url e164 credit_card iban jwt emoji nanoid cuid cuid2 ulid xid ksuid regex lowercase uppercase json-string".split(
    " ",
  );
const COUNTS = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains"];
const NUMBERS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];

/** Tells everything in a schema that would have no force. `at` is its place in the document. */
export function checkKeywords(schema: JsonValue, at: string, report: Report): void {
  const definitions = isJsonObject(schema) && isJsonObject(schema["$defs"]) ? Object.keys(schema["$defs"]) : [];
  checkPart(schema, at, { report, definitions });
}

interface Scope {
  readonly report: Report;
  readonly definitions: readonly string[];
}

function checkPart(schema: JsonValue | undefined, at: string, scope: Scope): void {
  if (typeof schema === "boolean") return;
  const bad = (place: string, message: string, hint: string | (() => string)) => scope.report("bad_schema", place, message, hint);
  if (!isJsonObject(schema)) return bad(at, "is no JSON Schema", 'Give an object such as { "type": "string" }.');
  const types = typesOf(schema, at, bad);
  const allowed = new Set(types.flatMap((type) => OF_TYPE[type] ?? []));
  for (const [keyword, value] of Object.entries(schema)) {
    const place = `${at}.${keyword}`;
    if (NOTES.includes(keyword) || WHOLE.includes(keyword) || keyword.startsWith("x-")) checkWhole(keyword, value, place, { bad, scope });
    else if (keyword === "not") {
      if (!isJsonObject(value) || Object.keys(value).length > 0)
        bad(place, "is not supported, but for not: {}, which nothing fits", "Say what is allowed instead.");
    } else if (!ALL.includes(keyword)) bad(place, "is no keyword that is understood here", () => meant(keyword, ALL));
    else if (!allowed.has(keyword))
      bad(
        place,
        types.length === 0 ? "has no force without a type" : `has no force for the type ${types.join(" or ")}`,
        "Say the type that it is for.",
      );
    else checkValue(keyword, value, place, { bad, scope });
  }
}

type Bad = (place: string, message: string, hint: string | (() => string)) => void;

function typesOf({ type }: JsonObject, at: string, bad: Bad): readonly string[] {
  if (type === undefined) return [];
  const given: readonly JsonValue[] = Array.isArray(type) ? type : [type];
  const known = given.filter((each): each is string => typeof each === "string" && TYPES.includes(each));
  if (known.length < given.length || known.length === 0)
    bad(`${at}.type`, `is ${JSON.stringify(type)?.slice(0, 80)}`, `Give one or several of ${TYPES.join(", ")}.`);
  return known;
}

interface Site {
  readonly bad: Bad;
  readonly scope: Scope;
}

function checkWhole(keyword: string, value: JsonValue, place: string, { bad, scope }: Site): void {
  switch (keyword) {
    case "$ref":
      return checkReference(value, place, bad, scope.definitions);
    case "$defs":
      return checkParts(value, place, { bad, scope });
    case "anyOf":
    case "oneOf":
    case "allOf":
      if (!Array.isArray(value) || value.length === 0) return bad(place, "is no list of schemas", "Give at least one.");
      return value.forEach((part: JsonValue, index) => checkPart(part, `${place}[${index}]`, scope));
    case "enum":
      if (!Array.isArray(value) || value.length === 0) return bad(place, "is no list of values", "Give at least one.");
      if (value.some((member: JsonValue) => typeof member === "object" && member !== null))
        bad(place, "has an object or a list", "Give texts, numbers, true, false or null.");
      return;
    case "const":
      if (typeof value === "object" && value !== null) bad(place, "is an object or a list", "Give a text, a number, true, false or null.");
      return;
    case "description":
      if (typeof value !== "string") bad(place, "is no text", "Give a text.");
      return;
    default:
  }
}

function checkReference(value: JsonValue, place: string, bad: Bad, definitions: readonly string[]): void {
  const name = typeof value === "string" && value.startsWith("#/$defs/") ? value.slice("#/$defs/".length) : undefined;
  if (value === "#") return;
  const decoded = name?.replaceAll("~1", "/").replaceAll("~0", "~");
  if (decoded === undefined || !definitions.includes(decoded))
    bad(
      place,
      `is ${JSON.stringify(value).slice(0, 80)}, which is not in $defs of this schema`,
      () => `Write "#/$defs/<name>". ${meant(decoded ?? "", definitions)}`,
    );
}

function checkValue(keyword: string, value: JsonValue, place: string, { bad, scope }: Site): void {
  if (COUNTS.includes(keyword)) {
    if (!Number.isInteger(value) || Number(value) < 0) bad(place, "is no count", "Give a whole number from 0 on.");
  } else if (NUMBERS.includes(keyword)) {
    if (typeof value !== "number" || (keyword === "multipleOf" && value <= 0))
      bad(place, "is no fitting number", "Give a number; multipleOf is above 0.");
  } else if (keyword === "pattern") checkPattern(value, place, bad);
  else if (keyword === "format") {
    if (typeof value !== "string" || !FORMATS.includes(value))
      bad(place, `is ${JSON.stringify(value).slice(0, 80)}, which is not checked here`, () =>
        meant(typeof value === "string" ? value : "", FORMATS),
      );
  } else if (keyword === "required") {
    if (!Array.isArray(value) || value.some((name: JsonValue) => typeof name !== "string"))
      bad(place, "is no list of names", "Give the names that must be there.");
  } else if (keyword === "properties") checkParts(value, place, { bad, scope });
  else if (keyword === "patternProperties") {
    for (const pattern of isJsonObject(value) ? Object.keys(value) : []) checkPattern(pattern, place, bad);
    checkParts(value, place, { bad, scope });
  } else if (keyword === "prefixItems") {
    if (!Array.isArray(value)) return bad(place, "is no list of schemas", "Give one for each position.");
    value.forEach((part: JsonValue, index) => checkPart(part, `${place}[${index}]`, scope));
  } else if (["items", "contains", "additionalProperties", "propertyNames"].includes(keyword)) checkPart(value, place, scope);
}

function checkPattern(value: JsonValue, place: string, bad: Bad): void {
  if (typeof value !== "string") return bad(place, "is no text", "Give a regular expression as text.");
  try {
    new RegExp(value);
  } catch (error) {
    bad(place, `is no regular expression: ${error instanceof Error ? error.message : value}`, "Give one as JavaScript has them.");
  }
}

function checkParts(value: JsonValue, place: string, { bad, scope }: Site): void {
  if (!isJsonObject(value)) return bad(place, "is no object of schemas", "Give a schema for each name.");
  for (const [name, part] of Object.entries(value)) checkPart(part, `${place}.${name}`, scope);
}
