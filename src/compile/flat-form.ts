// A payload as a form with one level of fields, as clients of the Model Context Protocol show them to their users: which schemas can be one, and the way from what
// was filled in back to the payload. A form only helps to give a fitting payload; whether it fits is for the schema to say. Knows no surface.

import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { fieldOf, type FormField, type ReadField } from "./form-field.ts";
import { followed } from "./shape.ts";

/** More fields than this are no form that anybody fills in. */
const FIELDS_LIMIT = 32;

/** The one field of a form for a payload that is no object. */
const ANSWER = "answer";

/** The schema of a form, as the protocol writes it. */
export interface FormSchema {
  readonly type: "object";
  readonly properties: Readonly<Record<string, FormField>>;
  readonly required: readonly string[];
}

/** A payload as a form, and back. */
export interface FlatForm {
  readonly ok: true;
  readonly schema: FormSchema;
  /** The payload from what was filled in; what the form has no field for is left out. Still to be checked by the schema. */
  readonly payloadOf: (content: Readonly<Record<string, unknown>>) => JsonValue;
}

/** Why a payload cannot be a form: the field it is about, empty for the payload itself, and what it does that no field can. */
export interface NoForm {
  readonly ok: false;
  readonly at: string;
  readonly reason: string;
}

/**
 * The form for a payload's JSON Schema (2020-12), or why there is none. It holds fields of text, numbers, yes or no, one or several of at most 100 given words,
 * at most 32 of them; a payload that is no object becomes the one field `answer`. Rules that a field has no keyword for (patterns, multiples) stand in its
 * description.
 */
export function flatFormOf(schema: JsonObject | undefined): FlatForm | NoForm {
  if (schema === undefined) return { ok: false, at: "", reason: "has no JSON Schema" };
  const whole = followed({ schema, root: schema });
  if (!isJsonObject(whole)) return { ok: false, at: "", reason: "takes anything" };
  const { type, properties = {}, additionalProperties: rest } = whole;
  if (type !== "object") return oneField(schema);
  if (!isJsonObject(properties) || (Object.keys(properties).length === 0 && isJsonObject(rest)))
    return { ok: false, at: "", reason: "has fields of any name" };
  const names = Object.keys(properties);
  if (names.length > FIELDS_LIMIT)
    return { ok: false, at: "", reason: `has ${names.length} fields, and a form has at most ${FIELDS_LIMIT}` };
  const fields = new Map<string, ReadField>();
  for (const name of names) {
    const field = fieldOf({ schema: properties[name], root: schema });
    if (typeof field === "string") return { ok: false, at: name, reason: field };
    fields.set(name, field);
  }
  const wanted: readonly JsonValue[] = Array.isArray(whole["required"]) ? whole["required"] : [];
  const required = names.filter((name) => wanted.includes(name));
  return { ok: true, schema: schemaOf(fields, required), payloadOf: (content) => filledIn(fields, required, content) };
}

function oneField(schema: JsonObject): FlatForm | NoForm {
  const field = fieldOf({ schema, root: schema });
  if (typeof field === "string") return { ok: false, at: "", reason: field };
  const fields = new Map([[ANSWER, field]]);
  return {
    ok: true,
    schema: schemaOf(fields, [ANSWER]),
    payloadOf: (content) => filledIn(fields, [ANSWER], content)[ANSWER] ?? null,
  };
}

function schemaOf(fields: ReadonlyMap<string, ReadField>, required: readonly string[]): FormSchema {
  return {
    type: "object",
    properties: Object.fromEntries([...fields].map(([name, { field }]) => [name, field])),
    // Where null will do, nothing need be filled in.
    required: required.filter((name) => fields.get(name)?.isNullable === false),
  };
}

function filledIn(
  fields: ReadonlyMap<string, ReadField>,
  required: readonly string[],
  content: Readonly<Record<string, unknown>>,
): JsonObject {
  const entries = [...fields].flatMap(([name, { isNullable, valueOf }]): [string, JsonValue][] => {
    const answer = Object.hasOwn(content, name) ? answerOf(content[name]) : undefined;
    if (answer !== undefined) return [[name, valueOf(answer)]];
    return isNullable && required.includes(name) ? [[name, null]] : [];
  });
  return Object.fromEntries(entries);
}

/** What a field may be filled with: a scalar, or a list of words. Anything else counts as nothing. */
function answerOf(value: unknown): JsonValue | undefined {
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  return Array.isArray(value) && value.every((each) => typeof each === "string") ? value : undefined;
}
