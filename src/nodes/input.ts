// A declared input. It has no method on `g`: inputs stand before `define`, and the contract makes their nodes.

import type { Behaviour } from "../graph/graph.ts";
import type { Schema } from "../schema.ts";
import { jsonSchemaOf, outputSchemaOf } from "../schema.ts";
import { reviveCollections } from "./collection-result.ts";
import { RUNS_NO_CODE, schemaDetail } from "./kind.ts";

/** The behaviour of an input's node; a child's inputs have no schema of their own, since their values were checked where they were made. */
export function inputBehaviour(name: string, schema: Schema | undefined): Behaviour {
  return {
    work: { type: "given", value: (inputs) => inputs[name] ?? null },
    detail: schema === undefined ? {} : { schema: schemaDetail(schema) },
    picture: { shape: "input", lines: schema === undefined ? [] : describeType(schema) },
    ...RUNS_NO_CODE,
    check: () => [],
    gives: schema === undefined ? undefined : outputSchemaOf(schema),
    // What an inline child is given may hold a collection of its parent's.
    ...(schema === undefined ? { revive: reviveCollections } : {}),
  };
}

function describeType(schema: Schema): string[] {
  const type = jsonSchemaOf(schema)?.["type"];
  return typeof type === "string" ? [type] : [];
}
