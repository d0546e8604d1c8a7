// Delivering an event: what it says is checked first, then its await is looked for.

import { didYouMean } from "../graph/nearest.ts";
import type { JsonProblem } from "../json.ts";
import type { Actor } from "../run/fact.ts";
import { givenValue } from "./author-code.ts";
import type { Delivery, DeliverRequest } from "./delivery.ts";
import { deliverWithoutAwait } from "./deliver-early.ts";
import { deliverToTargets, findTargets } from "./deliver-open.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { repeatOfId } from "./look-back.ts";
import { refused, type Parcel } from "./parcel.ts";

const NOBODY: Actor = { id: "unknown", assurance: "agent" };

/** Delivers an event to the await it is for. */
export async function deliver(host: EmbeddedHost, request: DeliverRequest): Promise<Delivery> {
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
  const parcel: Parcel = { request, payload: json.value, actor: request.actor ?? NOBODY };
  const repeat = await repeatOfId(host, parcel);
  if (repeat !== undefined) return repeat;
  const targets = findTargets(host, request);
  return targets.length === 0 ? deliverWithoutAwait(host, parcel) : deliverToTargets(host, targets, parcel);
}

/** The answer to a payload that is no JSON. */
export function refusePayload({ at, message }: JsonProblem): Delivery {
  const issue = { at: at.slice(1).replace(/^\./, ""), message };
  return {
    ...refused("invalid_payload", `the payload is not JSON: ${`${issue.at} ${issue.message}`.trim()}`, "Send plain JSON."),
    issues: [issue],
  };
}
