// The values a node reads, as callbacks see them: recorded values in the form their kinds give them.

import type { PlanNode } from "../compile/plan.ts";
import type { NeedValues } from "../graph/work.ts";
import type { JsonObject } from "../json.ts";
import type { RunState } from "../run/state.ts";

/** Recorded needs of a node as its callbacks see them. */
export function revived(state: RunState, node: PlanNode, needs: JsonObject): NeedValues {
  const seen: Record<string, unknown> = {};
  for (const { local, node: index } of node.needs) {
    const value = needs[local] ?? null;
    const reviver = state.plan.nodes[index]?.definition.behaviour.revive;
    seen[local] = reviver === undefined ? value : reviver(value);
  }
  return seen;
}
