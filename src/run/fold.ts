// `fold`: what one fact does to a run's state. Pure in the sense that counts: no clock, no randomness, no I/O (R2); it changes the state it is given.

import { BugError, type Failure } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import type { PlanNode } from "../compile/plan.ts";
import {
  addSpending,
  replySpending,
  type ChildSettled,
  type ChildStarted,
  type ChildrenListed,
  type Fact,
  type JournalFact,
  type NodeFailed,
  type RunStarted,
} from "./fact.ts";
import { isEnded, nodeNamed, stateOf, type ChildrenState, type RunState } from "./state.ts";

/** Applies one fact. `time` is when it was recorded. Facts about nodes that are settled already change nothing. */
export function fold(state: RunState, fact: Fact, time: number): void {
  state.version += 1;
  if (isEnded(state)) return;
  switch (fact.type) {
    case "run.started":
      return foldRunStarted(state, fact, time);
    case "node.started":
      state.attempts[nodeNamed(state, fact.node).index] = fact.attempt;
      return setNode(state, fact.node, { status: "running", attempt: fact.attempt });
    case "node.succeeded":
      return foldNodeSucceeded(state, nodeNamed(state, fact.node), fact.value, time);
    case "node.failed":
      return foldNodeFailed(state, fact, time);
    case "model.requested":
    case "model.replied":
      return foldJournal(state, fact);
    case "children.listed":
      return foldChildrenListed(state, fact);
    case "child.started":
      return foldChildStarted(state, fact);
    case "child.settled":
      return foldChildSettled(state, fact);
    case "await.opened":
      state.waits.add(nodeNamed(state, fact.node).index);
      return setNode(state, fact.node, { status: "waiting", event: fact.event, since: time, deadline: fact.deadline, shown: fact.shown });
    case "event.delivered":
      state.status = "running";
      state.buffered.delete(fact.deliveryId);
      state.deliveries.set(fact.deliveryId, { deliveryId: fact.deliveryId, node: fact.node, payload: fact.payload, outcome: "delivered" });
      return succeed(state, nodeNamed(state, fact.node), fact.payload, time);
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
      return;
    case "timer.fired":
      state.status = "running";
      return;
    case "run.upgraded":
      return;
    case "run.waiting":
      state.status = "waiting";
      return;
    case "run.succeeded":
      return end(state, "succeeded", undefined, time);
    case "run.failed":
      return end(state, "failed", fact.error, time);
    case "run.cancelled":
      return end(state, "cancelled", { code: "cancelled", message: fact.reason }, time);
  }
}

function foldRunStarted(state: RunState, fact: RunStarted, time: number): void {
  state.root = fact.root;
  state.path = fact.path;
  state.parent = fact.parent;
  state.inputs = fact.inputs;
  state.given = fact.given;
  state.correlation = fact.correlation;
  state.starter = fact.actor;
  state.startedAt = time;
  for (const node of state.plan.nodes) {
    const { work } = node.definition.behaviour;
    if (work.type === "given") succeed(state, node, work.value(fact.inputs), time);
    else if (node.needed && node.waitsFor.length === 0) state.due.push(node.index);
  }
}

function foldNodeSucceeded(state: RunState, node: PlanNode, value: JsonValue | undefined, time: number): void {
  const children = stateOf(state, node);
  if (children.status !== "children") return succeed(state, node, value ?? null, time);
  const { work } = node.definition.behaviour;
  if (work.type !== "children") throw new BugError(`node "${node.name}" has children it does not know`);
  const settled = children.keys.flatMap((key) => children.settled.get(key) ?? []);
  succeed(state, node, Object.freeze(work.outcome(settled)), time);
}

function succeed(state: RunState, node: PlanNode, value: JsonValue, time: number): void {
  const before = stateOf(state, node);
  // R4: a node's outcome counts once; what comes later has no effect.
  if (before.status === "succeeded" || before.status === "failed") return;
  state.waits.delete(node.index);
  state.nodes[node.index] = { status: "succeeded", value, fact: state.version, at: time };
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
    state.nodes[node.index] = { status: "retrying", attempt: fact.attempt, at: fact.retryAt, error: fact.error };
    state.due.push(node.index);
    return;
  }
  state.waits.delete(node.index);
  state.nodes[node.index] = { status: "failed", error: fact.error, at: time };
  state.lost ??= nodeFailure(state, node, fact.error);
}

/** A conversation whose every request was answered failed by what the answers said: the next try begins anew. Otherwise it goes on where it broke off. */
function forgetFinishedConversation(state: RunState, node: PlanNode): void {
  if (state.journals.get(node.index)?.at(-1)?.type === "model.replied") state.journals.delete(node.index);
}

function nodeFailure(state: RunState, node: PlanNode, error: Failure): Failure {
  const path = state.path === "" ? node.name : `${state.path}/${node.name}`;
  const details = { ...error.details, node: error.details?.["node"] ?? path };
  return { ...error, message: error.details?.["node"] === undefined ? `${path}: ${error.message}` : error.message, details };
}

function foldJournal(state: RunState, fact: JournalFact): void {
  const { index } = nodeNamed(state, fact.node);
  const journal = state.journals.get(index) ?? [];
  journal.push(fact);
  state.journals.set(index, journal);
  if (fact.type === "model.replied") {
    state.spending = addSpending(state.spending, replySpending(fact));
  }
}

function foldChildrenListed(state: RunState, fact: ChildrenListed): void {
  const node = nodeNamed(state, fact.node);
  setNode(state, fact.node, {
    status: "children",
    part: fact.part,
    keys: fact.keys,
    started: new Map(),
    settled: new Map(),
    active: new Set(),
    next: 0,
    failures: 0,
  });
  state.due.push(node.index);
}

function foldChildStarted(state: RunState, fact: ChildStarted): void {
  const children = childrenOf(state, fact.node);
  // A crash between this fact and the child's first one makes the child begin again: it is still one child.
  if (children === undefined || children.started.has(fact.key)) return;
  children.started.set(fact.key, fact.child);
  if (!children.settled.has(fact.key)) state.openChildren += 1;
}

function foldChildSettled(state: RunState, fact: ChildSettled): void {
  const node = nodeNamed(state, fact.node);
  const children = childrenOf(state, fact.node);
  if (children === undefined || children.settled.has(fact.key)) return;
  const failed = fact.status === "failed";
  const error = fact.error ?? { code: "child_failed", message: `the child "${fact.key}" failed` };
  children.settled.set(
    fact.key,
    failed ? { key: fact.key, status: "failed", error } : { key: fact.key, status: "succeeded", value: fact.value ?? null },
  );
  if (failed) children.failures += 1;
  if (children.started.has(fact.key)) state.openChildren -= 1;
  if (fact.spending !== undefined) state.spending = addSpending(state.spending, fact.spending);
  // Something may follow from it: a run that waits says so again once nothing does.
  state.status = "running";
  state.due.push(node.index);
}

function childrenOf(state: RunState, name: string): ChildrenState | undefined {
  const node = stateOf(state, nodeNamed(state, name));
  return node.status === "children" ? node : undefined;
}

function setNode(state: RunState, name: string, next: RunState["nodes"][number]): void {
  const node = nodeNamed(state, name);
  const before = stateOf(state, node);
  if (before.status !== "succeeded" && before.status !== "failed") state.nodes[node.index] = next;
}

function end(state: RunState, status: "succeeded" | "failed" | "cancelled", error: Failure | undefined, time: number): void {
  state.status = status;
  state.error = error;
  state.endedAt = time;
  state.due.length = 0;
}
