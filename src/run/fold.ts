// `fold`: what one fact does to a run's state. Pure in the sense that counts: no clock, no randomness, no I/O (R2); it changes the state it is given.

import { BugError } from "../errors.ts";
import type { PlanNode } from "../compile/plan.ts";
import type { EventCounted } from "./event-facts.ts";
import type { Fact, NodeFailed, NodeReused, NodePostponed, NodeSucceeded, RunStarted } from "./fact.ts";
import { foldExit } from "./exits.ts";
import { foldBudget } from "./fold-budget.ts";
import { foldJournal, forgetFinishedConversation } from "./fold-journal.ts";
import { allDropped, foldChildCompensated, foldChildrenListed, foldChildSettled, foldChildStarted } from "./fold-children.ts";
import { foldCompensationFailed, foldCompensationStarted, foldCompensationSucceeded } from "./fold-compensation.ts";
import { foldRun } from "./fold-run.ts";
import { childrenIn, fromTheStart, type ChildrenState, type SucceededState } from "./node-state.ts";
import { foldRestsOn } from "./rests-on.ts";
import { noteShared } from "./share.ts";
import { isEnded, needsOf, nodeFailure, nodeNamed, setNode, stateOf, type RunState } from "./state.ts";

/** Facts by which a run that has ended goes on. */
const REOPENING: ReadonlySet<Fact["type"]> = new Set(["input.updated", "run.retried", "run.upgraded", "run.compensating"]);

/** True for a fact that may follow the end of a run. */
export function isReopening(fact: Fact): boolean {
  return REOPENING.has(fact.type);
}

const EXITS: ReadonlySet<Fact["type"]> = new Set(["exit.started", "exit.succeeded", "exit.failed"]);

/** True for a fact that a run may have after its end. */
export function mayFollowEnd(fact: Fact): boolean {
  return isReopening(fact) || EXITS.has(fact.type);
}

/** Applies one fact. `time` is when it was recorded. Facts about nodes that are settled already change nothing. */
export function fold(state: RunState, fact: Fact, time: number): void {
  state.version += 1;
  if (isEnded(state) && !mayFollowEnd(fact)) return;
  if (isEnded(state) && isReopening(fact)) state.reported = state.spending;
  foldRestsOn(state, fact);
  switch (fact.type) {
    case "run.started":
      return foldRunStarted(state, fact, time);
    case "node.started":
      return foldNodeStarted(state, nodeNamed(state, fact.node), fact.attempt);
    case "node.succeeded":
      return foldNodeSucceeded(state, nodeNamed(state, fact.node), fact, time);
    case "node.reused":
      return foldNodeReused(state, nodeNamed(state, fact.node), fact, time);
    case "node.postponed":
      return foldNodePostponed(state, nodeNamed(state, fact.node), fact);
    case "node.failed":
      return foldNodeFailed(state, fact, time);
    case "model.requested":
    case "model.replied":
    case "model.failed":
    case "tool.called":
    case "tool.uncertain":
    case "tool.returned":
    case "prompt.resolved":
    case "facts.read":
    case "facts.recorded":
    case "remote.started":
      return foldJournal(state, fact);
    case "budget.reserved":
    case "budget.settled":
      return foldBudget(state, fact);
    case "children.listed":
      return foldChildrenListed(state, fact);
    case "child.started":
      return foldChildStarted(state, fact);
    case "child.settled":
      return foldChildSettled(state, fact);
    case "child.compensated":
      return foldChildCompensated(state, fact);
    case "timer.set":
      state.due.push(nodeNamed(state, fact.node).index);
      return setNode(state, nodeNamed(state, fact.node), { status: "sleeping", since: time, at: fact.at });
    case "timer.fired":
      state.status = "running";
      return;
    case "exit.started":
    case "exit.succeeded":
    case "exit.failed":
      return foldExit(state, fact);
    case "compensation.started":
      return foldCompensationStarted(state, fact);
    case "compensation.succeeded":
      return foldCompensationSucceeded(state, fact);
    case "compensation.failed":
      return foldCompensationFailed(state, fact);
    case "await.opened":
    case "await.reminded":
    case "event.delivered":
    case "event.counted":
    case "event.buffered":
    case "event.taken":
    case "event.refused":
      return foldEvent(state, fact, time);
    default:
      return foldRun(state, fact, time);
  }
}

type EventFact = Extract<Fact, { readonly type: `await.${string}` | `event.${string}` }>;

function foldEvent(state: RunState, fact: EventFact, time: number): void {
  switch (fact.type) {
    case "await.opened": {
      const { event, deadline, shown } = fact;
      const node = nodeNamed(state, fact.node);
      state.waits.add(node.index);
      state.due.push(node.index);
      return setNode(state, node, {
        status: "waiting",
        event,
        since: time,
        deadline,
        shown,
        fact: state.version,
        reminders: 0,
        voices: [],
      });
    }
    case "await.reminded": {
      const node = nodeNamed(state, fact.node);
      const now = stateOf(state, node);
      if (now.status === "waiting") setNode(state, node, { ...now, reminders: fact.count });
      state.due.push(node.index);
      return;
    }
    case "event.delivered":
      state.status = "running";
      state.buffered.delete(fact.deliveryId);
      state.deliveries.set(fact.deliveryId, { deliveryId: fact.deliveryId, node: fact.node, payload: fact.payload, outcome: "delivered" });
      return succeed(state, nodeNamed(state, fact.node), { value: fact.payload }, time);
    case "event.counted":
      return foldCounted(state, fact, time);
    case "event.buffered":
      state.buffered.set(fact.deliveryId, fact);
      if (fact.mailed === true) state.mailed.add(fact.deliveryId);
      state.deliveries.set(fact.deliveryId, { deliveryId: fact.deliveryId, node: undefined, payload: fact.payload, outcome: "buffered" });
      return;
    case "event.taken":
      state.buffered.delete(fact.deliveryId);
      return;
    case "event.refused":
      state.refusals += 1;
  }
}

function foldCounted(state: RunState, { node: name, deliveryId, payload, actor }: EventCounted, at: number): void {
  const node = nodeNamed(state, name);
  const now = stateOf(state, node);
  state.buffered.delete(deliveryId);
  state.deliveries.set(deliveryId, { deliveryId, node: name, payload, outcome: "counted" });
  if (now.status === "waiting") setNode(state, node, { ...now, voices: [...now.voices, { actor, payload, deliveryId, at }] });
}

function foldRunStarted(state: RunState, fact: RunStarted, time: number): void {
  state.root = fact.root;
  state.path = fact.path;
  state.parent = fact.parent;
  state.inputs = fact.inputs;
  state.given = fact.given;
  state.correlation = fact.correlation;
  state.starter = fact.actor;
  state.tags = fact.tags;
  state.spans = fact.spans;
  state.startedAt = time;
  state.forked = fact.forked;
  state.overrides = fact.overrides ?? {};
  state.budget = fact.budget;
  for (const node of state.plan.nodes) {
    const { work } = node.definition.behaviour;
    if (work.type === "given") succeed(state, node, { value: work.value(fact.inputs) }, time);
    else if (node.needed && node.waitsFor.length === 0) state.due.push(node.index);
  }
}

function foldNodeStarted(state: RunState, node: PlanNode, attempt: number): void {
  state.attempts[node.index] = attempt;
  const now = stateOf(state, node);
  if (now.status !== "stale" || now.isForeign) return setNode(state, node, { status: "running", attempt, children: childrenIn(now) });
  // It had a value and makes another one: a conversation begins anew, and an action counts as another action.
  state.journals.delete(node.index);
  state.renewals.set(node.index, (state.renewals.get(node.index) ?? 0) + 1);
  setNode(state, node, { status: "running", attempt, children: now.children === undefined ? undefined : allDropped(state, now.children) });
}

function foldNodeSucceeded(state: RunState, node: PlanNode, { value, by }: NodeSucceeded, time: number): void {
  const now = stateOf(state, node);
  // A value that was given by hand is this run's own.
  if (node.definition.behaviour.reuse !== undefined && by === undefined) noteShared(state, node);
  if (now.status !== "children" || by !== undefined)
    return succeed(
      state,
      node,
      { value: value ?? null, isOwn: by === undefined, children: by === undefined ? childrenIn(now) : undefined },
      time,
    );
  const { work } = node.definition.behaviour;
  if (work.type !== "children" || work.outcome === undefined) throw new BugError(`node "${node.name}" has children it does not know`);
  leaveInFlight(state, now);
  const settled = now.keys.flatMap((key) => now.settled.get(key) ?? []);
  succeed(state, node, { value: Object.freeze(work.outcome(settled)), children: now }, time);
}

/** Children that were dropped may be in flight still when their node has its outcome: nobody waits for them. */
function leaveInFlight(state: RunState, children: ChildrenState): void {
  state.active -= children.active.size;
  fromTheStart(children);
}

function foldNodeReused(state: RunState, node: PlanNode, { value, source }: NodeReused, time: number): void {
  const now = stateOf(state, node);
  const before = now.status === "stale" ? now.before : undefined;
  const children = now.status === "stale" && !now.isForeign ? now.children : undefined;
  succeed(state, node, { value: value ?? before?.value ?? null, source, children }, time);
}

function foldNodePostponed(state: RunState, node: PlanNode, { attempt, until, note }: NodePostponed): void {
  state.attempts[node.index] = attempt;
  // The other system answered: faults before that count no more.
  state.failures[node.index] = 0;
  const { work } = node.definition.behaviour;
  // Also where it goes on with what an earlier round of tries began.
  if (work.type === "call" && work.takesBack === "begun") state.begun.add(node.index);
  setNode(state, node, { status: "postponed", attempt, at: until, note });
  state.due.push(node.index);
}

type Outcome = Pick<SucceededState, "value"> & Partial<Pick<SucceededState, "source" | "children">> & { readonly isOwn?: boolean };

function succeed(state: RunState, node: PlanNode, { value, source, children, isOwn = true }: Outcome, time: number): void {
  const before = stateOf(state, node);
  // R4: a node's outcome counts once; what comes later has no effect.
  if (before.status === "succeeded" || before.status === "failed") return;
  leaveLists(state, node);
  state.nodes[node.index] = { status: "succeeded", value, fact: state.version, at: time, source, children };
  const { work } = node.definition.behaviour;
  // A value that somebody gave is nothing that was done.
  if (work.type === "call" && work.takesBack === "done" && source === undefined && isOwn) {
    const renewals = state.renewals.get(node.index) ?? 0;
    state.done.push({ index: node.index, key: undefined, value, needs: needsOf(state, node), renewals });
  }
  if (node.needed) state.remaining -= 1;
  for (const dependent of node.dependents) {
    const unmet = (state.unmet[dependent] ?? 0) - 1;
    state.unmet[dependent] = unmet;
    if (unmet === 0 && state.plan.nodes[dependent]?.needed === true) state.due.push(dependent);
  }
}

function foldNodeFailed(state: RunState, fact: NodeFailed, time: number): void {
  const node = nodeNamed(state, fact.node);
  const before = stateOf(state, node);
  // R4, as in `succeed`.
  if (before.status === "succeeded" || before.status === "failed") return;
  state.attempts[node.index] = fact.attempt;
  state.failures[node.index] = (state.failures[node.index] ?? 0) + 1;
  if (fact.retryAt !== undefined) {
    forgetFinishedConversation(state, node);
    state.nodes[node.index] = {
      status: "retrying",
      attempt: fact.attempt,
      at: fact.retryAt,
      error: fact.error,
      children: childrenIn(before),
    };
    state.due.push(node.index);
    return;
  }
  leaveLists(state, node);
  const children = childrenIn(before);
  if (children !== undefined) leaveInFlight(state, children);
  state.nodes[node.index] = { status: "failed", error: fact.error, at: time, children };
  state.lost ??= nodeFailure(state, node, fact.error);
}

function leaveLists(state: RunState, { index }: PlanNode): void {
  state.waits.delete(index);
  state.asleep.delete(index);
  state.begun.delete(index);
}
