// What facts about children do to the state of their parent.

import { BugError } from "../errors.ts";
import type { PlanNode } from "../compile/plan.ts";
import type { Children } from "../graph/work.ts";
import { childPartOf } from "./child-part.ts";
import type { ChildSettled, ChildStarted, ChildrenListed } from "./fact.ts";
import type { ChildCompensated } from "./ending-facts.ts";
import { childrenIn, isOpenChild, newChildren, type ChildrenState, type NodeState } from "./node-state.ts";
import { childPath, joinPath } from "./path.ts";
import { addSpending } from "./spending.ts";
import { lastReadBy, nodeNamed, setNode, stateOf, type RunState } from "./state.ts";

/** Which children there are: for the first time, further ones, or anew since what the node read has changed. */
export function foldChildrenListed(state: RunState, fact: ChildrenListed): void {
  const node = nodeNamed(state, fact.node);
  const now = stateOf(state, node);
  state.due.push(node.index);
  if (typeof childrenWorkOf(node).list === "object") return foldAskedFor(state, node, now, fact);
  if (fact.more === true) {
    if (now.status === "children") for (const key of fact.keys) addChild(state, now, key);
    return;
  }
  const before = now.status === "stale" && !now.isForeign ? now.children : undefined;
  setNode(state, node, before === undefined ? newChildren(fact.part, fact.keys) : listedAnew(state, before, fact));
}

/** Its code asked for children: what they give is there when it goes on. */
function foldAskedFor(state: RunState, node: PlanNode, now: NodeState, { part, keys }: ChildrenListed): void {
  const children = childrenIn(now) ?? newChildren(part, []);
  children.next = Math.min(children.next, children.keys.length);
  for (const key of keys) addChild(state, children, key);
  // The model answered: faults before that count no more.
  state.failures[node.index] = 0;
  setNode(state, node, children);
}

/** The children of a node that begins anew: whatever it asks for now are others. */
export function allDropped(state: RunState, children: ChildrenState): ChildrenState {
  return listedAnew(state, children, { type: "children.listed", node: "", part: children.part, keys: [], dropped: children.keys });
}

/** A further child. One that was there before, and was dropped, goes on with what it is given now. */
function addChild(state: RunState, children: ChildrenState, key: string): void {
  children.keys.push(key);
  if (!children.dropped.has(key)) return;
  const run = children.dropped.get(key);
  children.dropped.delete(key);
  children.changed.add(key);
  if (run === undefined) return;
  children.started.set(key, run);
  state.openChildren += 1;
}

/** Children that stay as they are keep how they ended; others are begun, or go on with other inputs. */
function listedAnew(state: RunState, before: ChildrenState, { part, keys, changed = [], dropped = [] }: ChildrenListed): ChildrenState {
  const next: ChildrenState = { ...newChildren(part, keys), active: before.active, redo: before.redo };
  for (const [key, run] of before.dropped) next.dropped.set(key, run);
  for (const key of dropped) next.dropped.set(key, before.started.get(key));
  for (const key of changed) next.changed.add(key);
  for (const key of keys) {
    const run = before.started.get(key) ?? before.dropped.get(key);
    if (run !== undefined) next.started.set(key, run);
    next.dropped.delete(key);
    const settled = before.settled.get(key);
    if (settled === undefined || next.changed.has(key) || before.part !== part) continue;
    next.settled.set(key, settled);
    if (settled.status === "failed") next.failures += 1;
  }
  for (const key of before.started.keys()) if (isOpenChild(before, key)) state.openChildren -= 1;
  for (const key of next.started.keys()) if (isOpenChild(next, key)) state.openChildren += 1;
  return next;
}

/** A child has a stream of its own. */
export function foldChildStarted(state: RunState, fact: ChildStarted): void {
  const children = childrenIn(stateOf(state, nodeNamed(state, fact.node)));
  // A crash between this fact and the child's first one makes the child begin again: it is still one child.
  if (children === undefined || children.started.has(fact.key)) return;
  children.started.set(fact.key, fact.child);
  if (!children.settled.has(fact.key)) state.openChildren += 1;
}

/** A child has ended. */
export function foldChildSettled(state: RunState, fact: ChildSettled): void {
  const node = nodeNamed(state, fact.node);
  const children = childrenIn(stateOf(state, node));
  if (children === undefined || children.settled.has(fact.key) || children.dropped.has(fact.key)) return;
  if (state.cancelling !== undefined && fact.error?.code === "cancelled") return endedWithParent(state, node, children, fact);
  const error = fact.error ?? { code: "child_failed", message: `the child "${fact.key}" failed` };
  const hasFailed = fact.status === "failed";
  children.settled.set(
    fact.key,
    hasFailed ? { key: fact.key, status: "failed", error } : { key: fact.key, status: "succeeded", value: fact.value ?? null },
  );
  children.changed.delete(fact.key);
  if (hasFailed) children.failures += 1;
  if (children.started.has(fact.key)) {
    state.openChildren -= 1;
    if (!hasFailed && partOf(node, children, fact.key).compensates) state.done.push({ index: node.index, key: fact.key, value: undefined });
  }
  if (fact.spending !== undefined) state.spending = addSpending(state.spending, fact.spending);
  // Something may follow from it: a run that waits says so again once nothing does.
  state.status = "running";
  state.due.push(node.index);
}

/** A child was cancelled with its parent, which had to wait for that: should the parent go on after all, so does the child. */
function endedWithParent(state: RunState, { index }: PlanNode, children: ChildrenState, { key, spending }: ChildSettled): void {
  if (isOpenChild(children, key)) state.openChildren -= 1;
  children.idle.add(key);
  if (spending !== undefined) state.spending = addSpending(state.spending, spending);
  state.due.push(index);
}

/** A child has taken back what it did. */
export function foldChildCompensated(state: RunState, { node: name, key, uncompensated = [] }: ChildCompensated): void {
  state.uncompensatedInside.push(...uncompensated.map((path) => joinPath(childPath("", name, key), path)));
  const { index } = nodeNamed(state, name);
  const place = state.done.findIndex((done) => done.index === index && done.key === key);
  if (place !== -1) state.done.splice(place, 1);
  state.compensation = undefined;
  const node = nodeNamed(state, name);
  const now = stateOf(state, node);
  const children = childrenIn(now);
  if (children === undefined) return;
  // Should the run be tried again, this child begins anew.
  children.settled.delete(key);
  children.redo.set(key, { round: state.round + 1, inside: undefined });
  children.idle.add(key);
  if (now.status !== "succeeded") return;
  if (node.needed) state.remaining += 1;
  state.nodes[index] = { status: "stale", before: undefined, needs: lastReadBy(state, node), children, isForeign: false };
}

function childrenWorkOf({ name, definition }: PlanNode): Children {
  const { work } = definition.behaviour;
  if (work.type !== "children") throw new BugError(`node "${name}" has children it does not know`);
  return work;
}

function partOf(node: PlanNode, children: ChildrenState, key: string): PlanNode["parts"][string] {
  const plan = childPartOf(node, children, key);
  if (plan === undefined) throw new BugError(`node "${node.name}" has no part for its child "${key}"`);
  return plan;
}
