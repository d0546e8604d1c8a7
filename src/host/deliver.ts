// Delivering an event: what it says is checked first, then its await is looked for.

import { didYouMean } from "../graph/nearest.ts";
import type { JsonProblem, JsonValue } from "../json.ts";
import type { Actor } from "../run/fact.ts";
import { givenValue } from "./author-code.ts";
import type { Delivery, DeliverRequest } from "./delivery.ts";
import { deliverWithoutAwait } from "./deliver-early.ts";
import { deliverToTargets, findTargets } from "./deliver-open.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { repeatOfId } from "./look-back.ts";
import type { RecordedAt } from "../store/fact.ts";
import { isInTime, refused, type Parcel, type Target } from "./parcel.ts";
import { readSigned } from "./signed-delivery.ts";

const NOBODY: Actor = { id: "unknown", assurance: "agent" };

/** Delivers an event to the await it is for. */
export async function deliver(host: EmbeddedHost, request: DeliverRequest, recorded?: RecordedAt): Promise<Delivery> {
  const { events } = host.plans;
  const event: unknown = request.event;
  if (typeof event !== "string")
    return refused(
      "unknown_event",
      `event is ${event === undefined ? "missing" : `of type ${typeof event}`}`,
      `Name it: ${[...events].map((known) => `"${known}"`).join(", ")}.`,
    );
  if (!events.has(request.event))
    return refused("unknown_event", `no contract awaits the event "${request.event}"`, didYouMean(request.event, events));
  const json = givenValue(request.payload);
  if (!json.ok) return refusePayload(json.problem);
  const correlation = givenValue(request.correlation ?? {});
  if (!correlation.ok)
    return refused(
      "run_not_found",
      `the correlation${correlation.problem.at.slice(1)} ${correlation.problem.message}`,
      "Give the values of correlation keys as JSON.",
    );
  if (request.run === undefined && Object.keys(request.correlation ?? {}).length === 0) {
    return refused(
      "run_not_found",
      `the event "${request.event}" says neither run nor correlation`,
      "Give the run's id, or the values of its correlation keys.",
    );
  }
  const parcel = { ...parcelOf(host, request, json.value), ...(recorded === undefined ? {} : { recorded }) };
  if (parcel.actor.assurance === "signed" && parcel.signed === undefined) return notSigned(parcel.actor);
  const repeat = await repeatOfId(host, parcel);
  if (repeat !== undefined) return repeat;
  const targets: Target[] = [];
  for (const target of findTargets(host, request)) if (await isInTime(host, target.root, parcel)) targets.push(target);
  return targets.length === 0 ? deliverWithoutAwait(host, parcel) : deliverToTargets(host, targets, parcel);
}

/** Delivers what a caller gives: not an event that is taken from a history. */
export async function deliverFromOutside(host: EmbeddedHost, request: DeliverRequest): Promise<Delivery> {
  const { event } = request;
  const history = host.plans.fedBy(event);
  if (history === undefined) return deliver(host, request);
  return refused(
    "unknown_event",
    `nobody delivers "${event}": the events of the history "${history}" are taken from there`,
    "Append the event to the history.",
  );
}

/** Who answers is whoever signed, where somebody did. */
function parcelOf({ approvers }: EmbeddedHost, request: DeliverRequest, payload: JsonValue): Parcel {
  const { personOf } = approvers;
  const signed = request.signature === undefined ? undefined : readSigned(request.signature, approvers);
  if (signed?.ok === true) {
    const { id, roles } = signed.approver;
    // The words themselves tell one delivery from another: under another id the same signature would count again.
    const { deliveryId: _, ...own } = request;
    const actor: Actor = { id, assurance: "signed", ...(roles === undefined ? {} : { roles }) };
    return { request: own, payload, actor, personOf, signed };
  }
  const actor = request.actor ?? NOBODY;
  return { request, payload, actor, personOf, ...(signed === undefined ? {} : { signed }) };
}

/** Nobody is believed to have signed who only says so. */
function notSigned({ id }: Actor): Delivery {
  return refused(
    "signature_required",
    `"${id}" says that this is signed, and there is no signature`,
    "Deliver the signature with it: kindling approve <run> --sign <key file> does.",
  );
}

/** The answer to a payload that is no JSON. */
export function refusePayload({ at, message }: JsonProblem): Delivery {
  const issue = { at: at.slice(1).replace(/^\./, ""), message };
  return {
    ...refused("invalid_payload", `the payload is not JSON: ${`${issue.at} ${issue.message}`.trim()}`, "Send plain JSON."),
    issues: [issue],
  };
}
