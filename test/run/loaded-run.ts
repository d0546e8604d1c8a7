// Runs made of facts by hand, as they are read back to be explained or compared: one fact a second, one fact a commit.

import type { Plan } from "../../src/compile/plan.ts";
import { planOf } from "../../src/compile/plan.ts";
import type { LoadedRun, ReadRun } from "../../src/run/explain-tree.ts";
import type { Fact } from "../../src/run/fact.ts";
import { fold } from "../../src/run/fold.ts";
import { newRunState, type RunState } from "../../src/run/state.ts";
import type { AnyContract } from "../../src/index.ts";

/** A root run of a contract, begun with these inputs and gone on with these facts. */
export function runOf(
  contract: AnyContract,
  id: string,
  inputs: Record<string, unknown>,
  facts: readonly Fact[],
  more: object = {},
): LoadedRun {
  const plan = planOf(contract.graph);
  return loadedRun(plan, id, [started(plan, id, inputs, more), ...facts]);
}

/** A run of a plan with these facts, the first of which begins it. */
export function loadedRun(plan: Plan, id: string, facts: readonly Fact[]): LoadedRun {
  return {
    state: folded(plan, id, facts),
    facts: facts.map((fact, index) => ({ fact, number: index + 1, position: index + 1, time: timeOf(index) })),
    version: plan.version,
    fingerprints: Object.fromEntries(plan.nodes.map(({ name, fingerprint }) => [name, fingerprint])),
    changed: new Set(),
    asOf: (number) => folded(plan, id, facts.slice(0, number)),
  };
}

/** Reads these runs and no others. */
export function reading(...runs: readonly LoadedRun[]): ReadRun {
  return (id) => runs.find(({ state }) => state.id === id);
}

/** The time of the fact after so many others. */
export function timeOf(index: number): number {
  return 1_000_000 + index * 1_000;
}

/** The first fact of a run. */
export function started(plan: Plan, id: string, inputs: Record<string, unknown>, more: object = {}): Fact {
  const { name, version, hash } = plan;
  // Tests give JSON, and facts are made of it.
  return { type: "run.started", contract: name, version, plan: hash, inputs, correlation: {}, root: id, path: "", ...more } as Fact;
}

function folded(plan: Plan, id: string, facts: readonly Fact[]): RunState {
  const state = newRunState(id, plan);
  for (const [index, fact] of facts.entries()) fold(state, fact, timeOf(index));
  return state;
}
