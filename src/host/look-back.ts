// What a run and its children say about an event that has come before, or comes too late. It reads and changes nothing.

import type { PlanNode } from "../compile/plan.ts";
import type { Wait } from "../graph/work.ts";
import { canonicalJson, type JsonValue } from "../json.ts";
import { check } from "../schema.ts";
import { repeated } from "../run/accept.ts";
import { joinPath } from "../run/fact.ts";
import { keys, readNote } from "../run/head.ts";
import { derivedDeliveryId } from "../run/ids.ts";
import { isEnded, stateOf, type RunState } from "../run/state.ts";
import type { Delivery } from "./client.ts";
import { contradicts, isSubset } from "./early.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { conflict, refused, type Parcel } from "./parcel.ts";
import { foldEntries } from "./plans.ts";

/** What is known of an event in the tree of a run. */
export interface Past {
  /** It is a repeat, or its await is decided. */
  readonly answer: Delivery | undefined;
  /** An await for the event may still open. */
  readonly mayOpen: boolean;
}

/** A delivery whose caller gave it an id: answered already, by whichever await of the run it was for (G5)? */
export async function repeatOfId(host: EmbeddedHost, parcel: Parcel): Promise<Delivery | undefined> {
  const { request } = parcel;
  // One that is for all counts once for each await: they tell repeats themselves.
  if (request.deliveryId === undefined || request.to === "all") return undefined;
  for (const head of host.ledger.find({ keys: [keys.delivered(request.deliveryId)] })) {
    const note = readNote(head.note);
    if (note === undefined || (request.run !== undefined && note.root !== request.run) || !isSubset(request.correlation ?? {}, note)) continue;
    const state = await stateIn(host, head.run);
    const node = state?.plan.byName.get(state.deliveries.get(request.deliveryId)?.node ?? "");
    if (state === undefined || node === undefined) continue;
    if (request.path !== undefined && request.path !== joinPath(state.path, node.name)) continue;
    const { work } = node.definition.behaviour;
    if (work.type !== "wait" || work.event !== request.event) return conflict(request.deliveryId);
    return repeatAt(state, node, work, parcel);
  }
  return undefined;
}

/** What a run and its children say about an event: taken before, decided, or still to come. */
export async function lookBack(host: EmbeddedHost, root: string, parcel: Parcel): Promise<Past> {
  const wanted = parcel.request.correlation ?? {};
  let mayOpen = false;
  let decided: Delivery | undefined;
  for (const head of [host.ledger.head(root), ...host.ledger.find({ keys: [keys.inTree(root)] })]) {
    const note = head === undefined ? undefined : readNote(head.note);
    if (head === undefined || note === undefined || contradicts(wanted, note)) continue;
    if (host.plans.of(host.ledger, head.run)?.events.has(parcel.request.event) !== true) continue;
    const state = await stateIn(host, head.run);
    if (state === undefined) continue;
    const isMeant = isSubset(wanted, state) || parcel.request.run !== undefined;
    for (const node of state.plan.nodes) {
      const past = await pastOf(state, node, parcel, isMeant);
      if (past.answer?.status === "duplicate" || isConflict(past.answer)) return past;
      decided ??= past.answer;
      mayOpen ||= past.mayOpen;
    }
  }
  return { answer: decided, mayOpen };
}

const NOTHING: Past = { answer: undefined, mayOpen: false };

async function pastOf(state: RunState, node: PlanNode, parcel: Parcel, isMeant: boolean): Promise<Past> {
  const { request } = parcel;
  const { work } = node.definition.behaviour;
  const now = stateOf(state, node);
  const isSettled = now.status === "succeeded" || now.status === "failed" || isEnded(state) || !node.needed;
  if (work.type === "children") return { answer: undefined, mayOpen: !isSettled && Object.values(node.parts).some((part) => part.events.has(request.event)) };
  if (work.type !== "wait" || work.event !== request.event || !isMeant) return NOTHING;
  const path = joinPath(state.path, node.name);
  if (request.path !== undefined && request.path !== path) return NOTHING;
  const repeat = await repeatAt(state, node, work, parcel);
  if (repeat !== undefined) return { answer: repeat, mayOpen: false };
  if (now.status !== "succeeded") return { answer: undefined, mayOpen: !isSettled };
  return { answer: refused("already_decided", `"${path}" of run ${state.root} was decided already`, "Look at the run to see what was decided."), mayOpen: false };
}

/** The first outcome, when this await was answered by the same delivery. */
async function repeatAt(state: RunState, node: PlanNode, work: Wait, { request, payload }: Parcel): Promise<Delivery | undefined> {
  const checked = await check(work.schema, payload);
  // What a schema gives for JSON and what was recorded of it went through `toJson`.
  const value = checked.ok ? (checked.value as JsonValue) : payload;
  const early = earlyDeliveryId(state.root, request.event, payload);
  const ids = request.deliveryId === undefined ? [derivedDeliveryId(state.id, node.name, canonicalJson(value)), early] : [request.deliveryId];
  for (const id of ids) {
    if (state.deliveries.get(id)?.node !== node.name) continue;
    return repeated(state, id, value) === "conflict" ? conflict(id) : { status: "duplicate", run: state.root, path: joinPath(state.path, node.name), deliveryId: id };
  }
  return undefined;
}

/** The id of an event that came early and without one. */
export function earlyDeliveryId(root: string, event: string, payload: JsonValue): string {
  return derivedDeliveryId(root, event, canonicalJson(payload));
}

function isConflict(answer: Delivery | undefined): boolean {
  return answer?.status === "refused" && answer.code === "delivery_conflict";
}

async function stateIn(host: EmbeddedHost, run: string): Promise<RunState | undefined> {
  const active = host.inMemory(run);
  if (active !== undefined) return active.state;
  const plan = host.plans.of(host.ledger, run);
  return plan === undefined ? undefined : foldEntries(run, plan, await host.ledger.read(run));
}
