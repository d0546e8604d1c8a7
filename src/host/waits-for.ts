// The awaits of an event that a plan has anywhere, its children included.

import type { Plan } from "../compile/plan.ts";
import type { Wait } from "../graph/work.ts";

/** All of them, in the order of the nodes. */
export function waitsFor(plan: Plan, event: string): Wait[] {
  return plan.nodes.flatMap((node) => {
    const { work } = node.definition.behaviour;
    if (work.type === "wait") return work.event === event ? [work] : [];
    return Object.values(node.parts).flatMap((part) => waitsFor(part, event));
  });
}
