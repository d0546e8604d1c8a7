// Delivering to awaits that are open: who sends what is checked, and it is recorded once. Every refusal is an answer that says what to do.

import type { PlanNode } from "../compile/plan.ts";
import type { Gate } from "../graph/gate.ts";
import { canonicalJson, type JsonValue, toJson } from "../json.ts";
import type { Ledger, StreamHead } from "../ledger/ledger.ts";
import { check } from "../schema.ts";
import { refuseDecision, repeated } from "../run/accept.ts";
import { joinPath } from "../run/path.ts";
import { keys, readNote } from "../run/head.ts";
import type { NodeState, WaitingState } from "../run/node-state.ts";
import { derivedDeliveryId } from "../run/ids.ts";
import { countAt, placeOf } from "../run/quorum.ts";
import { isEnded, stateOf } from "../run/state.ts";
import { readTraceContext } from "../trace-context.ts";
import type { ActiveRun } from "./active-run.ts";
import type { Delivery, DeliverRequest } from "./delivery.ts";
import { eachHead } from "./each-head.ts";
import type { EmbeddedHost } from "./embedded.ts";
import {
  aboutOf,
  ambiguous,
  CANDIDATES_LIMIT,
  conflict,
  correlationKeys,
  refused,
  runEnded,
  together,
  type Parcel,
  type Target,
} from "./parcel.ts";
import { noteOf } from "./plans.ts";
import { endWithThoseAbove } from "./resume-run.ts";
import { refuseStatement } from "./signed-delivery.ts";

/** Refusals recorded per run; more are answered and not recorded, so that nobody fills the disk. */
const REFUSALS_RECORDED = 100;

/** Delivers to the awaits that were found: to the only one, or to each where it is meant for all. */
export async function deliverToTargets(host: EmbeddedHost, targets: readonly Target[], parcel: Parcel): Promise<Delivery> {
  if (targets.length > 1 && parcel.request.to !== "all") return ambiguous(parcel.request, targets);
  const deliveries: Delivery[] = [];
  for (const target of targets) deliveries.push(await deliverTo(host, target, parcel));
  return together(deliveries);
}

/** The awaits a delivery may be for, as far as the ledger shows them: all where it is for all, otherwise one more than can be told apart. */
export function findTargets({ ledger }: EmbeddedHost, request: DeliverRequest): Target[] {
  const wanted = [keys.awaits(request.event), ...correlationKeys(request)];
  const targets: Target[] = [];
  for (const head of headsOf(ledger, request.run, wanted)) {
    targets.push(...targetsIn(head, request));
    if (request.to !== "all" && targets.length > CANDIDATES_LIMIT) break;
  }
  return targets;
}

/** The open heads with these keys: everywhere, or in the tree of one run. */
function* headsOf(ledger: Ledger, root: string | undefined, wanted: readonly string[]): Generator<StreamHead> {
  if (root === undefined) return yield* eachHead(ledger, { keys: wanted, open: true });
  const own = ledger.head(root);
  if (own?.open === true && wanted.every((key) => own.keys.includes(key))) yield own;
  yield* eachHead(ledger, { keys: [...wanted, keys.inTree(root)], open: true });
}

function targetsIn({ run, note }: StreamHead, { event, path }: DeliverRequest): Target[] {
  const known = readNote(note);
  if (known === undefined) return [];
  const { root, correlation, awaits = [] } = known;
  return awaits
    .filter((open) => open.event === event)
    .map(({ node }) => ({ stream: run, node, root, path: joinPath(known.path, node), correlation }))
    .filter((target) => path === undefined || target.path === path);
}

async function deliverTo(host: EmbeddedHost, target: Target, parcel: Parcel): Promise<Delivery> {
  const parent = noteOf(host.ledger, target.stream)?.parent;
  if (host.inMemory(target.stream) === undefined && (await endWithThoseAbove(host, target.stream, parent))) return runEnded(parcel.request);
  return host.use(target.stream, async (run) => {
    const node = run.state.plan.byName.get(target.node);
    const delivery =
      node === undefined
        ? refused("run_not_found", `there is no await "${target.path}"`, "Look at the run again.")
        : await answer(host, run, { node, target, parcel });
    run.advance();
    // R3: whatever is answered, it is durable before anyone hears of it.
    await run.durable();
    return delivery;
  });
}

/** A delivery at the await it is for. */
interface Arrival {
  readonly node: PlanNode;
  readonly target: Target;
  readonly parcel: Parcel;
}

async function answer(host: EmbeddedHost, run: ActiveRun, arrival: Arrival): Promise<Delivery> {
  const { node, target, parcel } = arrival;
  const { request, payload, actor, signed, personOf } = parcel;
  const { work } = node.definition.behaviour;
  if (work.type !== "wait") return refused("run_not_found", `"${target.path}" awaits nothing`, "Look at the run again.");
  if (isLate(stateOf(run.state, node), parcel))
    return refused("already_decided", `the deadline of "${target.path}" had passed`, "Deliver in time.");
  const refusal = refuseNow(host, run, arrival, work.gate);
  if (refusal !== undefined) return refusal;
  const checked = await check(work.schema, payload);
  if (!checked.ok) {
    return {
      ...refused(
        "invalid_payload",
        `the payload of "${request.event}" does not fit`,
        "Correct it and deliver again; the await stays open.",
      ),
      issues: checked.issues,
    };
  }
  const value = toJson(checked.value);
  if (!value.ok)
    return refused(
      "invalid_payload",
      `the checked payload is not JSON: ${value.problem.at} ${value.problem.message}`,
      "Use a schema whose output is plain JSON.",
    );
  const deliveryId =
    request.deliveryId ??
    derivedDeliveryId(target.stream, placeOf(node.name, work.gate, personOf(actor)), canonicalJson(value.value), aboutOf(request));
  const done = { run: target.root, path: target.path, deliveryId };
  const repeat = repeated(run.state, deliveryId, value.value);
  if (repeat === "conflict") return conflict(deliveryId);
  const now = stateOf(run.state, node);
  const isHeard = now.status === "waiting" && now.voices.some((voice) => voice.deliveryId === deliveryId);
  if (repeat !== undefined && request.deliveryId === undefined && now.status === "waiting" && !isHeard)
    return refused(
      "stale_approval",
      `"${target.path}" was answered like this before, and is open again since what it shows has changed`,
      "Look at it again, and pass shown with the answer.",
    );
  if (repeat !== undefined) return { status: "duplicate", ...done };
  // Looked at again: checking a payload may take its time, and somebody else may have decided meanwhile.
  if (isEnded(run.state)) return runEnded(request);
  if (now.status !== "waiting")
    return refused("already_decided", `"${target.path}" was decided already`, "Look at the run to see what was decided.");
  // It may have opened anew meanwhile: for a gate that was not open before nobody has asked who decides, and it may show something else now.
  const refusalNow = refuseNow(host, run, arrival, work.gate, value.value);
  if (refusalNow !== undefined) return refusalNow;
  const trace = readTraceContext(request.trace ?? {});
  const more = { ...(signed?.ok === true ? { signature: signed.evidence } : {}), ...(trace === undefined ? {} : { trace }) };
  const said = { node: node.name, event: request.event, deliveryId, payload: value.value, actor, ...more };
  const count = countAt(work.gate, now.voices, actor, value.value, personOf);
  run.record({ type: count === undefined ? "event.delivered" : "event.counted", ...said });
  return count === undefined ? { status: "delivered", ...done } : { status: "counted", ...done, ...count };
}

/** True for an event of a history that was recorded behind a deadline which nobody was there to keep. */
function isLate(now: NodeState, { recorded }: Parcel): boolean {
  return recorded !== undefined && now.status === "waiting" && now.deadline !== undefined && now.deadline < recorded.time;
}

/** Why this actor may not answer an await as it stands at this moment, with this value once it is known; noted in the run. */
function refuseNow(host: EmbeddedHost, run: ActiveRun, arrival: Arrival, gate: Gate | undefined, value?: JsonValue): Delivery | undefined {
  const { node, parcel } = arrival;
  const now = stateOf(run.state, node);
  const refusal = now.status === "waiting" ? refusalOf(host, run, now, arrival, gate, value) : undefined;
  if (refusal === undefined) return undefined;
  const { code, message, fix } = refusal;
  if (run.state.refusals < REFUSALS_RECORDED)
    run.record({ type: "event.refused", node: node.name, event: parcel.request.event, code, actor: parcel.actor });
  return refused(code, message, fix);
}

function refusalOf(
  { ledger, clock }: EmbeddedHost,
  { id, state }: ActiveRun,
  now: WaitingState,
  { target, parcel }: Arrival,
  gate: Gate | undefined,
  value: JsonValue | undefined,
): Pick<Extract<Delivery, { status: "refused" }>, "code" | "message" | "fix"> | undefined {
  const { request, actor, personOf, signed } = parcel;
  if (signed?.ok === false) return signed.refusal;
  const question = {
    ledger: ledger.id,
    run: target.root,
    path: target.path,
    opening: `${id}:${now.fact}`,
    event: now.event,
    shown: now.shown,
  };
  const unfit = signed === undefined ? undefined : refuseStatement(signed.statement, question, value, clock.now());
  return unfit ?? refuseDecision(state, now, gate, { actor, personOf, hasSigned: signed !== undefined }, request.shown);
}
