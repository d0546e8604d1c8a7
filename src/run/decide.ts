// `decide`: what is to be done next, as data. Pure like `fold`; it drains what became due, so it costs what changed and not the size of the graph (R7).

import { BugError } from "../errors.ts";
import type { Children } from "../graph/work.ts";
import { isSameJson } from "../json.ts";
import type { PlanNode } from "../compile/plan.ts";
import type { ExitName } from "../graph/graph.ts";
import { decideEnd } from "./decide-end.ts";
import { exitsDue } from "./exits.ts";
import { childrenIn, isOpenChild, type ChildrenState, type StaleState } from "./node-state.ts";
import { reminderAt } from "./reminder.ts";
import { causesOf, isEnded, isTimed, needsOf, setNode, stateOf, type RunState } from "./state.ts";
import type { Fact } from "./fact.ts";

/** Something the host does. */
export type Action =
  /** Record these facts: they follow from the state alone. */
  | { readonly type: "record"; readonly facts: readonly Fact[] }
  /** Run the node's code. */
  | { readonly type: "call"; readonly node: PlanNode; readonly attempt: number }
  /** Ask the node which children it has, or (`more`) which further ones, and record the answer. */
  | { readonly type: "list"; readonly node: PlanNode; readonly more: boolean }
  /** Begin a child, or go on with it. */
  | { readonly type: "child"; readonly node: PlanNode; readonly part: string; readonly key: string; readonly isChanged: boolean }
  /** Stop the node's other children: one has failed and the node with it. With `keys` only these, which are no longer there. */
  | { readonly type: "stop-children"; readonly node: PlanNode; readonly keys?: ReadonlySet<string> }
  /** Open the await. */
  | { readonly type: "open"; readonly node: PlanNode }
  /** Ask the node until when it sleeps, and record the answer. */
  | { readonly type: "sleep"; readonly node: PlanNode }
  /** Look at the node again at this time (milliseconds since 1970). */
  | { readonly type: "timer"; readonly node: PlanNode; readonly at: number }
  /** Take back what the node did; with a key, what this child of it did. */
  | { readonly type: "compensate"; readonly node: PlanNode; readonly attempt: number }
  | { readonly type: "compensate-child"; readonly node: PlanNode; readonly key: string }
  /** Call what follows on the run's end, now or at this time. */
  | { readonly type: "exit"; readonly exit: ExitName; readonly attempt: number }
  | { readonly type: "exit-timer"; readonly exit: ExitName; readonly at: number };

/** All that is to be done now. Calls and children it names count as in flight until they are reported back. */
export function decide(state: RunState): readonly Action[] {
  const actions: Action[] = [];
  if (isEnded(state)) return decideExits(state);
  for (let index = state.due.shift(); index !== undefined; index = state.due.shift()) {
    const node = state.plan.nodes[index];
    if (node !== undefined) decideNode(state, node, actions);
    // What is to be recorded, and what a node answers, changes the state: the rest is decided after it.
    const last = actions.at(-1)?.type;
    if (last === "record" || last === "list") return actions;
  }
  decideEnd(state, actions);
  return actions;
}

/** What follows on the end, each in its turn; a try that failed is made again later. */
function decideExits(state: RunState): readonly Action[] {
  // One at a time, and what is under way is not begun again.
  if (state.active > state.pausing) return [];
  const [next] = exitsDue(state);
  if (next === undefined) return [];
  const { exit, now } = next;
  if (now?.retryAt !== undefined) return isTimed(state, now.retryAt) ? [] : [{ type: "exit-timer", exit, at: now.retryAt }];
  state.active += 1;
  return [{ type: "exit", exit, attempt: (now?.attempt ?? 0) + 1 }];
}

/** Puts everything unfinished on the list again: what a new process does after it has folded a run's facts. */
export function resume(state: RunState): void {
  state.due.length = 0;
  state.left.length = 0;
  state.timedAt = undefined;
  state.active = 0;
  state.pausing = 0;
  if (isEnded(state)) return;
  for (const node of state.plan.nodes) {
    const { status } = stateOf(state, node);
    if (node.needed && state.unmet[node.index] === 0 && status !== "succeeded" && status !== "failed") state.due.push(node.index);
  }
}

/** A call is over, however it ended. */
export function callEnded(state: RunState): void {
  state.active -= 1;
}

/** A child is no longer in flight: it waits, or it has settled. Its place in the window is free. */
export function childRested(state: RunState, node: PlanNode, key: string): void {
  const children = childrenIn(stateOf(state, node));
  if (children?.active.delete(key) !== true) return;
  state.active -= 1;
  // Nothing follows for a run that has ended, and with something on its list it would not leave memory.
  if (!isEnded(state)) state.due.push(node.index);
}

/** A child that was wanted again while it was ending has ended: it is told so once more. */
export function childAgain(state: RunState, node: PlanNode, key: string): void {
  const children = childrenIn(stateOf(state, node));
  if (children?.active.has(key) !== true) return;
  children.changed.add(key);
  childRested(state, node, key);
}

/** A retry's pause is over, or another system is asked again. */
export function wake(state: RunState, node: PlanNode): void {
  const before = stateOf(state, node);
  if (before.status !== "retrying" && before.status !== "postponed") return;
  if (before.status === "retrying") {
    state.active -= 1;
    state.pausing -= 1;
  }
  // A lost run begins nothing more; the node stays as its facts say, should the run go on after all.
  if (isLeft(state, node)) return;
  state.status = "running";
  setNode(state, node, { status: "running", attempt: before.attempt, children: childrenIn(before) });
  // A run that was just brought back has it on the list already; twice there, it would be called twice.
  if (!state.due.includes(node.index)) state.due.push(node.index);
}

function decideNode(state: RunState, node: PlanNode, actions: Action[]): void {
  // Put on the list before something it needs became doubtful: it comes again when that is settled.
  if (state.unmet[node.index] !== 0) return;
  const now = stateOf(state, node);
  switch (now.status) {
    case "succeeded":
    case "failed":
      return;
    case "retrying":
      // A pause before a retry counts as in flight: the run goes on by itself, so it does not wait.
      if (isLeft(state, node)) return;
      state.active += 1;
      state.pausing += 1;
      actions.push({ type: "timer", node, at: now.at });
      return;
    case "waiting": {
      const times = [now.deadline, reminderAt(node, now)].filter((at) => at !== undefined);
      if (times.length > 0) actions.push({ type: "timer", node, at: Math.min(...times) });
      return;
    }
    case "postponed":
    case "sleeping":
      if (!isLeft(state, node)) actions.push({ type: "timer", node, at: now.at });
      return;
    case "children":
      return decideChildren(state, node, now, actions);
    case "stale":
      return decideStale(state, node, now, actions);
    case "running":
      // An action that a crash cut off may have happened: its own key finds that out, also where the run is lost.
      if (isAction(node)) return begin(state, node, actions);
      if (!isLeft(state, node)) begin(state, node, actions);
      return;
    case "pending":
      // A lost run starts nothing more; what is in flight may end and is recorded.
      if (!isLeft(state, node)) begin(state, node, actions);
  }
}

/** True for work of which it must be known whether it happened. */
export function isAction({ definition }: PlanNode): boolean {
  const { work } = definition.behaviour;
  return work.type === "call" && work.patient === true;
}

/** A lost run begins nothing more; what it leaves out is noted, should it go on after all. */
function isLeft(state: RunState, node: PlanNode): boolean {
  if (state.lost === undefined) return false;
  state.left.push(node.index);
  return true;
}

/** R10: the value stands when what the node reads is the same as before, or when it is one of those that are never repeated. */
function decideStale(state: RunState, node: PlanNode, { before, needs, isForeign }: StaleState, actions: Action[]): void {
  if (isLeft(state, node)) return;
  const { onChange } = node.definition.behaviour;
  if (before === undefined || !(onChange === "keep" || isSameJson(needs, needsOf(state, node)))) return begin(state, node, actions);
  const value = isForeign ? { value: before.value } : {};
  actions.push({
    type: "record",
    facts: [{ type: "node.reused", node: node.name, source: before.source, cause: causesOf(state, node), ...value }],
  });
}

function begin(state: RunState, node: PlanNode, actions: Action[]): void {
  const { work } = node.definition.behaviour;
  switch (work.type) {
    case "given":
      throw new BugError(`node "${node.name}" has its value from the start and cannot be due`);
    case "call":
      return call(state, node, (state.attempts[node.index] ?? 0) + 1, actions);
    case "wait":
      actions.push({ type: "open", node });
      return;
    case "sleep":
      actions.push({ type: "sleep", node });
      return;
    case "children":
      if (typeof work.list === "object") return call(state, node, (state.attempts[node.index] ?? 0) + 1, actions);
      actions.push({ type: "list", node, more: false });
  }
}

function call(state: RunState, node: PlanNode, attempt: number, actions: Action[]): void {
  state.active += 1;
  actions.push({ type: "call", node, attempt });
}

function decideChildren(state: RunState, node: PlanNode, children: ChildrenState, actions: Action[]): void {
  const work = childrenWork(node);
  // Rounds that were dropped may come again: they are stopped when the node has ended.
  if (children.next === 0 && children.dropped.size > 0 && work.more === undefined)
    actions.push({ type: "stop-children", node, keys: new Set(children.dropped.keys()) });
  if (work.failFast && children.failures > 0) {
    state.active -= children.active.size;
    children.active.clear();
    actions.push({ type: "stop-children", node }, { type: "record", facts: [failedByChild(state, node, children)] });
    return;
  }
  if (children.settled.size === children.keys.length) {
    if (typeof work.list === "object") {
      // What it asked for is there: the attempt goes on, once, however often the node is looked at until then.
      if (children.next > children.keys.length || isLeft(state, node)) return;
      children.next = children.keys.length + 1;
      return call(state, node, Math.max(1, state.attempts[node.index] ?? 1), actions);
    }
    if (work.more !== undefined) {
      if (!isLeft(state, node)) actions.push({ type: "list", node, more: true });
      return;
    }
    actions.push({ type: "record", facts: [{ type: "node.succeeded", node: node.name, cause: causesOf(state, node) }] });
    return;
  }
  if (isLeft(state, node)) return goOnWithStarted(state, node, children, actions);
  for (const key of children.changed) beginChild(state, node, children, key, actions);
  while (children.active.size < work.concurrency && children.next < children.keys.length) {
    const key = children.keys[children.next] ?? "";
    children.next += 1;
    if (!children.settled.has(key) && !children.active.has(key)) beginChild(state, node, children, key, actions);
  }
}

/** What children of a lost run did must be known before it is taken back: those that another process began are looked at, once. */
function goOnWithStarted(state: RunState, node: PlanNode, children: ChildrenState, actions: Action[]): void {
  if (children.next > 0) return;
  children.next = children.keys.length;
  for (const key of children.started.keys()) if (isOpenChild(children, key)) beginChild(state, node, children, key, actions);
}

/** One that is in flight already is told what has changed, and counts once. */
function beginChild(state: RunState, node: PlanNode, children: ChildrenState, key: string, actions: Action[]): void {
  if (!children.active.has(key)) {
    children.active.add(key);
    state.active += 1;
  }
  const part = childrenWork(node).partOf?.(key) ?? children.part;
  actions.push({ type: "child", node, part, key, isChanged: children.changed.delete(key) });
}

function childrenWork(node: PlanNode): Children {
  const { work } = node.definition.behaviour;
  if (work.type !== "children") throw new BugError(`node "${node.name}" has children it does not know`);
  return work;
}

function failedByChild(state: RunState, node: PlanNode, children: ChildrenState): Fact {
  const failed = [...children.settled.values()].find((child) => child.status === "failed");
  const error = failed?.status === "failed" ? failed.error : { code: "child_failed", message: "a child failed" };
  return { type: "node.failed", node: node.name, attempt: (state.attempts[node.index] ?? 0) + 1, error };
}

/** A node's outcome after an attempt failed: another try later, or none. */
export function retryAllowed(state: RunState, node: PlanNode, retryable: boolean | undefined): boolean {
  return (
    state.cancelling === undefined &&
    retryable !== false &&
    (state.failures[node.index] ?? 0) + 1 < node.definition.behaviour.retry.attempts
  );
}
