// The schemas of tools as clients are shown them, in few words: every client reads the whole list, and many put it before a model. Of inputs, what helps to fill them in;
// of outputs, the members that a caller goes by. What tools take and give is checked by the whole schemas all the same.

import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import * as z from "zod";
import { BugError, isJsonObject, type JsonObject, type JsonValue, toJson } from "../src/index.ts";

/** An input as clients see it. What they send is checked by the tool, whose refusal has the form of all others; the SDK's own would be a bare text. */
export function shownInput(schema: z.ZodObject): StandardSchemaWithJSON {
  const json = () => jsonOf(schema, "input");
  return { "~standard": { ...schema["~standard"], validate: (value) => ({ value }), jsonSchema: { input: json, output: json } } };
}

/** An output as clients see it: an object that has these members, and others, which the answer itself shows and the documentation explains. */
export function shownOutput(schema: z.ZodObject, members: readonly string[]): StandardSchemaWithJSON {
  const { properties = {} } = jsonOf(schema, "output");
  const shown = Object.fromEntries(members.map((name) => [name, typeIn(isJsonObject(properties) ? properties[name] : undefined)]));
  const json = () => ({ type: "object", properties: shown, required: [...members] });
  return { "~standard": { ...schema["~standard"], jsonSchema: { input: json, output: json } } };
}

function jsonOf(schema: z.ZodObject, io: "input" | "output"): JsonObject {
  const whole = toJson(z.toJSONSchema(schema, { io }));
  if (!whole.ok || !isJsonObject(whole.value)) throw new BugError("a tool's schema has no JSON Schema");
  return spareObject(whole.value);
}

function spare(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(spare);
  return isJsonObject(value) ? spareObject(value) : value;
}

/** Without what tells a caller nothing. */
function spareObject(schema: JsonObject): JsonObject {
  const kept = Object.entries(schema).filter(([key, value]) => !isIdle(key, value, schema));
  return Object.fromEntries(kept.map(([key, value]) => [key, spare(value)]));
}

/** The dialect, which is the protocol's own; that anything may be in what takes anything; bounds of every integer and of every sensible text. */
function isIdle(key: string, value: JsonValue, { minLength = 1 }: JsonObject): boolean {
  switch (key) {
    case "$schema":
    case "propertyNames":
      return true;
    case "additionalProperties":
    case "items":
      return isJsonObject(value) && Object.keys(value).length === 0;
    case "minimum":
      return value === Number.MIN_SAFE_INTEGER;
    case "maximum":
      return value === Number.MAX_SAFE_INTEGER;
    case "minLength":
    case "maxLength":
      return minLength === 1;
    default:
      return false;
  }
}

function typeIn(property: JsonValue | undefined): JsonObject {
  const type = isJsonObject(property) ? property["type"] : undefined;
  return type === undefined ? {} : { type };
}
