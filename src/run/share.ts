// Values that any run may take (R10): by the hash of what a node is and of what it reads.

import { hashJson, type JsonObject } from "../json.ts";
import type { PlanNode } from "../compile/plan.ts";
import { needsOf, type RunState } from "./state.ts";

/** The hash by which the value of a node is found; undefined for one whose value is its run's own. */
export function sharedHash(node: PlanNode, needs: JsonObject): string | undefined {
  return node.definition.behaviour.reuse === undefined ? undefined : hashJson([node.fingerprint, needs]);
}

/** Notes that a node of this run has found a value that others may take. */
export function noteShared(state: RunState, node: PlanNode): void {
  const hash = sharedHash(node, needsOf(state, node));
  if (hash !== undefined) state.shared.set(node.index, hash);
}
