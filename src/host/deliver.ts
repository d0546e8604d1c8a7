// Delivering an event: finding its await, checking who sends what, and recording it once. Every refusal is an answer that says what to do.

import type { PlanNode } from "../compile/plan.ts";
import { didYouMean } from "../graph/nearest.ts";
import { canonicalJson, toJson } from "../json.ts";
import { check } from "../schema.ts";
import { refuseDecision, repeated } from "../run/accept.ts";
import { joinPath, type Actor } from "../run/fact.ts";
import { keys, readNote } from "../run/head.ts";
import { derivedDeliveryId } from "../run/ids.ts";
import { stateOf } from "../run/state.ts";
import type { ActiveRun } from "./active-run.ts";
import type { Delivery, DeliverRequest } from "./client.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { deliverWithoutAwait } from "./deliver-early.ts";
import { ambiguous, conflict, correlationKeys, refused, type Parcel, type Target } from "./parcel.ts";

/** Refusals recorded per run; more are answered and not recorded, so that nobody fills the disk. */
const REFUSALS_RECORDED = 100;

const NOBODY: Actor = { id: "unknown", assurance: "agent" };

/** Delivers an event to the await it is for. */
export async function deliver(host: EmbeddedHost, request: DeliverRequest): Promise<Delivery> {
  const known = new Set([...host.plans.all()].flatMap((plan) => [...plan.events]));
  if (!known.has(request.event)) return refused("unknown_event", `no contract awaits the event "${request.event}"`, didYouMean(request.event, known));
  const json = toJson(request.payload);
  if (!json.ok) {
    const issue = { at: json.problem.at === "$" ? "" : json.problem.at.slice(2), message: json.problem.message };
    return { ...refused("invalid_payload", `the payload is not JSON: ${issue.at} ${issue.message}`, "Send plain JSON."), issues: [issue] };
  }
  if (request.run === undefined && Object.keys(request.correlation ?? {}).length === 0) {
    return refused("run_not_found", `the event "${request.event}" says neither run nor correlation`, "Give the run's id, or the values of its correlation keys.");
  }
  const parcel: Parcel = { request, payload: json.value, actor: request.actor ?? NOBODY };
  const targets = findTargets(host, request);
  const [first, ...others] = targets;
  if (first === undefined) return deliverWithoutAwait(host, parcel);
  if (others.length > 0 && request.to !== "all") return ambiguous(request, targets);
  const delivery = await deliverTo(host, first, parcel);
  if (others.length === 0 || delivery.status === "refused" || delivery.status === "kept") return delivery;
  const more: Delivery[] = [];
  for (const target of others) more.push(await deliverTo(host, target, parcel));
  return { ...delivery, others: more };
}

function findTargets(host: EmbeddedHost, request: DeliverRequest): Target[] {
  const heads = host.ledger.find({ keys: [keys.awaits(request.event), ...correlationKeys(request)], open: true });
  return heads.flatMap((head) => {
    const note = readNote(head.note);
    if (note === undefined || (request.run !== undefined && note.root !== request.run)) return [];
    return (note.awaits ?? [])
      .filter((open) => open.event === request.event)
      .map((open) => ({ stream: head.run, node: open.node, root: note.root, path: joinPath(note.path, open.node), correlation: note.correlation }))
      .filter((target) => request.path === undefined || target.path === request.path);
  });
}

async function deliverTo(host: EmbeddedHost, target: Target, parcel: Parcel): Promise<Delivery> {
  const run = await host.activate(target.stream);
  const node = run.state.plan.byName.get(target.node);
  const delivery = node === undefined ? refused("run_not_found", `there is no await "${target.path}"`, "Look at the run again.") : await answer(run, node, target, parcel);
  run.advance();
  await run.durable();
  return delivery;
}

async function answer(run: ActiveRun, node: PlanNode, target: Target, { request, payload, actor }: Parcel): Promise<Delivery> {
  const { work } = node.definition.behaviour;
  if (work.type !== "wait") return refused("run_not_found", `"${target.path}" awaits nothing`, "Look at the run again.");
  const before = stateOf(run.state, node);
  const refusal = before.status === "waiting" ? refuseDecision(run.state, before, work.gate, actor, request.shown) : undefined;
  if (refusal !== undefined) {
    if (run.state.refusals < REFUSALS_RECORDED) run.record({ type: "event.refused", node: node.name, event: request.event, code: refusal.code, actor });
    return refused(refusal.code, refusal.message, refusal.fix);
  }
  const checked = await check(work.schema, payload);
  if (!checked.ok) {
    return { ...refused("invalid_payload", `the payload of "${request.event}" does not fit`, "Correct it and deliver again; the await stays open."), issues: checked.issues };
  }
  const value = toJson(checked.value);
  if (!value.ok) return refused("invalid_payload", `the checked payload is not JSON: ${value.problem.at} ${value.problem.message}`, "Use a schema whose output is plain JSON.");
  const deliveryId = request.deliveryId ?? derivedDeliveryId(target.stream, node.name, canonicalJson(value.value));
  const done = { run: target.root, path: target.path, deliveryId };
  const repeat = repeated(run.state, deliveryId, value.value);
  if (repeat === "conflict") return conflict(deliveryId);
  if (repeat !== undefined) return { status: "duplicate", ...done };
  // Looked at again: checking a payload may take its time, and somebody else may have decided meanwhile.
  if (stateOf(run.state, node).status !== "waiting") return refused("already_decided", `"${target.path}" was decided already`, "Look at the run to see what was decided.");
  run.record({ type: "event.delivered", node: node.name, event: request.event, deliveryId, payload: value.value, actor });
  return { status: "delivered", ...done };
}
