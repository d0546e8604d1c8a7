// Which part of its node a child is of.

import type { Plan, PlanNode } from "../compile/plan.ts";
import type { ChildrenState } from "./node-state.ts";

/** The plan of a child: its key says which part it is of, or the listing said it for all. */
export function childPartOf({ definition, parts }: PlanNode, { part }: ChildrenState, key: string): Plan | undefined {
  const { work } = definition.behaviour;
  return parts[(work.type === "children" ? work.partOf?.(key) : undefined) ?? part];
}
