// A delivery that no open await takes: a repeat of one that was taken, one that comes too late, or one that comes early and is kept.

import type { Plan } from "../compile/plan.ts";
import { canonicalJson } from "../json.ts";
import { check } from "../schema.ts";
import { repeated } from "../run/accept.ts";
import { joinPath } from "../run/fact.ts";
import { keys, readNote } from "../run/head.ts";
import { derivedDeliveryId } from "../run/ids.ts";
import { isEnded, stateOf, type RunState } from "../run/state.ts";
import type { Wait } from "../graph/work.ts";
import type { Delivery } from "./client.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { ambiguous, conflict, correlationKeys, refused, type Parcel } from "./parcel.ts";
import { foldEntries } from "./plans.ts";

/** Early events kept per run. */
const BUFFER_LIMIT = 100;

/** Answers a delivery for which no await is open. */
export async function deliverWithoutAwait(host: EmbeddedHost, parcel: Parcel): Promise<Delivery> {
  const { request } = parcel;
  const heads = host.ledger
    .find({ keys: [keys.root, keys.declares(request.event), ...(request.run === undefined ? correlationKeys(request) : [])] })
    .filter((head) => request.run === undefined || head.run === request.run);
  // A child's own keys stand in no root: those of its root are enough to find the run it will belong to.
  const roots = heads.length > 0 ? heads : host.ledger.find({ keys: [keys.root, keys.declares(request.event), ...rootKeys(host, parcel)] });
  if (roots.length === 0) return request.run === undefined ? await keepForLater(host, parcel) : notFound(host, parcel);
  const undecided: string[] = [];
  let late: Delivery | undefined;
  for (const head of roots) {
    const past = await lookBack(host, head.run, parcel);
    if (past.answer?.status === "duplicate") return past.answer;
    if (past.mayOpen) undecided.push(head.run);
    late ??= past.answer;
  }
  const [root, ...others] = undecided;
  if (root === undefined) return late ?? refused("run_ended", `the run that awaited "${request.event}" has ended`, "Start a new run.");
  if (others.length > 0) return ambiguous(request, undecided.map((run) => ({ root: run, path: "", correlation: correlationOf(host, run) })));
  return keep(host, root, parcel);
}

/** The given keys that are correlation keys of roots at all. */
function rootKeys(host: EmbeddedHost, { request }: Parcel): string[] {
  const plans = [...host.plans.all()].filter((plan) => plan.events.has(request.event));
  const declared = new Set(plans.flatMap((plan) => plan.graph.correlate));
  const own = Object.entries(request.correlation ?? {}).filter(([key]) => declared.has(key));
  return own.length === 0 ? ["no key of a root"] : own.map(([key, value]) => keys.correlates(key, value));
}

function notFound(host: EmbeddedHost, { request }: Parcel): Delivery {
  if (request.run !== undefined && host.ledger.head(request.run) !== undefined) {
    return refused("unknown_event", `run ${request.run} does not await the event "${request.event}"`, "Look at what its contract awaits.");
  }
  const by = request.run === undefined ? `with ${canonicalJson(request.correlation ?? {})}` : `"${request.run}"`;
  return refused("run_not_found", `there is no run ${by} that awaits "${request.event}"`, "Check the correlation values; `kindling list` shows the runs there are.");
}

/** Keeps an event for a run that does not exist yet, where just one contract wants that. */
async function keepForLater(host: EmbeddedHost, parcel: Parcel): Promise<Delivery> {
  const { request, payload, actor } = parcel;
  const plans = [...host.plans.all()].filter((plan) => plan.events.has(request.event) && plan.graph.early !== undefined);
  const [plan, ...others] = plans;
  const keepForMs = plan?.graph.early?.keepForMs;
  if (plan === undefined || keepForMs === undefined || others.length > 0) return notFound(host, parcel);
  const strange = Object.keys(request.correlation ?? {}).filter((key) => !plan.graph.correlate.includes(key));
  if (strange.length > 0) return notFound(host, parcel);
  const wait = waitFor(plan, request.event);
  const checked = wait === undefined ? undefined : await check(wait.schema, payload);
  if (checked !== undefined && !checked.ok) return { ...refused("invalid_payload", `the payload of "${request.event}" does not fit`, "Correct it and deliver again."), issues: checked.issues };
  if (wait?.gate !== undefined && actor.assurance === "agent") return gateRefusal(request.event);
  // Checking may have taken its time: a run that has started meanwhile takes the event itself.
  if (host.ledger.find({ keys: [keys.root, keys.declares(request.event), ...correlationKeys(request)], limit: 1 }).length > 0) return deliverWithoutAwait(host, parcel);
  const deliveryId = request.deliveryId ?? derivedDeliveryId(`mailbox:${plan.name}`, request.event, canonicalJson([request.correlation ?? {}, payload]));
  const kept = await host.mailbox.keep(plan, keepForMs, { type: "event.buffered", event: request.event, correlation: request.correlation ?? {}, deliveryId, payload, actor });
  if (kept === "conflict") return conflict(deliveryId);
  if (kept === "full") return refused("too_many_early_events", `the mailbox of "${plan.name}" is full`, "Start the runs these events are for, or wait until some have expired.");
  return { status: "kept", contract: plan.name, deliveryId, keptForMs: keepForMs };
}

function gateRefusal(event: string): Delivery {
  return refused("human_decision_required", `"${event}" is for a gate, which a person must decide`, "Wait until the gate opens; then a person decides it with `kindling approve`.");
}

interface Past {
  readonly answer: Delivery | undefined;
  /** An await for the event may still open. */
  readonly mayOpen: boolean;
}

/** What a run and its children say about an event: taken before, decided, or still to come. */
async function lookBack(host: EmbeddedHost, root: string, { request, payload }: Parcel): Promise<Past> {
  const streams = [root, ...host.ledger.find({ keys: [keys.inTree(root)] }).map((head) => head.run)];
  let mayOpen = false;
  let decided: Delivery | undefined;
  for (const stream of streams) {
    const plan = host.plans.of(host.ledger, stream);
    if (plan === undefined || !plan.events.has(request.event)) continue;
    const state = foldEntries(stream, plan, await host.ledger.read(stream));
    for (const node of plan.nodes) {
      const { work } = node.definition.behaviour;
      const now = stateOf(state, node);
      const settled = now.status === "succeeded" || now.status === "failed" || isEnded(state);
      if (work.type === "children" && !settled && Object.values(node.parts).some((part) => part.events.has(request.event))) mayOpen = true;
      if (work.type !== "wait" || work.event !== request.event) continue;
      const path = joinPath(state.path, node.name);
      if (request.path !== undefined && request.path !== path) continue;
      const answer = await repeatOf(state, node.name, work, { root, path, payload, deliveryId: request.deliveryId });
      if (answer !== undefined) return { answer, mayOpen };
      if (now.status === "succeeded") decided ??= refused("already_decided", `"${path}" of run ${root} was decided already`, "Look at the run to see what was decided.");
      else if (!settled) mayOpen = true;
    }
  }
  return { answer: decided, mayOpen };
}

async function repeatOf(
  state: RunState,
  node: string,
  work: Wait,
  { root, path, payload, deliveryId }: { readonly root: string; readonly path: string; readonly payload: Parcel["payload"]; readonly deliveryId: string | undefined },
): Promise<Delivery | undefined> {
  const checked = await check(work.schema, payload);
  const value = checked.ok ? (checked.value as Parcel["payload"]) : payload;
  const id = deliveryId ?? derivedDeliveryId(state.id, node, canonicalJson(value));
  const repeat = repeated(state, id, value);
  if (repeat === undefined) return undefined;
  if (repeat === "conflict") return conflict(id);
  return { status: "duplicate", run: root, path, deliveryId: id };
}

async function keep(host: EmbeddedHost, root: string, { request, payload, actor }: Parcel): Promise<Delivery> {
  const run = await host.activate(root);
  const wait = waitFor(run.state.plan, request.event);
  const checked = wait === undefined ? undefined : await check(wait.schema, payload);
  const deliveryId = request.deliveryId ?? derivedDeliveryId(root, request.event, canonicalJson(payload));
  const delivery = ((): Delivery => {
    if (wait?.gate !== undefined && actor.assurance === "agent") {
      return gateRefusal(request.event);
    }
    if (checked !== undefined && !checked.ok) {
      return { ...refused("invalid_payload", `the payload of "${request.event}" does not fit`, "Correct it and deliver again."), issues: checked.issues };
    }
    const repeat = repeated(run.state, deliveryId, payload);
    if (repeat === "conflict") return conflict(deliveryId);
    if (repeat !== undefined) return { status: "duplicate", run: root, path: undefined, deliveryId };
    if (run.state.buffered.size >= BUFFER_LIMIT) return refused("too_many_early_events", `run ${root} keeps ${BUFFER_LIMIT} early events already`, "Deliver again when its awaits have opened.");
    run.record({ type: "event.buffered", event: request.event, correlation: request.correlation ?? {}, deliveryId, payload, actor });
    return { status: "buffered", run: root, path: undefined, deliveryId };
  })();
  run.advance();
  await run.durable();
  return delivery;
}

function waitFor(plan: Plan, event: string): Wait | undefined {
  for (const node of plan.nodes) {
    const { work } = node.definition.behaviour;
    if (work.type === "wait" && work.event === event) return work;
    for (const part of Object.values(node.parts)) {
      const inside = waitFor(part, event);
      if (inside !== undefined) return inside;
    }
  }
  return undefined;
}

function correlationOf(host: EmbeddedHost, run: string) {
  const head = host.ledger.head(run);
  return (head === undefined ? undefined : readNote(head.note))?.correlation ?? {};
}
