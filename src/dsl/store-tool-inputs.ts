// What models give to the tools of stores and histories: a key, what stands in an index, a value. Checked before anything is looked for or recorded.

import type { JsonObject, JsonValue } from "../json.ts";
import type { Schema, SchemaResult } from "../schema.ts";

// What the store would refuse is refused before a person is asked to allow it.
const KEY_LIMIT = 256;
const CONTROL = /\p{Cc}/u;

/** A key of a store, or a part of a history. */
export function keyInput(description: string): Schema<string> {
  const json = { type: "string", minLength: 1, maxLength: KEY_LIMIT, description };
  return schemaOf(
    json,
    `a text of 1 to ${KEY_LIMIT} characters, none of them a control character`,
    (given) => typeof given === "string" && given !== "" && given.length <= KEY_LIMIT && given.isWellFormed() && !CONTROL.test(given),
  );
}

/** What is to stand in an index. */
export const INDEX_VALUE = schemaOf(
  { type: ["string", "number", "boolean", "null"] },
  "a text, a number, true, false or null",
  (given) => given === null || ["string", "number", "boolean"].includes(typeof given),
);

/**
 * What is recorded, checked and handed on as it was given: the store applies its schema when it records it, and one that changes a value would change it twice.
 * Nothing at all is no value, also where the schema takes it: a model that left it out meant none.
 */
export function valueInput(schema: Schema): Schema {
  const { vendor, validate, jsonSchema } = schema["~standard"];
  const asGiven = (given: unknown, result: SchemaResult<unknown>): SchemaResult<unknown> => {
    if (result.issues !== undefined) return result;
    if (result.value === undefined) return { issues: [{ message: "expected a value" }] };
    return { value: given === undefined ? result.value : given };
  };
  return {
    "~standard": {
      version: 1,
      vendor,
      validate: (given) => {
        const result = validate(given);
        return result instanceof Promise ? result.then((result) => asGiven(given, result)) : asGiven(given, result);
      },
      ...(jsonSchema === undefined ? {} : { jsonSchema }),
    },
  };
}

function schemaOf<T>(json: JsonObject, what: string, isFit: (given: unknown) => boolean): Schema<T> {
  const say = (): Record<string, JsonValue> => ({ ...json });
  return {
    "~standard": {
      version: 1,
      vendor: "kindling",
      // `isFit` says what `T` is.
      validate: (value) => (isFit(value) ? { value: value as T } : { issues: [{ message: `expected ${what}` }] }),
      jsonSchema: { input: say, output: say },
    },
  };
}
