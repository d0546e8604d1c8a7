// The JSON Schema of another server's tool as a schema of ours. Its text is untrusted: it is looked at before it is believed, never compiled into code, and what it
// refers to outside of itself is never fetched.

import { isJsonObject, type JsonObject, type JsonValue, type Schema, toJson } from "../../src/index.ts";
import { REFERENCES, weightOf, withoutPatterns } from "./checkable.ts";
import { loadPackage } from "./load-package.ts";

const LIMIT_CHARACTERS = 100_000;
const LIMIT_DEPTH = 32;
const ISSUE_LIMIT = 500;
/** Of a schema with its references written out: what checking one value may take. */
const LIMIT_WEIGHT = 20_000;

/** A schema of objects that says what the text says. The package that checks is loaded with the first value. */
export function schemaOf(json: JsonObject): Schema<JsonObject> {
  return standard(json, async (value) => {
    const object = objectIn(value);
    if (object === undefined) return { issues: [{ message: "expected an object" }] };
    const misfit = await misfitOf(json, object);
    return misfit === undefined ? { value: object } : { issues: [{ message: misfit }] };
  });
}

/** The same for one property, whatever it holds. */
export function valueSchemaOf(json: JsonObject): Schema {
  return standard(json, async (value) => {
    const misfit = await misfitOf(json, value);
    return misfit === undefined ? { value } : { issues: [{ message: misfit }] };
  });
}

function standard<T>(json: JsonObject, validate: (value: unknown) => Promise<SchemaResult<T>>): Schema<T> {
  return { "~standard": { version: 1, vendor: "kindling-mcp", validate, jsonSchema: { input: () => json, output: () => json } } };
}

type SchemaResult<T> = { readonly value: T } | { readonly issues: readonly { readonly message: string }[] };

function objectIn(value: unknown): JsonObject | undefined {
  const json = toJson(value);
  return json.ok && isJsonObject(json.value) ? json.value : undefined;
}

/** What is wrong with a value; undefined for one that fits. */
export async function misfitOf(json: JsonObject, value: unknown): Promise<string | undefined> {
  let validator = validators.get(json);
  if (validator === undefined) validators.set(json, (validator = validatorOf(json)));
  const { valid, errorMessage = "it does not fit" } = (await validator)(value);
  return valid ? undefined : errorMessage.slice(0, ISSUE_LIMIT);
}

/** A schema is read once. */
const validators = new WeakMap<JsonObject, Promise<Validator>>();

/** Why a schema cannot be used; empty for one that can. */
export function schemaProblems(json: JsonObject): readonly string[] {
  if (JSON.stringify(json).length > LIMIT_CHARACTERS) return [`is longer than ${LIMIT_CHARACTERS} characters`];
  const problems = new Set<string>();
  look(json, 0, problems);
  if (problems.size === 0 && weightOf(json) > LIMIT_WEIGHT) problems.add("would take too long to check, since its references multiply");
  return [...problems];
}

/** The schema without some of its properties, which somebody else fills in. */
export function withoutProperties(schema: JsonObject, names: readonly string[]): JsonObject {
  const { properties, required } = schema;
  if (names.length === 0 || !isJsonObject(properties)) return schema;
  const left = Object.entries(properties).filter(([name]) => !names.includes(name));
  return {
    ...schema,
    properties: Object.fromEntries(left),
    ...(Array.isArray(required) ? { required: required.filter((name) => typeof name === "string" && !names.includes(name)) } : {}),
  };
}

/** The schema of one property, with the definitions it may refer to; undefined where there is no such property. */
export function propertyOf(schema: JsonObject, name: string): JsonObject | undefined {
  const { properties, $defs, definitions } = schema;
  const property = isJsonObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (property === undefined) return undefined;
  const whole = isJsonObject(property) ? property : {};
  return { ...whole, ...($defs === undefined ? {} : { $defs }), ...(definitions === undefined ? {} : { definitions }) };
}

type Validator = (value: unknown) => { readonly valid: boolean; readonly errorMessage?: string | undefined };

async function validatorOf(json: JsonObject): Promise<Validator> {
  const { CfWorkerJsonSchemaValidator } = await loadPackage(() => import("@modelcontextprotocol/client/validators/cf-worker"));
  return new CfWorkerJsonSchemaValidator().getValidator(withoutPatterns(json));
}

function look(part: JsonValue, depth: number, problems: Set<string>): void {
  if (depth > LIMIT_DEPTH) {
    problems.add(`is nested deeper than ${LIMIT_DEPTH}`);
    return;
  }
  if (Array.isArray(part)) return part.forEach((each: JsonValue) => look(each, depth + 1, problems));
  if (!isJsonObject(part)) return;
  for (const [keyword, value] of Object.entries(part)) {
    if (REFERENCES.includes(keyword) && typeof value === "string" && !value.startsWith("#"))
      problems.add("refers to another document, which is never fetched");
    if (keyword === "pattern" && typeof value === "string" && !isPattern(value))
      problems.add("has a pattern that is no regular expression");
    look(value, depth + 1, problems);
  }
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, "u").flags === "u";
  } catch {
    // That it is none is the answer.
    return false;
  }
}
