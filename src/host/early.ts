// Events that came before their await: kept in the root run, taken when an await for them opens, once.

import type { PlanNode } from "../compile/plan.ts";
import type { Wait } from "../graph/work.ts";
import { canonicalJson, toJson, type JsonObject, type JsonValue } from "../json.ts";
import { check, type Checked } from "../schema.ts";
import { type Decider, refuseDecision } from "../run/accept.ts";
import type { EventBuffered } from "../run/event-facts.ts";
import type { Actor } from "../run/fact.ts";
import { joinPath } from "../run/path.ts";
import { keys, readNote } from "../run/head.ts";
import { stateOf, type RunState } from "../run/state.ts";
import type { ActiveRun } from "./active-run.ts";
import { eachHead, hasHead } from "./each-head.ts";
import type { EmbeddedHost } from "./embedded.ts";

/** Answers an await that has just opened with an event that was kept for it. */
export function takeEarlyEvent(host: EmbeddedHost, run: ActiveRun, node: PlanNode): void {
  const { work } = node.definition.behaviour;
  const root = run.state.root === run.id ? run : host.inMemory(run.state.root);
  if (root !== undefined) take(host, root, run, node);
  else if (work.type === "wait" && host.ledger.head(run.state.root)?.keys.includes(keys.early(work.event)) === true)
    takeSlowly(host, run.state.root, run.id, node.name);
}

/** Answers awaits of a run's tree that are open already with events that have just been given to the run. */
export function offerBuffered(host: EmbeddedHost, root: ActiveRun): void {
  for (const run of host.treeInMemory(root.id)) {
    for (const index of run.state.waits) {
      const node = run.state.plan.nodes[index];
      if (node !== undefined) take(host, root, run, node);
    }
    run.advance();
  }
  const events = new Set([...root.state.buffered.values()].map(({ event }) => event));
  for (const event of events) {
    for (const head of eachHead(host.ledger, { keys: [keys.awaits(event), keys.inTree(root.id)], open: true })) {
      if (host.inMemory(head.run) !== undefined) continue;
      for (const open of readNote(head.note)?.awaits ?? []) if (open.event === event) takeSlowly(host, root.id, head.run, open.node);
    }
  }
}

function take(host: EmbeddedHost, root: ActiveRun, run: ActiveRun, node: PlanNode): void {
  const { work } = node.definition.behaviour;
  if (work.type !== "wait") return;
  for (const event of candidates(host, root, run, node, work)) {
    const checked = check(work.schema, event.payload);
    if (checked instanceof Promise) return takeSlowly(host, root.id, run.id, node.name);
    if (takeChecked(root, run, node, event, checked)) return;
  }
}

/** The same where something has to be waited for: the root to be loaded, or a schema that takes its time. */
function takeSlowly(host: EmbeddedHost, rootId: string, runId: string, name: string): void {
  const taken = host.use(rootId, (root) =>
    host.use(runId, async (run) => {
      const node = run.state.plan.byName.get(name);
      const work = node?.definition.behaviour.work;
      if (node === undefined || work?.type !== "wait") return;
      for (const event of candidates(host, root, run, node, work)) {
        const checked = await check(work.schema, event.payload);
        if (isCandidate(host, root, run, node, work, event) && takeChecked(root, run, node, event, checked)) return;
      }
    }),
  );
  host.background(taken);
}

function takeChecked(root: ActiveRun, run: ActiveRun, node: PlanNode, event: EventBuffered, checked: Checked<unknown>): boolean {
  const payload = checked.ok ? toJson(checked.value) : undefined;
  // Meant for another await of the same event.
  if (payload?.ok !== true) return false;
  run.record({
    type: "event.delivered",
    node: node.name,
    event: event.event,
    deliveryId: event.deliveryId,
    payload: payload.value,
    actor: event.actor,
    ...(event.trace === undefined ? {} : { trace: event.trace }),
  });
  if (run !== root) {
    // The child's fact goes into the log first; should the process die between the two, `wasTaken` finds it.
    run.finish();
    root.record({ type: "event.taken", deliveryId: event.deliveryId, taker: run.id, at: joinPath(run.state.path, node.name) });
    root.advance();
  }
  run.advance();
  return true;
}

function candidates(host: EmbeddedHost, root: ActiveRun, run: ActiveRun, node: PlanNode, work: Wait): EventBuffered[] {
  if (root.state.buffered.size === 0) return [];
  return [...root.state.buffered.values()].filter((event) => isCandidate(host, root, run, node, work, event));
}

function isCandidate(host: EmbeddedHost, root: ActiveRun, run: ActiveRun, node: PlanNode, work: Wait, event: EventBuffered): boolean {
  const now = stateOf(run.state, node);
  return (
    now.status === "waiting" &&
    root.state.buffered.has(event.deliveryId) &&
    event.event === work.event &&
    (event.path === undefined || event.path === joinPath(run.state.path, node.name)) &&
    isSubset(event.correlation, run.state) &&
    // Several people decide about what they have seen.
    work.gate?.quorum === undefined &&
    refuseDecision(run.state, now, work.gate, deciderOf(host, event.actor), undefined) === undefined &&
    !wasTaken(host, root.id, event)
  );
}

/** Nobody has signed what came early: there was nothing yet that it could be about. */
function deciderOf({ approvers }: EmbeddedHost, actor: Actor): Decider {
  return { actor, personOf: approvers.personOf, hasSigned: false };
}

/** True when a child of this root has taken the event and the process died before the root noted it. */
function wasTaken(host: EmbeddedHost, root: string, event: EventBuffered): boolean {
  return hasHead(host.ledger, { keys: [keys.delivered(event.deliveryId), keys.inTree(root)] });
}

/** True when a run carries all these correlation values. */
export function isSubset(wanted: JsonObject, { correlation }: Pick<RunState, "correlation">): boolean {
  return Object.entries(wanted).every(([key, value]) => key in correlation && isSame(correlation[key], value));
}

/** True when a run carries another value for one of these keys: then neither it nor anything inside it is meant. */
export function contradicts(wanted: JsonObject, { correlation }: Pick<RunState, "correlation">): boolean {
  return Object.entries(wanted).some(([key, value]) => key in correlation && !isSame(correlation[key], value));
}

function isSame(one: JsonValue | undefined, other: JsonValue): boolean {
  return canonicalJson(one ?? null) === canonicalJson(other);
}
