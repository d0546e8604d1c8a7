// The slice of Standard Schema (https://standardschema.dev, versions 1.1 of the validation and JSON Schema parts) that Kindling uses:
// any library that speaks it fits, and the core imports none of them.

import type { JsonObject } from "./json.ts";

/** A Standard Schema: what inputs, events, model replies and outputs are checked with. */
export interface Schema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: string }) => Record<string, unknown>;
      readonly output?: (options: { readonly target: string }) => Record<string, unknown>;
    };
  };
}

/** What a schema's validation answers. */
export type SchemaResult<Output> = { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

/** One thing a schema found wrong. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The type a schema gives after validation. */
export type InferOutput<S extends Schema> = NonNullable<S["~standard"]["types"]>["output"];

/** An issue as data: the place as `items[2].name` (empty for the value itself) and the message. */
export interface Issue {
  readonly at: string;
  readonly message: string;
}

/** The checked value, or everything that is wrong with it. */
export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly issues: readonly Issue[] };

/** Validates a value; at once when the schema's library does, so that chains of checks need no turn of the event loop. */
export function check<T>(schema: Schema<T>, value: unknown): Checked<T> | Promise<Checked<T>> {
  try {
    const result = schema["~standard"].validate(value);
    return result instanceof Promise ? result.then(checkedOf, refusedBy) : checkedOf(result);
  } catch (error) {
    return refusedBy(error);
  }
}

/** A schema that throws accepts nothing, and says why. */
function refusedBy(error: unknown): Checked<never> {
  return {
    ok: false,
    issues: [{ at: "", message: `its schema threw: ${error instanceof Error ? error.message : "something that is no Error"}` }],
  };
}

function checkedOf<T>(result: SchemaResult<T>): Checked<T> {
  if (result.issues === undefined) return { ok: true, value: result.value };
  return { ok: false, issues: result.issues.map((issue) => ({ at: placeOf(issue), message: issue.message })) };
}

/** Issues as one line: `topic: expected string; channels[0].id: required`. */
export function describeIssues(issues: readonly Issue[]): string {
  return issues.map(({ at, message }) => (at === "" ? message : `${at}: ${message}`)).join("; ");
}

/** The JSON Schema (2020-12) of what a schema accepts, or undefined when its library cannot give one. */
export function jsonSchemaOf(schema: Schema): JsonObject | undefined {
  return converted(schema["~standard"].jsonSchema?.input);
}

/** The JSON Schema of what a schema gives after validation: defaults filled in, transforms done. Undefined when its library cannot say. */
export function outputSchemaOf(schema: Schema): JsonObject | undefined {
  return converted(schema["~standard"].jsonSchema?.output);
}

function converted(convert: ((options: { readonly target: string }) => Record<string, unknown>) | undefined): JsonObject | undefined {
  if (convert === undefined) return undefined;
  try {
    // The spec promises a plain JSON object; a copy through text makes that certain.
    const { $schema: _dialect, ...rest } = JSON.parse(JSON.stringify(convert({ target: "draft-2020-12" }))) as JsonObject;
    return rest;
  } catch {
    // A schema with transforms or custom types has no JSON form: its absence is the answer, and compile reports it where one is needed.
    return undefined;
  }
}

function placeOf(issue: SchemaIssue): string {
  let place = "";
  for (const segment of issue.path ?? []) {
    const key = typeof segment === "object" ? segment.key : segment;
    place += typeof key === "number" ? `[${key}]` : place === "" ? String(key) : `.${String(key)}`;
  }
  return place;
}
