// When somebody is to be reminded of an open await.

import type { PlanNode } from "../compile/plan.ts";
import type { WaitingState } from "./node-state.ts";

/** When the next reminder of an open await is due. */
export function reminderAt(node: PlanNode, { since, reminders }: Pick<WaitingState, "since" | "reminders">): number | undefined {
  const { work } = node.definition.behaviour;
  return work.type === "wait" && work.remindMs !== undefined ? since + (reminders + 1) * work.remindMs : undefined;
}
