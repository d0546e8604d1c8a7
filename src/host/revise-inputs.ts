// A run goes on with other inputs: what is in flight behind them is called off, and what they touch is looked at again.

import { RunError } from "../errors.ts";
import { isSameJson, type JsonObject } from "../json.ts";
import type { Actor } from "../run/fact.ts";
import { dependentsOf } from "../run/revise.ts";
import { nodeNamed } from "../run/state.ts";
import type { ActiveRun } from "./active-run.ts";

/** Gives a run other inputs, already checked. Gives the names of those that are different and of the nodes they touch; both empty when nothing is. */
export function reviseInputs(
  run: ActiveRun,
  inputs: JsonObject,
  actor: Actor | undefined,
): { readonly changed: readonly string[]; readonly touched: readonly string[] } {
  const { state } = run;
  const names = state.plan.graph.inputs.map(({ name }) => name);
  const changed = names.filter((name) => !isSameJson(state.inputs[name] ?? null, inputs[name] ?? null));
  if (changed.length === 0) return { changed, touched: [] };
  const touched = dependentsOf(
    state,
    changed.map((name) => nodeNamed(state, name)),
  );
  run.callOff(touched, new RunError("called_off", "the inputs of the run were updated"));
  run.record({ type: "input.updated", inputs, changed, ...(actor === undefined ? {} : { actor }) });
  return { changed, touched: touched.map(({ name }) => name) };
}
