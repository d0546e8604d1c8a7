// Facts as they come back from a ledger: parsed at the door, so that inside there is no doubt.

import { InputError, RunError } from "../errors.ts";
import { freezeJson, type JsonObject } from "../json.ts";
import { isErased } from "./erased.ts";
import type { Fact } from "./fact.ts";
import { UPCASTS, type Upcasts, upcast } from "./upcast.ts";

/** All kinds of facts that this edition knows. */
export const FACT_TYPES: ReadonlySet<string> = new Set<Fact["type"]>([
  "run.started",
  "node.started",
  "node.succeeded",
  "node.failed",
  "node.reused",
  "node.postponed",
  "model.requested",
  "model.replied",
  "model.failed",
  "tool.called",
  "tool.uncertain",
  "tool.returned",
  "prompt.resolved",
  "facts.read",
  "facts.recorded",
  "remote.started",
  "budget.reserved",
  "budget.settled",
  "children.listed",
  "child.started",
  "child.settled",
  "child.compensated",
  "await.opened",
  "await.reminded",
  "event.delivered",
  "event.counted",
  "event.refused",
  "event.buffered",
  "event.taken",
  "timer.fired",
  "timer.set",
  "compensation.started",
  "compensation.succeeded",
  "compensation.failed",
  "input.updated",
  "run.retried",
  "run.upgraded",
  "run.cancelling",
  "run.compensating",
  "exit.started",
  "exit.succeeded",
  "exit.failed",
  "run.waiting",
  "run.succeeded",
  "run.failed",
  "run.cancelled",
  "run.compacted",
]);

/**
 * A fact of a run as this edition knows it, whatever edition recorded it.
 * @throws RunError `fact_too_new` for a kind or a version of a kind that is not known here: the run cannot be read, and all others can; InputError `run_erased` for what nobody can read any more
 */
export function readFact(json: JsonObject, run: string, upcasts: Upcasts = UPCASTS): Fact {
  // A reader that has not heard of the erasure yet comes here; every other one sees it in the head.
  if (isErased(json)) throw new InputError("run_erased", "what was recorded here was erased", { fix: "Ask for the run again." });
  const { type } = json;
  const fact = typeof type === "string" && FACT_TYPES.has(type) ? upcast(json, upcasts) : undefined;
  if (fact === undefined) throw tooNew(json, run);
  // The ledger's checksums vouch that this is what `record` wrote, and its version for the shape.
  return freezeJson(fact) as unknown as Fact;
}

function tooNew({ type, v }: JsonObject, run: string): RunError {
  const kind = typeof type === "string" ? type : null;
  const what = v === undefined ? `of the kind ${JSON.stringify(kind)}` : `${JSON.stringify(kind)} of the version ${JSON.stringify(v)}`;
  return new RunError("fact_too_new", `run ${run} holds a fact ${what}, which this version of Kindling does not know`, {
    fix: "Update Kindling: a newer one wrote it. All other runs can be read.",
    details: { run, type: kind, ...(typeof v === "number" ? { v } : {}) },
  });
}
