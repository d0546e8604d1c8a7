// Going back over finished work: what a change makes doubtful, and how it is put back on the list. What a doubtful node had is kept with it, so that
// work whose reading turns out to be the same is not repeated (R10).

import type { PlanNode } from "../compile/plan.ts";
import type { InputUpdated, RetriedChild, RunRetried, RunUpgraded } from "./fact.ts";
import { childrenIn, fromTheStart, isOpenChild, type ChildrenState, type NodeState, type StaleState } from "./node-state.ts";
import { lastReadBy, nodeFailure, nodeNamed, stateOf, type RunState } from "./state.ts";

/** The run goes on with other inputs. */
export function foldInputUpdated(state: RunState, fact: InputUpdated, time: number): void {
  const changed = fact.changed.map((name) => nodeNamed(state, name));
  const doubtful = dependentsOf(state, changed);
  for (const node of doubtful) doubt(state, node);
  state.inputs = fact.inputs;
  for (const node of changed) {
    const { work } = node.definition.behaviour;
    const value = work.type === "given" ? work.value(fact.inputs) : null;
    state.nodes[node.index] = { status: "succeeded", value, fact: state.version, at: time, source: undefined, children: undefined };
  }
  reopen(state, doubtful);
}

/** What failed is tried again, and the children that were named. */
export function foldRunRetried(state: RunState, fact: RunRetried): void {
  state.round = fact.round;
  const failed = state.plan.nodes.filter((node) => stateOf(state, node).status === "failed");
  const named = Map.groupBy(fact.children ?? [], ({ node }) => node);
  const parents = [...named.keys()].map((name) => nodeNamed(state, name));
  // What was taken back, or never begun.
  const undone = state.plan.nodes.filter((node) => node.needed && isUnfinished(stateOf(state, node)));
  const doubtful = dependentsOf(state, [...failed, ...parents, ...undone]);
  for (const node of doubtful) doubt(state, node);
  for (const node of failed) redoFailed(state, node, fact.round);
  for (const node of parents) redoNamed(state, node, named.get(node.name) ?? [], fact.round);
  reopen(state, [...doubtful, ...failed, ...parents, ...undone]);
}

/** The run goes on with another plan; finished nodes that are different in it run again where the caller wanted that (R9). */
export function foldRunUpgraded(state: RunState, { changed = [], policy }: RunUpgraded): void {
  if (policy !== "rerun") return;
  const nodes = changed.flatMap((name) => state.plan.byName.get(name) ?? []).filter((node) => node.needed);
  const doubtful = dependentsOf(state, nodes);
  for (const node of doubtful) doubt(state, node);
  for (const node of nodes) forget(state, node);
  reopen(state, [...doubtful, ...nodes]);
}

/** The needed nodes behind these, directly or not, without them. */
export function dependentsOf(state: RunState, nodes: readonly PlanNode[]): readonly PlanNode[] {
  const found = new Set<number>();
  const open = nodes.flatMap(({ dependents }) => [...dependents]);
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const node = state.plan.nodes[index];
    if (node?.needed !== true || found.has(index)) continue;
    found.add(index);
    open.push(...node.dependents);
  }
  for (const node of nodes) found.delete(node.index);
  return [...found].flatMap((index) => state.plan.nodes[index] ?? []);
}

/** A node whose reading may have changed. */
function doubt(state: RunState, node: PlanNode): void {
  const now = stateOf(state, node);
  switch (now.status) {
    case "pending":
    case "stale":
      return;
    case "succeeded":
      if (node.needed) state.remaining += 1;
      return put(state, node, {
        status: "stale",
        before: { value: now.value, source: now.source ?? `${state.id}:${now.fact}`, at: now.at },
        needs: lastReadBy(state, node),
        children: now.children,
        isForeign: false,
      });
    case "children":
      return put(state, node, unfinished(state, node, now));
    case "failed":
      return redoFailed(state, node, state.round);
    case "running":
    case "retrying":
    case "postponed":
    case "sleeping":
    case "waiting":
      // It may have acted already, on what it read before; what it does now is another action, unless it is one that is never repeated.
      if (node.definition.behaviour.onChange === "again") renew(state, node);
      forget(state, node);
  }
}

function redoFailed(state: RunState, node: PlanNode, round: number): void {
  const { work } = node.definition.behaviour;
  const children = childrenIn(stateOf(state, node));
  if (work.type === "children" && typeof work.list === "object") return goOn(state, node, children, round);
  if (children === undefined) return forget(state, node);
  redoChildren(state, children, failedIn(node, children), round);
  put(state, node, unfinished(state, node, children));
}

/** Code that asks for children goes on where it broke off: what it found out, and what was done for it, stands. */
function goOn(state: RunState, node: PlanNode, children: ChildrenState | undefined, round: number): void {
  const again = children === undefined ? [] : failedIn(node, children);
  if (children !== undefined) redoChildren(state, children, again, round);
  if (children === undefined || again.length === 0)
    return put(state, node, { status: "running", attempt: state.attempts[node.index] ?? 1, children });
  fromTheStart(children);
  put(state, node, children);
}

function failedIn(node: PlanNode, { settled }: ChildrenState): RetriedChild[] {
  const { work } = node.definition.behaviour;
  const isTriedAgain = (work.type === "children" ? work.isTriedAgain : undefined) ?? (() => true);
  return [...settled.values()].flatMap((child) =>
    child.status === "failed" && isTriedAgain(child.error) ? [{ node: node.name, key: child.key }] : [],
  );
}

function redoNamed(state: RunState, node: PlanNode, named: readonly RetriedChild[], round: number): void {
  const now = stateOf(state, node);
  const children = childrenIn(now);
  if (children === undefined) return;
  if (now.status === "succeeded" && node.needed) state.remaining += 1;
  redoChildren(state, children, named, round);
  put(state, node, unfinished(state, node, children));
}

function redoChildren(state: RunState, children: ChildrenState, which: readonly RetriedChild[], round: number): void {
  for (const { key, inside } of which) {
    if (children.settled.get(key)?.status === "failed") children.failures -= 1;
    if (isOpenChild(children, key)) state.openChildren -= 1;
    children.settled.delete(key);
    children.idle.add(key);
    children.redo.set(key, { round, inside });
  }
}

/** A node without a value whose children are listed anew; those that are unchanged keep how they ended. */
function unfinished(state: RunState, node: PlanNode, children: ChildrenState): StaleState {
  return { status: "stale", before: undefined, needs: lastReadBy(state, node), children, isForeign: false };
}

/** A node that begins anew and keeps nothing. */
function forget(state: RunState, node: PlanNode): void {
  if (stateOf(state, node).status === "succeeded" && node.needed) state.remaining += 1;
  state.waits.delete(node.index);
  state.asleep.delete(node.index);
  const { work } = node.definition.behaviour;
  // Another system may still be at work: the node's next call is another one, and ends or goes on with what it finds in its journal.
  if (work.type === "call" && work.takesBack === "begun") renew(state, node);
  else state.journals.delete(node.index);
  put(state, node, { status: "pending" });
}

function renew(state: RunState, node: PlanNode): void {
  state.renewals.set(node.index, (state.renewals.get(node.index) ?? 0) + 1);
}

function isUnfinished({ status }: NodeState): boolean {
  return status === "pending" || status === "stale";
}

function put(state: RunState, node: PlanNode, next: NodeState): void {
  state.failures[node.index] = 0;
  state.nodes[node.index] = next;
}

/** The run goes on: what everything it needs is there for is looked at next. */
function reopen(state: RunState, nodes: readonly PlanNode[]): void {
  const due = new Set(state.due);
  const again = (index: number) => {
    if (!due.has(index)) state.due.push(index);
    due.add(index);
  };
  for (const node of nodes) {
    const unmet = node.waitsFor.filter((index) => state.nodes[index]?.status !== "succeeded").length;
    state.unmet[node.index] = unmet;
    if (unmet === 0 && node.needed) again(node.index);
  }
  for (const index of state.left.splice(0)) again(index);
  if (state.endedAt !== undefined) {
    for (const node of state.plan.nodes) {
      if (isAtWork(state, node)) again(node.index);
      endedWithRun(state, node);
    }
  }
  state.status = "running";
  state.endedAt = undefined;
  state.error = undefined;
  state.cancelling = undefined;
  state.isCompensating = false;
  const failed = state.nodes.find((node) => node.status === "failed");
  const place = failed === undefined ? undefined : state.plan.nodes[state.nodes.indexOf(failed)];
  state.lost = failed?.status === "failed" && place !== undefined ? nodeFailure(state, place, failed.error) : undefined;
}

/** Children that were open when the run ended were cancelled with it; those of a doubtful node begin again when it lists them anew. */
function endedWithRun(state: RunState, node: PlanNode): void {
  const now = stateOf(state, node);
  if (now.status !== "stale" || now.children === undefined) return;
  for (const key of now.children.started.keys()) {
    if (!isOpenChild(now.children, key)) continue;
    now.children.idle.add(key);
    state.openChildren -= 1;
  }
}

/** Nothing of a run that had ended is in flight: what was at work, or waited, is looked at anew. */
function isAtWork(state: RunState, node: PlanNode): boolean {
  state.active = 0;
  state.pausing = 0;
  const now = stateOf(state, node);
  const children = childrenIn(now);
  if (children !== undefined) fromTheStart(children);
  if (now.status === "children") beginsAgain(state, now);
  return node.needed && state.unmet[node.index] === 0 && now.status !== "succeeded" && now.status !== "failed";
}

/** Children that ended or were taken back with the run go on with it. */
function beginsAgain(state: RunState, children: ChildrenState): void {
  const ended = [...children.idle];
  children.idle.clear();
  state.openChildren += ended.filter((key) => isOpenChild(children, key)).length;
}
