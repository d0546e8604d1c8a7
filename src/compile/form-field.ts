// One field of a form: text, a number, yes or no, a choice or several choices. Reads it out of a JSON Schema, and says why one cannot be such a field. What a
// field cannot say in keywords it says in words, since the schema has the last word on every answer. Knows no forms and no protocol messages.

import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { followed, type Place } from "./shape.ts";

interface Named {
  readonly title?: string;
  readonly description?: string;
}

/** A text; `format` is one of those every client of the protocol knows. */
export interface TextField extends Named {
  readonly type: "string";
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly format?: TextFormat;
  readonly default?: string;
}

export interface NumberField extends Named {
  readonly type: "number" | "integer";
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: number;
}

export interface YesNoField extends Named {
  readonly type: "boolean";
  readonly default?: boolean;
}

/** One of several; with titles as `oneOf`. */
export type ChoiceField = Named & { readonly type: "string"; readonly default?: string } & (
    | { readonly enum: readonly string[] }
    | { readonly oneOf: readonly Choice[] }
  );

/** Any of several. */
export interface ChoicesField extends Named {
  readonly type: "array";
  readonly items: { readonly type: "string"; readonly enum: readonly string[] } | { readonly anyOf: readonly Choice[] };
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly default?: readonly string[];
}

/** A field as the protocol writes it. */
export type FormField = TextField | NumberField | YesNoField | ChoiceField | ChoicesField;

interface Choice {
  readonly const: string;
  readonly title: string;
}

type TextFormat = "email" | "uri" | "date" | "date-time";

/** A field, and the way from what was filled in to what the schema takes. */
export interface ReadField {
  readonly field: FormField;
  /** True when the schema takes null: nothing filled in is null then. */
  readonly isNullable: boolean;
  readonly valueOf: (answer: JsonValue) => JsonValue;
}

const FORMATS: ReadonlySet<JsonValue | undefined> = new Set<TextFormat>(["email", "uri", "date", "date-time"]);
const CHOICES_LIMIT = 100;
const ALTERNATIVES_DEPTH = 8;

/** The field for a schema, or why it can be none. */
export function fieldOf(place: Place): ReadField | string {
  const named = targetOf(place);
  const all = alternativesOf(place);
  if (all === undefined) return "takes anything";
  const alternatives = all.filter((each) => !isNull(each));
  const isNullable = alternatives.length < all.length;
  const [first] = alternatives;
  if (first === undefined) return "takes nothing that can be filled in";
  if (alternatives.some(isSecret)) return "is a secret, and a form must not ask for one";
  const about = namedOf(alternatives.length === 1 ? { ...first, ...named } : { ...named });
  const choices = choicesOf(alternatives);
  if (choices !== undefined) return typeof choices === "string" ? choices : oneOf(choices, about, isNullable);
  if (alternatives.length > 1) return "takes values of several kinds";
  const plain = plainField(first, about);
  if (plain !== undefined) return { field: plain, isNullable, valueOf: (answer) => answer };
  if (first["type"] !== "array") return first["type"] === "object" ? "holds fields of its own" : "takes anything";
  return severalOf(first, place.root, about, isNullable);
}

/** What a schema accepts, one schema each: references followed, unions taken apart. Undefined where it says nothing. */
function alternativesOf(place: Place, depth = 0): readonly JsonObject[] | undefined {
  const { root } = place;
  const schema = targetOf(place);
  if (schema === undefined || depth > ALTERNATIVES_DEPTH || "allOf" in schema) return undefined;
  const { anyOf = schema["oneOf"], type } = schema;
  if (Array.isArray(type)) return type.map((each: JsonValue) => ({ ...schema, type: each }));
  if (!Array.isArray(anyOf)) return [schema];
  const each = anyOf.map((alternative: JsonValue) => alternativesOf({ schema: alternative, root }, depth + 1));
  return each.includes(undefined) ? undefined : each.flatMap((found) => found ?? []);
}

/** A schema with its references followed; what stands beside a reference comes with it. */
function targetOf({ schema, root }: Place): JsonObject | undefined {
  if (!isJsonObject(schema)) return undefined;
  const { $ref, ...beside } = schema;
  if ($ref === undefined) return schema;
  const target = followed({ schema: { $ref }, root });
  return isJsonObject(target) && target["$ref"] === undefined ? { ...target, ...beside } : undefined;
}

function isNull({ type, const: only }: JsonObject): boolean {
  return type === "null" || only === null;
}

function isSecret({ format, writeOnly }: JsonObject): boolean {
  return format === "password" || writeOnly === true;
}

function namedOf({ title, description, default: preset }: JsonObject): Named & { readonly preset?: JsonValue } {
  return {
    ...(typeof title === "string" ? { title } : {}),
    ...(typeof description === "string" ? { description } : {}),
    ...(preset === undefined ? {} : { preset }),
  };
}

type About = ReturnType<typeof namedOf>;

function plainField(schema: JsonObject, { preset, ...named }: About): Exclude<FormField, ChoicesField> | undefined {
  const { type } = schema;
  switch (type) {
    case "string":
      return { type, ...textRules(schema, named), ...(typeof preset === "string" ? { default: preset } : {}) };
    case "number":
    case "integer":
      return { type, ...numberRules(schema, named), ...(typeof preset === "number" ? { default: preset } : {}) };
    case "boolean":
      return { type, ...named, ...(typeof preset === "boolean" ? { default: preset } : {}) };
    default:
      return undefined;
  }
}

function textRules({ minLength, maxLength, format, pattern }: JsonObject, named: Named): Omit<TextField, "type"> {
  const isKnown = FORMATS.has(format);
  const rule = typeof format === "string" ? format : typeof pattern === "string" ? `matches ${pattern}` : undefined;
  return {
    ...(isKnown || rule === undefined ? named : withWords(named, rule)),
    ...(typeof minLength === "number" ? { minLength } : {}),
    ...(typeof maxLength === "number" ? { maxLength } : {}),
    // The set holds nothing but these words.
    ...(isKnown ? { format: format as TextFormat } : {}),
  };
}

function numberRules(schema: JsonObject, named: Named): Omit<NumberField, "type"> {
  const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below, multipleOf } = schema;
  const words = [
    ...(typeof above === "number" ? [`more than ${above}`] : []),
    ...(typeof below === "number" ? [`less than ${below}`] : []),
    ...(typeof multipleOf === "number" ? [`a multiple of ${multipleOf}`] : []),
  ];
  return {
    ...(words.length === 0 ? named : withWords(named, words.join(", "))),
    ...(isBound(minimum) ? { minimum } : {}),
    ...(isBound(maximum) ? { maximum } : {}),
  };
}

/** The ends of what a number can hold exactly bound nothing that a person would fill in. */
function isBound(value: JsonValue | undefined): value is number {
  return typeof value === "number" && Math.abs(value) !== Number.MAX_SAFE_INTEGER;
}

function withWords(named: Named, words: string): Named {
  return { ...named, description: named.description === undefined ? words : `${named.description} (${words})` };
}

/** The scalars that schemas list, by the word that stands for each; undefined where one lists none, a reason where they cannot be told apart. */
function choicesOf(schemas: readonly JsonObject[]): ReadonlyMap<string, Choice & { readonly value: JsonValue }> | string | undefined {
  const choices = new Map<string, Choice & { readonly value: JsonValue }>();
  for (const { const: only, enum: several, title } of schemas) {
    const values: readonly JsonValue[] | undefined = only === undefined ? (Array.isArray(several) ? several : undefined) : [only];
    if (values === undefined) return undefined;
    for (const value of values) {
      if (typeof value === "object") return "lists values that are no words";
      const word = String(value);
      if (choices.has(word)) return `lists "${word}" twice`;
      choices.set(word, { const: word, title: typeof title === "string" && values.length === 1 ? title : word, value });
    }
  }
  return choices.size > CHOICES_LIMIT ? `lists ${choices.size} values, and ${CHOICES_LIMIT} are the limit` : choices;
}

type Choices = Exclude<ReturnType<typeof choicesOf>, string | undefined>;

function oneOf(choices: Choices, { preset, ...named }: About, isNullable: boolean): ReadField {
  const word = preset === undefined ? undefined : wordOf(choices, preset);
  const chosen = isTitled(choices) ? { oneOf: offered(choices) } : { enum: [...choices.keys()] };
  return {
    field: { type: "string", ...named, ...chosen, ...(word === undefined ? {} : { default: word }) },
    isNullable,
    valueOf: (answer) => valueOf(choices, answer),
  };
}

function severalOf(schema: JsonObject, root: JsonObject, { preset, ...named }: About, isNullable: boolean): ReadField | string {
  const items = alternativesOf({ schema: schema["items"], root });
  const choices = items === undefined ? undefined : choicesOf(items);
  if (choices === undefined) return "is a list of anything but a few given words";
  if (typeof choices === "string") return choices;
  const { minItems, maxItems } = schema;
  const words = Array.isArray(preset) ? preset.map((each: JsonValue) => wordOf(choices, each)) : [undefined];
  return {
    field: {
      type: "array",
      ...named,
      items: isTitled(choices) ? { anyOf: offered(choices) } : { type: "string", enum: [...choices.keys()] },
      ...(typeof minItems === "number" ? { minItems } : {}),
      ...(typeof maxItems === "number" ? { maxItems } : {}),
      ...(words.includes(undefined) ? {} : { default: words.filter((word) => word !== undefined) }),
    },
    isNullable,
    valueOf: (answer) => (Array.isArray(answer) ? answer.map((each: JsonValue) => valueOf(choices, each)) : answer),
  };
}

function isTitled(choices: Choices): boolean {
  return [...choices.values()].some((choice) => choice.title !== choice.const);
}

function offered(choices: Choices): readonly Choice[] {
  return [...choices.values()].map(({ const: word, title }) => ({ const: word, title }));
}

function wordOf(choices: Choices, value: JsonValue): string | undefined {
  return [...choices.values()].find((choice) => choice.value === value)?.const;
}

function valueOf(choices: Choices, answer: JsonValue): JsonValue {
  return (typeof answer === "string" ? choices.get(answer)?.value : undefined) ?? answer;
}
