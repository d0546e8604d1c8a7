// The inputs of a recording, measured by the contract of today.

import { InputError, type JsonObject } from "../index.ts";
import type { Graph } from "../graph/graph.ts";
import { check } from "../schema.ts";

/** Those that the contract still has, and what is to be said of the others. @throws InputError `inputs_missing` for new ones that have no default */
export async function inputsFor(
  graph: Graph,
  recorded: JsonObject,
): Promise<{ readonly inputs: JsonObject; readonly problems: readonly string[] }> {
  const missing = await Promise.all(
    graph.inputs.map(async ({ name, schema }) => (name in recorded || (await check(schema, undefined)).ok ? [] : [name])),
  );
  if (missing.flat().length > 0)
    throw new InputError("inputs_missing", `the contract has inputs for which the recording has no value: ${missing.flat().join(", ")}`, {
      fix: "Write values for them under inputs in the recording, or record a run that has them.",
    });
  const known = new Set(graph.inputs.map(({ name }) => name));
  const gone = Object.keys(recorded).filter((name) => !known.has(name));
  return {
    inputs: Object.fromEntries(Object.entries(recorded).filter(([name]) => known.has(name))),
    problems: gone.map((name) => `input "${name}" is in the recording and not in the contract any more`),
  };
}
