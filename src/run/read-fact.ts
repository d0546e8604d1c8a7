// Facts as they come back from a ledger: parsed at the door, so that inside there is no doubt.

import { InputError, LedgerError } from "../errors.ts";
import { freezeJson, type JsonObject } from "../json.ts";
import { isErased } from "./erased.ts";
import type { Fact } from "./fact.ts";

const TYPES: ReadonlySet<string> = new Set<Fact["type"]>([
  "run.started",
  "node.started",
  "node.succeeded",
  "node.failed",
  "node.reused",
  "node.postponed",
  "model.requested",
  "model.replied",
  "remote.started",
  "children.listed",
  "child.started",
  "child.settled",
  "child.compensated",
  "await.opened",
  "await.reminded",
  "event.delivered",
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
]);

/** A recorded fact. @throws LedgerError `unknown_fact` for a type this version does not know, InputError `run_erased` for what nobody can read any more */
export function readFact(json: JsonObject): Fact {
  // A reader that has not heard of the erasure yet comes here; every other one sees it in the head.
  if (isErased(json)) throw new InputError("run_erased", "what was recorded here was erased", { fix: "Ask for the run again." });
  const { type } = json;
  if (typeof type !== "string" || !TYPES.has(type)) {
    throw new LedgerError("unknown_fact", `the ledger holds a fact of the type ${JSON.stringify(type)}, which this version does not know`, {
      fix: "Use the version of Kindling that wrote it, or a newer one.",
    });
  }
  // The ledger's checksums vouch that this is what `record` wrote, and its format's version for the shape.
  return freezeJson(json) as unknown as Fact;
}
