// What is held fast of a tool of another server: everything a model is told of it and its calls are checked with. Texts are brought into one form first, so that what
// a person has reviewed is exactly what models get. Pure; knows no connection.

import { hashJson, isJsonObject, type JsonObject, type JsonValue } from "../../src/index.ts";

/** A tool as it was reviewed. */
export interface ToolPin {
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly outputSchema?: JsonObject;
  /** What the server claims of it (`readOnlyHint` …): held fast and shown, and believed by nobody. */
  readonly hints?: JsonObject;
}

/** A tool as a server lists it. */
export interface ListedTool {
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema: object;
  readonly outputSchema?: object | undefined;
  readonly annotations?: object | undefined;
}

/** The parts of a pin. */
export const PIN_PARTS = ["description", "inputSchema", "outputSchema", "hints"] as const;
export type PinPart = (typeof PIN_PARTS)[number];

/** What is longer is cut, in characters. */
export const DESCRIPTION_LIMIT = 4_000;
const HINTS = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"];

/** What there is to hold fast of a listed tool. */
export function pinOf({ description = "", inputSchema, outputSchema, annotations }: ListedTool): ToolPin {
  const hints = Object.fromEntries(Object.entries(jsonOf(annotations ?? {})).filter(([name]) => HINTS.includes(name)));
  return {
    description: cleaned(description).slice(0, DESCRIPTION_LIMIT),
    inputSchema: cleanedSchema(jsonOf(inputSchema)),
    ...(outputSchema === undefined ? {} : { outputSchema: cleanedSchema(jsonOf(outputSchema)) }),
    ...(Object.keys(hints).length === 0 ? {} : { hints }),
  };
}

/** The parts in which two pins differ. */
export function changedParts(pinned: ToolPin, present: ToolPin): readonly PinPart[] {
  return PIN_PARTS.filter((part) => hashJson(pinned[part] ?? null) !== hashJson(present[part] ?? null));
}

/** What a pin is known by: `sha256:` and 64 digits. */
export function pinHash(pin: ToolPin): string {
  // A pin is JSON throughout.
  return `sha256:${hashJson(jsonOf(pin))}`;
}

/** Characters that no reader sees and a model may obey: controls other than tab and line end, marks of direction, tags, fillers, private, lone and unassigned ones. */
const UNSEEN =
  /(?![\n\t])\p{Cc}|[\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Variation_Selector}\u2028\u2029\u115F\u1160\u2800\u3164\uFFA0]|\u17B4|\u17B5/gu;

/** A text without what its reader would not see. */
export function cleaned(text: string): string {
  return text.replaceAll(UNSEEN, "").trim();
}

/** How many characters of a text no reader sees. */
export function countUnseen(text: string): number {
  return text.match(UNSEEN)?.length ?? 0;
}

/** Where the first of them stands; -1 where there is none. */
export function firstUnseen(text: string): number {
  return text.search(UNSEEN);
}

/** The text of JSON with what no reader sees written as its code, which means the same. */
export function withCodes(json: string): string {
  return json.replaceAll(UNSEEN, (character) =>
    Array.from({ length: character.length }, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`).join(""),
  );
}

/** Keywords that hold values, which must stay as they are. */
const VALUES = new Set(["const", "enum", "default", "examples", "required", "pattern"]);

function cleanedSchema(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if (VALUES.has(keyword)) return [keyword, value];
      if (typeof value === "string" && ["description", "title", "$comment"].includes(keyword)) return [keyword, cleaned(value)];
      return [keyword, cleanedPart(value)];
    }),
  );
}

function cleanedPart(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((part: JsonValue) => cleanedPart(part));
  return isJsonObject(value) ? cleanedSchema(value) : value;
}

/** A copy through text, which is JSON for certain. */
function jsonOf(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
