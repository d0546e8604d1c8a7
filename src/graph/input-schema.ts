// What a contract takes, as JSON Schema: what callers, agents and models are told.

import type { JsonObject } from "../json.ts";
import { jsonSchemaOf } from "../schema.ts";
import type { Graph } from "./graph.ts";

/** JSON Schema of a contract's inputs. */
export function inputSchemaOf(graph: Graph): JsonObject {
  return {
    type: "object",
    properties: Object.fromEntries(graph.inputs.map((input) => [input.name, jsonSchemaOf(input.schema) ?? {}])),
    required: graph.inputs.filter((input) => !input.hasDefault).map((input) => input.name),
    additionalProperties: false,
  };
}
