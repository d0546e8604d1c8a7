// Whether this process can carry a run on: every call that may still be made has what it needs. Asked before anything is recorded, so that a
// missing key or package stops nothing half-way and fails no run.

import { KindlingError, RunError } from "../errors.ts";
import type { ModelAccess } from "../graph/model-access.ts";
import { callOf } from "../graph/work.ts";
import type { Plan, PlanNode } from "../compile/plan.ts";
import { joinPath } from "../run/path.ts";
import type { RunState } from "../run/state.ts";

/** Refuses a plan whose calls cannot be made here. @throws RunError `not_configured`, with the first node and what to set */
export function assertReady(plan: Plan, models: Omit<ModelAccess, "call">): void {
  for (const node of plan.nodes) if (node.needed) assertNodeReady(node, "", models);
}

/** The same for what is left of a run. */
export function assertRestReady(state: RunState, models: Omit<ModelAccess, "call">): void {
  for (const node of state.plan.nodes) {
    const status = state.nodes[node.index]?.status;
    if (node.needed && status !== "succeeded" && status !== "failed") assertNodeReady(node, state.path, models);
  }
}

function assertNodeReady(node: PlanNode, prefix: string, models: Omit<ModelAccess, "call">): void {
  const path = joinPath(prefix, node.name);
  const call = callOf(node.definition.behaviour.work);
  if (call !== undefined) {
    try {
      call.assertReady?.(models);
    } catch (error) {
      if (!(error instanceof KindlingError)) throw error;
      throw new RunError("not_configured", `${path}: ${error.message}`, {
        details: { node: path },
        cause: error,
        ...(error.fix === undefined ? {} : { fix: error.fix }),
      });
    }
  }
  for (const part of Object.values(node.parts)) for (const inner of part.nodes) if (inner.needed) assertNodeReady(inner, path, models);
}
