// How a gate that is not open came to be so: decided, closed without a decision, or never there. Read from the run's facts.

import type { Actor, JsonValue, Kindling, RecordedFact } from "../index.ts";

/** How a gate ended. */
export type Verdict =
  | { readonly state: "decided"; readonly by: Actor; readonly at: number; readonly payload: JsonValue; readonly deliveryId: string }
  /** The time ran out, the run ended, or it was taken back. */
  | { readonly state: "closed" }
  | { readonly state: "none" };

/** The verdict on a gate that is not open. @throws InputError `run_not_found`, `run_erased`, `run_compacted` */
export async function verdictOn(kindling: Kindling, run: string, path: string): Promise<Verdict & { readonly event: string | undefined }> {
  const facts = (await kindling.facts(run)).filter((fact) => fact.path.toWellFormed() === path.toWellFormed());
  const opened = facts.findLast((fact): fact is Extract<RecordedFact, { type: "await.opened" }> => fact.type === "await.opened");
  const decided = facts.findLast((fact): fact is Extract<RecordedFact, { type: "event.delivered" }> => fact.type === "event.delivered");
  if (decided !== undefined) {
    const { actor: by, time: at, payload, deliveryId, event } = decided;
    return { state: "decided", by, at, payload, deliveryId, event };
  }
  return { state: opened === undefined ? "none" : "closed", event: opened?.event };
}
