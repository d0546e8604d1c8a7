// The JSON Schema of documents, put together from what each kind says of its options. Knows no kind.

import type { JsonObject } from "../json.ts";
import { COMMON_FORMS, type OptionForm, type OptionForms } from "../nodes/form.ts";
import { KIND_FORMS } from "../nodes/forms.ts";
import { CONTRACT_FORMS, LANGUAGE_VERSION } from "./contract-form.ts";
import { NODE_NAME } from "./read-graph.ts";

const NODES: JsonObject = {
  type: "array",
  items: { $ref: "#/$defs/node" },
  description: "In any order: what a node needs is found by its name.",
};
const OUTPUTS: JsonObject = {
  anyOf: [{ type: "string" }, { type: "object", additionalProperties: { type: "string" } }],
  description: "What it gives: the value of one node, or of several by output.",
};

/** The JSON Schema (2020-12) of documents, as it is published in `schema/contract.schema.json`. A document that it refuses is refused by `fromDocument`. */
export function documentSchema(): JsonObject {
  const heading = objectSchema(CONTRACT_FORMS);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A Kindling contract",
    type: "object",
    properties: { ...(heading["properties"] as JsonObject), kindling: { const: LANGUAGE_VERSION }, nodes: NODES, outputs: OUTPUTS },
    required: [...(heading["required"] as readonly string[]), "nodes", "outputs"],
    additionalProperties: false,
    $defs: {
      node: { anyOf: [...KIND_FORMS.keys()].map((kind) => ({ $ref: `#/$defs/${kind}` })) },
      ...Object.fromEntries([...KIND_FORMS].map(([kind, { about, options }]) => [kind, nodeSchema(kind, about, options)])),
      ...SHARED,
    },
  };
}

const SHARED: JsonObject = {
  executor: {
    type: "object",
    properties: { executor: { type: "string", description: "Its key." }, version: { type: "string" } },
    required: ["executor"],
    additionalProperties: false,
    description: "Code: an executor that whoever reads the document hands in.",
  },
  schema: { type: "object", description: "A JSON Schema (2020-12)." },
  matcher: {
    type: "object",
    properties: {
      eq: { type: ["string", "number", "boolean", "null"] },
      in: { type: "array", items: { type: ["string", "number", "boolean", "null"] }, minItems: 1 },
      matches: {
        anyOf: [
          { type: "string" },
          { type: "object", properties: { source: { type: "string" }, flags: { type: "string" } }, required: ["source", "flags"] },
        ],
      },
      min: { type: "number" },
      max: { type: "number" },
    },
    additionalProperties: false,
    description: "Exactly one of eq, in, matches, and min with max.",
  },
  prompt: {
    type: "object",
    properties: {
      name: { type: "string", minLength: 1 },
      text: { type: "string", description: "The text of a prompt file: a header between lines of ---, then the prompt." },
    },
    required: ["name", "text"],
    additionalProperties: false,
  },
  duration: {
    anyOf: [
      { type: "number", minimum: 0 },
      { type: "string", pattern: "^\\d+(?:\\.\\d+)?(?:ms|s|m|h|d|w)$" },
    ],
    description: 'Milliseconds, or a number with ms, s, m, h, d or w: "3d".',
  },
  child: {
    anyOf: [
      { type: "object", properties: { nodes: NODES, outputs: OUTPUTS }, required: ["nodes", "outputs"], additionalProperties: false },
      {
        type: "object",
        properties: { contract: { type: "string" }, version: { type: "string" } },
        required: ["contract"],
        additionalProperties: false,
      },
    ],
    description: "A graph written in place, whose inputs are what it is given, or a contract by its name.",
  },
};

function nodeSchema(kind: string, about: string, options: OptionForms): JsonObject {
  const { properties, required, ...rest } = objectSchema({ ...options, ...COMMON_FORMS });
  const name: JsonObject = {
    type: "string",
    pattern: NODE_NAME.source,
    description: "Unique in its graph; scopes stand before it with dots.",
  };
  return {
    ...rest,
    properties: { kind: { const: kind }, name, ...(properties as JsonObject) },
    required: ["kind", "name", ...((required ?? []) as readonly string[])],
    description: about,
  };
}

function objectSchema(forms: OptionForms): JsonObject {
  // Code stands in no document.
  const written = Object.entries(forms).filter(([, { type }]) => type !== "code");
  const required = written.flatMap(([name, form]) => (form.optional === true ? [] : [name]));
  return {
    type: "object",
    properties: Object.fromEntries(written.map(([name, form]) => [name, schemaOf(form)])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function schemaOf(form: OptionForm): JsonObject {
  const { about } = form;
  return { ...shapeOf(form), ...(about === undefined ? {} : { description: about }) };
}

function shapeOf(form: OptionForm): JsonObject {
  switch (form.type) {
    case "json":
    case "code":
      return {};
    case "text":
      return form.values === undefined ? { type: "string" } : { enum: [...form.values] };
    case "number":
    case "boolean":
      return { type: form.type };
    case "node":
    case "store":
      return { type: "string" };
    case "list":
      return { type: "array", items: schemaOf(form.of) };
    case "map":
      return { type: "object", additionalProperties: schemaOf(form.of) };
    case "object":
      return objectSchema(form.members);
    case "either":
      return { anyOf: form.of.map(schemaOf) };
    case "duration":
    case "executor":
    case "schema":
    case "matcher":
    case "prompt":
    case "child":
      return { $ref: `#/$defs/${form.type}` };
  }
}
