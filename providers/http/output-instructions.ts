// What a model is told when its API cannot constrain a reply to a schema: the schema, in words. Knows no API.

import type { JsonObject } from "../../src/index.ts";

/** The instruction that takes the place of constrained decoding. */
export function outputInstructions(schema: JsonObject): string {
  return `Answer with one JSON value only: no explanation and no code fence. It must match this JSON Schema:\n${JSON.stringify(schema)}`;
}

/** The warning that says so. */
export function outputWarning(name: string, reason: string): string {
  return `output "${name}": the schema cannot be enforced by this API, since ${reason}; it is given as an instruction instead`;
}
