// What a gate's schema asks for as forms, and the way back from what was typed to the payload. Pure; whether a payload fits is for the schema to say.

import { type FlatForm, flatFormOf, type FormField, isJsonObject, type JsonObject, type JsonValue } from "../index.ts";

/** One way to decide: fields, one of which may be the buttons; or JSON as it is, for what no form can ask. */
export type Alternative =
  | { readonly kind: "fields"; readonly form: FlatForm; readonly decider: string | undefined }
  | { readonly kind: "json" };

/** What was sent: a payload, or the one thing wrong with what was typed. */
export type Filled = { readonly ok: true; readonly payload: JsonValue } | { readonly ok: false; readonly message: string };

/** More kinds of answers than this are asked for as JSON. */
const ALTERNATIVES_LIMIT = 6;
/** So many words fit on buttons side by side. */
const BUTTONS_LIMIT = 4;

/** The forms for a schema: one, or one for each object of a union. */
export function alternativesOf(schema: JsonObject | undefined): readonly Alternative[] {
  const whole = flatFormOf(schema);
  if (whole.ok) return [fieldsFor(whole)];
  const { anyOf, oneOf = anyOf, $defs = {} } = schema ?? {};
  if (!Array.isArray(oneOf) || oneOf.length > ALTERNATIVES_LIMIT) return [{ kind: "json" }];
  const forms = oneOf.map((each: JsonValue) => flatFormOf(isJsonObject(each) ? { $defs, ...each } : undefined));
  return forms.every((form) => form.ok) ? forms.map(fieldsFor) : [{ kind: "json" }];
}

/** The name under which a form sends a field. */
export function inputName(field: string): string {
  return `f.${field}`;
}

/** What stands in a form before anybody types: what was typed before, else the schema's own value. */
export function typedInto(name: string, field: FormField, typed: URLSearchParams | undefined): readonly string[] {
  if (typed !== undefined) return typed.getAll(inputName(name));
  const preset = field.default;
  if (preset === undefined) return [];
  if (typeof preset === "boolean") return [preset ? "yes" : "no"];
  return typeof preset === "object" ? preset : [String(preset)];
}

/** The words of a field that lists some, with their titles. */
export function wordsOf(field: FormField): readonly { readonly word: string; readonly title: string }[] {
  if (field.type === "boolean") return YES_OR_NO;
  if ("enum" in field) return field.enum.map((word) => ({ word, title: word }));
  if ("oneOf" in field) return field.oneOf.map(({ const: word, title }) => ({ word, title }));
  if (field.type !== "array") return [];
  return "enum" in field.items
    ? field.items.enum.map((word) => ({ word, title: word }))
    : field.items.anyOf.map(({ const: word, title }) => ({ word, title }));
}

/** The payload of what was typed. */
export function payloadOf(alternative: Alternative, typed: URLSearchParams): Filled {
  if (alternative.kind === "json") return jsonOf(typed.get("json") ?? "");
  const { properties, required } = alternative.form.schema;
  const content = Object.entries(properties).flatMap(([name, field]): [string, unknown][] => {
    const answer = answerOf(field, typed.getAll(inputName(name)), required.includes(name));
    return answer === undefined ? [] : [[name, answer]];
  });
  return { ok: true, payload: alternative.form.payloadOf(Object.fromEntries(content)) };
}

const YES_OR_NO = [
  { word: "yes", title: "Yes" },
  { word: "no", title: "No" },
] as const;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function fieldsFor(form: FlatForm): Alternative {
  const { properties, required } = form.schema;
  const decider = Object.entries(properties).find(
    ([name, field]) => required.includes(name) && field.type !== "array" && isBetween(wordsOf(field).length, 1, BUTTONS_LIMIT),
  );
  return { kind: "fields", form, decider: decider?.[0] };
}

function isBetween(count: number, least: number, most: number): boolean {
  return count >= least && count <= most;
}

/** Undefined for a field that was left empty and may be. */
function answerOf(
  field: FormField,
  values: readonly string[],
  isRequired: boolean,
): string | number | boolean | readonly string[] | undefined {
  const [first = ""] = values;
  switch (field.type) {
    case "array":
      return values.length === 0 && !isRequired ? undefined : values;
    case "boolean":
      return YES_OR_NO.some(({ word }) => word === first) ? first === "yes" : undefined;
    case "number":
    case "integer":
      // What is no number stays as it was typed: the schema says what is wrong with it.
      return first.trim() === "" ? undefined : NUMBER.test(first.trim()) ? Number(first) : first;
    case "string": {
      // Forms send every line end as two characters.
      const text = first.replaceAll("\r\n", "\n");
      return text === "" && (!isRequired || wordsOf(field).length > 0) ? undefined : text;
    }
  }
}

function jsonOf(text: string): Filled {
  try {
    // What JSON.parse gives is JSON.
    return { ok: true, payload: JSON.parse(text) as JsonValue };
  } catch {
    return { ok: false, message: text.trim() === "" ? "Nothing was entered." : "What was entered is no JSON." };
  }
}
