// What a graph gives as JSON Schema, from what its nodes give: for kinds whose value is what a child gives.

import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Graph } from "./graph.ts";

/** JSON Schema of a graph's outputs; undefined where nothing is known of them. */
export function outputsSchemaOf(graph: Graph): JsonObject | undefined {
  const known = new Map(graph.nodes.map((node) => [node.name, node.behaviour.gives]));
  if (graph.outputs.type === "one") return known.get(graph.outputs.node);
  const outputs = Object.entries(graph.outputs.nodes);
  return {
    type: "object",
    properties: Object.fromEntries(outputs.map(([name, node]) => [name, embeddable(known.get(node))])),
    required: outputs.map(([name]) => name),
    additionalProperties: false,
  };
}

/** JSON Schema of what one of several graphs gives; undefined where nothing is known of one of them. */
export function eitherSchemaOf(graphs: readonly Graph[]): JsonObject | undefined {
  const schemas = graphs.map(outputsSchemaOf);
  if (schemas.length === 0 || schemas.includes(undefined)) return undefined;
  return { anyOf: schemas.map(embeddable) };
}

/** A schema as part of another: one with references is left out, since they point into its own document. */
function embeddable(schema: JsonObject | undefined): JsonObject {
  return schema === undefined || hasReference(schema) ? {} : schema;
}

// Schemas are shared by all that use them: each is looked through once, or contracts that use each other would be looked through again and again.
const known = new WeakMap<object, boolean>();

function hasReference(value: JsonValue): boolean {
  if (typeof value !== "object" || value === null) return false;
  const before = known.get(value);
  if (before !== undefined) return before;
  const has = isJsonObject(value) ? "$ref" in value || Object.values(value).some(hasReference) : value.some(hasReference);
  known.set(value, has);
  return has;
}
