// What is answered about an event that comes to a run that was compacted: as for any run that has ended, as far as its receipt tells.

import { hashJson, toJson } from "../json.ts";
import { check } from "../schema.ts";
import type { Plan } from "../compile/plan.ts";
import type { CompactedNote } from "../run/compacted.ts";
import type { DecisionReceipt } from "../run/run-receipt.ts";
import type { Delivery } from "./delivery.ts";
import { contradicts, isSubset } from "./early.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { conflict, refused, type Parcel } from "./parcel.ts";
import { receiptOf } from "./run-receipts.ts";
import { waitsFor } from "./waits-for.ts";

/** A delivery whose caller gave it an id: answered already by this run? */
export async function repeatOfCompacted(
  host: EmbeddedHost,
  run: string,
  note: CompactedNote,
  parcel: Parcel,
): Promise<Delivery | undefined> {
  const { request } = parcel;
  if ((request.run !== undefined && request.run !== run) || contradicts(request.correlation ?? {}, note)) return undefined;
  const decision = (await decisionsOf(host, run)).find(({ deliveryId }) => deliveryId === request.deliveryId);
  if (decision === undefined || (request.path !== undefined && request.path !== decision.path)) return undefined;
  if (decision.event !== request.event) return conflict(decision.deliveryId);
  const hashes = await hashesOf(host.plans.get(note.contract), parcel);
  return hashes.has(decision.payload) ? duplicate(run, decision) : conflict(decision.deliveryId);
}

/** A delivery that no await takes any more: a repeat, one that was decided otherwise, or neither. */
export async function answerOfCompacted(
  host: EmbeddedHost,
  run: string,
  note: CompactedNote,
  parcel: Parcel,
): Promise<Delivery | undefined> {
  const { request } = parcel;
  // What is for one child only cannot be told from what was for another one.
  if (request.run === undefined && !isSubset(request.correlation ?? {}, note)) return undefined;
  const decisions = (await decisionsOf(host, run)).filter(
    ({ event, path }) => event === request.event && (request.path === undefined || path === request.path),
  );
  const [first] = decisions;
  if (first === undefined) return undefined;
  const hashes = await hashesOf(host.plans.get(note.contract), parcel);
  const same = request.deliveryId === undefined ? decisions.find(({ payload }) => hashes.has(payload)) : undefined;
  if (same !== undefined) return duplicate(run, same);
  return refused("already_decided", `"${first.path}" of run ${run} was decided already`, "Look at its receipt to see what was decided.");
}

async function decisionsOf({ ledger }: EmbeddedHost, run: string): Promise<readonly DecisionReceipt[]> {
  return (await receiptOf(ledger, run))?.decisions ?? [];
}

/** The hashes that the payload may have been recorded under: as it was given, and as each schema makes it. */
async function hashesOf(plan: Plan | undefined, { request, payload }: Parcel): Promise<ReadonlySet<string>> {
  const hashes = new Set([hashJson(payload)]);
  for (const { schema } of plan === undefined ? [] : waitsFor(plan, request.event)) {
    const checked = await check(schema, payload);
    const json = checked.ok ? toJson(checked.value) : undefined;
    if (json?.ok === true) hashes.add(hashJson(json.value));
  }
  return hashes;
}

function duplicate(run: string, { path, deliveryId }: DecisionReceipt): Delivery {
  return { status: "duplicate", run, path, deliveryId };
}
