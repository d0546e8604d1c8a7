// A delivery on its way to an await, and the answers that refuse it.

import type { EmbeddedHost } from "./embedded.ts";
import { BugError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { Actor } from "../run/fact.ts";
import { keys } from "../run/head.ts";
import type { RecordedAt } from "../store/fact.ts";
import { factRefById } from "../store/fact-reader.ts";
import type { SignedDecision } from "./signed-delivery.ts";
import type { Delivery, DeliverRequest, RefusalCode } from "./delivery.ts";

/** A delivery after its first checks. */
export interface Parcel {
  /** Of an event of a history: where and when it was recorded. It is for runs that had begun then, and for awaits whose deadline had not passed. */
  readonly recorded?: RecordedAt;
  readonly request: DeliverRequest;
  readonly payload: JsonValue;
  readonly actor: Actor;
  /** The person behind an actor, as far as that is known here. */
  readonly personOf: (actor: Actor) => string;
  readonly signed?: SignedDecision;
}

/** An open await that a delivery may be for. */
export interface Target {
  /** The stream it stands in. */
  readonly stream: string;
  readonly node: string;
  readonly root: string;
  readonly path: string;
  readonly correlation: JsonObject;
}

/** What a delivery without an id is about, besides its payload: repeats of the same are one delivery. */
export function aboutOf({ signature, shown }: DeliverRequest): string | undefined {
  return signature?.statement ?? shown;
}

/** A refusal; nothing was recorded as delivered. */
export function refused(code: RefusalCode, message: string, fix: string): Extract<Delivery, { status: "refused" }> {
  return { status: "refused", code, message, fix };
}

/** Awaits or runs that are named to somebody who has to choose. */
export const CANDIDATES_LIMIT = 100;

/** The refusal of a delivery that several awaits match. */
export function ambiguous(request: DeliverRequest, targets: readonly Pick<Target, "root" | "path" | "correlation">[]): Delivery {
  const named = targets.slice(0, CANDIDATES_LIMIT);
  const count = targets.length > CANDIDATES_LIMIT ? `more than ${CANDIDATES_LIMIT}` : targets.length;
  return {
    ...refused(
      "ambiguous_correlation",
      `the event "${request.event}" matches ${count} awaits`,
      'Give more correlation keys, or run and path; or to: "all" for every one.',
    ),
    candidates: named.map(({ root, path, correlation }) => ({ run: root, path, correlation })),
  };
}

/** The refusal of a delivery whose id was used for another payload. */
export function conflict(deliveryId: string): Delivery {
  return refused(
    "delivery_conflict",
    `the delivery "${deliveryId}" was made before with another payload`,
    "Use another deliveryId for another payload.",
  );
}

/** The refusal of a delivery whose run is over. */
export function runEnded(request: DeliverRequest): Extract<Delivery, { status: "refused" }> {
  return refused("run_ended", `the run that awaited "${request.event}" has ended`, "Start a new run.");
}

/** Several deliveries as one answer: the first that was not refused, and the others beside it. */
export function together(deliveries: readonly Delivery[]): Delivery {
  const first = deliveries.find(({ status }) => status !== "refused") ?? deliveries[0];
  if (first === undefined) throw new BugError("a delivery for all was for nobody");
  const others = deliveries.filter((each) => each !== first);
  return others.length === 0 || first.status === "refused" || first.status === "kept" ? first : { ...first, others };
}

/** The keys a run or an await must carry to match a request. */
export function correlationKeys({ correlation = {} }: Pick<DeliverRequest, "correlation">): string[] {
  return Object.entries(correlation).map(([key, value]) => keys.correlates(key, value));
}

/** False where an event of a history was recorded before a run began: it is for that one only where its contract keeps what comes early. */
export async function isInTime(
  { ledger, plans }: Pick<EmbeddedHost, "ledger" | "plans">,
  root: string,
  { request, recorded }: Parcel,
): Promise<boolean> {
  if (recorded === undefined || (ledger.head(root)?.started ?? recorded.position) < recorded.position) return true;
  if (plans.awaiting(request.event).some(({ graph }) => graph.early !== undefined)) return true;
  // A run that an event has started began with it: how soon that was looked at decides nothing.
  const [first] = await ledger.read(root, { limit: 1 });
  const from = first?.facts[0]?.["from"];
  const begun = typeof from === "string" ? await factRefById({ ledger }, from) : undefined;
  return begun !== undefined && begun.position < recorded.position;
}
