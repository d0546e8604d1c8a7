// What a run and its children say about an event that has come before, or comes too late. It reads and changes nothing.

import type { PlanNode } from "../compile/plan.ts";
import type { Children, Wait } from "../graph/work.ts";
import { canonicalJson, type JsonValue } from "../json.ts";
import type { StreamHead } from "../ledger/ledger.ts";
import { check } from "../schema.ts";
import { repeated } from "../run/accept.ts";
import { compactedNote } from "../run/compacted.ts";
import { childPath, joinPath } from "../run/path.ts";
import { keys, readNote } from "../run/head.ts";
import { derivedDeliveryId } from "../run/ids.ts";
import { placeOf } from "../run/quorum.ts";
import { isEnded, stateOf, type RunState } from "../run/state.ts";
import { answerOfCompacted, repeatOfCompacted } from "./compacted-past.ts";
import type { Delivery } from "./delivery.ts";
import { eachHead } from "./each-head.ts";
import { contradicts, isSubset } from "./early.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { findRun } from "./found-run.ts";
import { aboutOf, conflict, refused, type Parcel } from "./parcel.ts";

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
  for (const head of eachHead(host.ledger, { keys: [keys.delivered(request.deliveryId)] })) {
    const compacted = compactedNote(head.note);
    const repeat = compacted === undefined ? undefined : await repeatOfCompacted(host, head.run, compacted, parcel);
    if (repeat !== undefined) return repeat;
    const note = readNote(head.note);
    if (note === undefined || (request.run !== undefined && note.root !== request.run) || !isSubset(request.correlation ?? {}, note))
      continue;
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
  const compacted = compactedNote(host.ledger.head(root)?.note ?? {});
  if (compacted !== undefined) return { answer: await answerOfCompacted(host, root, compacted, parcel), mayOpen: false };
  let mayOpen = false;
  let decided: Delivery | undefined;
  for (const run of treeOf(host, root, parcel)) {
    const state = await stateIn(host, run);
    if (state === undefined) continue;
    for (const node of state.plan.nodes) {
      const past = await pastOf(state, node, parcel);
      // R3: whoever is told of an answer may rest on it, and what stands in memory may not be durable yet.
      if (past.answer !== undefined) await host.inMemory(run)?.durable();
      if (past.answer?.status === "duplicate" || isConflict(past.answer)) return past;
      decided ??= past.answer;
      mayOpen ||= past.mayOpen;
    }
  }
  return { answer: decided, mayOpen };
}

/** The runs of a tree in which the event can have to do with something: those in the ledger, and those that are not durable yet. */
function treeOf(host: EmbeddedHost, root: string, { request }: Parcel): ReadonlySet<string> {
  const wanted = request.correlation ?? {};
  const found = new Set<string>();
  const look = ({ run, note }: StreamHead) => {
    const known = readNote(note);
    if (known !== undefined && !contradicts(wanted, known) && host.plans.of(host.ledger, run)?.events.has(request.event) === true)
      found.add(run);
  };
  const own = host.ledger.head(root);
  if (own !== undefined) look(own);
  for (const head of eachHead(host.ledger, { keys: [keys.inTree(root)] })) look(head);
  for (const { id, state } of host.treeInMemory(root))
    if (!contradicts(wanted, state) && state.plan.events.has(request.event)) found.add(id);
  return found;
}

const NOTHING: Past = { answer: undefined, mayOpen: false };

async function pastOf(state: RunState, node: PlanNode, parcel: Parcel): Promise<Past> {
  const { request } = parcel;
  const { work } = node.definition.behaviour;
  const now = stateOf(state, node);
  const isSettled = now.status === "succeeded" || now.status === "failed" || isEnded(state) || !node.needed;
  if (work.type === "children") return { answer: undefined, mayOpen: !isSettled && mayComeInside(state, node, work, parcel) };
  const isMeant = isSubset(request.correlation ?? {}, state) || request.run !== undefined;
  if (work.type !== "wait" || work.event !== request.event || !isMeant) return NOTHING;
  const path = joinPath(state.path, node.name);
  if (request.path !== undefined && request.path !== path) return NOTHING;
  const repeat = await repeatAt(state, node, work, parcel);
  if (repeat !== undefined) return { answer: repeat, mayOpen: false };
  if (now.status !== "succeeded") return { answer: undefined, mayOpen: !isSettled };
  return {
    answer: refused("already_decided", `"${path}" of run ${state.root} was decided already`, "Look at the run to see what was decided."),
    mayOpen: false,
  };
}

/** True when a child that has no stream yet may come to an await of the event. Those that have one speak for themselves. */
function mayComeInside(state: RunState, node: PlanNode, work: Children, { request }: Parcel): boolean {
  const hasEvent = (part: string) => node.parts[part]?.events.has(request.event) === true;
  const now = stateOf(state, node);
  if (now.status !== "children") return Object.keys(node.parts).some(hasEvent) && isInside(request.path, joinPath(state.path, node.name));
  return now.keys.some((key) => {
    if (
      !hasEvent(work.partOf?.(key) ?? now.part) ||
      now.settled.has(key) ||
      now.started.has(key) ||
      !isInside(request.path, childPath(state.path, node.name, key))
    )
      return false;
    return !contradicts(request.correlation ?? {}, { correlation: { ...state.correlation, ...work.correlation(key) } });
  });
}

function isInside(path: string | undefined, prefix: string): boolean {
  return path === undefined || path.startsWith(`${prefix}/`) || path.startsWith(`${prefix}[`);
}

/** The first outcome, when this await was answered by the same delivery. */
async function repeatAt(
  state: RunState,
  node: PlanNode,
  work: Wait,
  { request, payload, actor, personOf }: Parcel,
): Promise<Delivery | undefined> {
  const checked = await check(work.schema, payload);
  // What a schema gives for JSON and what was recorded of it went through `toJson`.
  const value = checked.ok ? (checked.value as JsonValue) : payload;
  const early = earlyDeliveryId(state.root, request.event, payload);
  const ids =
    request.deliveryId === undefined
      ? [derivedDeliveryId(state.id, placeOf(node.name, work.gate, personOf(actor)), canonicalJson(value), aboutOf(request)), early]
      : [request.deliveryId];
  for (const id of ids) {
    if (state.deliveries.get(id)?.node !== node.name) continue;
    return repeated(state, id, value) === "conflict"
      ? conflict(id)
      : { status: "duplicate", run: state.root, path: joinPath(state.path, node.name), deliveryId: id };
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
  return plan === undefined ? undefined : (await findRun(host.ledger, run, plan)).fold().state;
}
