// What a contract takes, as one JSON Schema: what callers, agents and models are told. Schemas of inputs that refer to their own document are put among its definitions.

import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { jsonSchemaOf } from "../schema.ts";
import type { Graph } from "./graph.ts";

/** JSON Schema of a contract's inputs, or of those that are told of. */
export function inputSchemaOf(graph: Graph, isTold: (input: string) => boolean = () => true): JsonObject {
  const inputs = graph.inputs.filter(({ name }) => isTold(name));
  const parts = inputs.map(({ name, schema }) => partOf(name, jsonSchemaOf(schema) ?? {}));
  const definitions = Object.assign({}, ...parts.map((part) => part.definitions)) as JsonObject;
  return {
    type: "object",
    properties: Object.fromEntries(parts.map(({ name, schema }) => [name, schema])),
    required: inputs.filter((input) => !input.hasDefault).map((input) => input.name),
    additionalProperties: false,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }),
  };
}

interface Part {
  readonly name: string;
  readonly schema: JsonObject;
  readonly definitions: JsonObject;
}

/** An input's schema as a part of the whole. One with an address of its own stays the document its references point into. */
function partOf(name: string, schema: JsonObject): Part {
  if (typeof schema["$id"] === "string" || !hasOwnReference(schema)) return { name, schema, definitions: {} };
  const { $defs: own, ...body } = schema;
  const to = (reference: string) => movedReference(name, reference);
  const definitions = Object.entries(isJsonObject(own) ? own : {}).map(([key, each]) => [`${name}.${key}`, moved(each, to)] as const);
  return { name, schema: { $ref: to("#") }, definitions: Object.fromEntries([[name, moved(body, to)], ...definitions]) };
}

function movedReference(name: string, reference: string): string {
  if (!reference.startsWith("#")) return reference;
  return reference.startsWith("#/$defs/")
    ? `#/$defs/${name}.${reference.slice("#/$defs/".length)}`
    : `#/$defs/${name}${reference.slice(1)}`;
}

/** Keywords whose values are data and no schemas. */
const DATA: ReadonlySet<string> = new Set(["const", "enum", "default", "examples"]);
/** Keywords whose values hold schemas by names of the author's own, which may be those of keywords. */
const NAMED: ReadonlySet<string> = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);

/** A schema with every reference in it put through a function. */
function moved(value: JsonValue, to: (reference: string) => string): JsonValue {
  if (Array.isArray(value)) return value.map((each: JsonValue) => moved(each, to));
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([key, member]): [string, JsonValue] => {
    if (key === "$ref" && typeof member === "string") return [key, to(member)];
    if (NAMED.has(key) && isJsonObject(member))
      return [key, Object.fromEntries(Object.entries(member).map(([name, each]) => [name, moved(each, to)]))];
    return [key, DATA.has(key) ? member : moved(member, to)];
  });
  return Object.fromEntries(members);
}

function hasOwnReference(schema: JsonObject): boolean {
  let has = false;
  moved(schema, (reference) => {
    has ||= reference.startsWith("#");
    return reference;
  });
  return has;
}
