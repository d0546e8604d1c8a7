// Asking a node which children it has: for the first time, for further ones, or anew since what it read has changed.

import { BugError } from "../errors.ts";
import type { PlanNode } from "../compile/plan.ts";
import type { Children, SettledChild } from "../graph/work.ts";
import { isSameJson, type JsonObject } from "../json.ts";
import type { ChildrenListed, Fact } from "../run/fact.ts";
import type { ChildrenState, StaleState } from "../run/node-state.ts";
import { causesOf, needsOf, stateOf } from "../run/state.ts";
import type { ActiveRun } from "./active-run.ts";
import { thrownFailure } from "./author-code.ts";
import { revived } from "./revived.ts";

/** Asks, and records the answer; what the author's code throws fails the node. */
export function listChildren(run: ActiveRun, node: PlanNode, more: boolean): void {
  const { work } = node.definition.behaviour;
  if (work.type !== "children") throw new BugError(`node "${node.name}" has no children to list`);
  try {
    run.record(...(more ? furtherChildren(run, node, work) : listed(run, node, work)));
  } catch (error) {
    run.record({ type: "node.failed", node: node.name, attempt: 1, error: thrownFailure(error) });
  }
}

/** Further children, or the node's end when there are none. */
function furtherChildren(run: ActiveRun, node: PlanNode, work: Children): readonly Fact[] {
  const { state } = run;
  const now = stateOf(state, node);
  if (now.status !== "children") throw new BugError(`node "${node.name}" has no children yet`);
  const settled = now.keys.flatMap((key) => now.settled.get(key) ?? []);
  const keys = work.more?.(revived(state, node, needsOf(state, node)), settled) ?? [];
  if (keys.length === 0) return [{ type: "node.succeeded", node: node.name, cause: causesOf(state, node) }];
  return [{ type: "children.listed", node: node.name, part: now.part, keys, more: true }];
}

function listed(run: ActiveRun, node: PlanNode, work: Children): readonly Fact[] {
  const { state } = run;
  const needs = needsOf(state, node);
  if (typeof work.list === "object") throw new BugError(`node "${node.name}" asks for its children by a call`);
  const listing = work.list(revived(state, node, needs));
  const now = stateOf(state, node);
  const fact: ChildrenListed = {
    type: "children.listed",
    node: node.name,
    part: listing.part,
    keys: listing.keys,
    cause: causesOf(state, node),
    ...(listing.note === undefined ? {} : { note: listing.note }),
  };
  if (now.status !== "stale" || now.children === undefined) return [fact];
  if (now.children.part !== listing.part) {
    // A case that was taken before, and then another one was, stands where it was left.
    const changed = listing.keys.filter((key) => now.children?.dropped.has(key));
    return now.isForeign ? [fact] : [{ ...fact, changed, dropped: now.children.keys }];
  }
  const compared = compare(work, listing.keys, now, now.children, needs);
  if (!now.isForeign) return [{ ...fact, ...compared }];
  // What another run found out is recorded here too: a run's own facts must be enough to know its values.
  const { children } = now;
  const source = state.forked?.run ?? "";
  const kept = compared.keys.flatMap((key): Fact[] => {
    const settled = children.settled.get(key);
    if (settled?.status !== "succeeded" || compared.changed.includes(key)) return [];
    return [{ type: "child.settled", v: 2, node: node.name, key, status: "succeeded", value: settled.value, source }];
  });
  return [{ ...fact, keys: compared.keys }, ...kept];
}

/** Which children stay, which of them are given other inputs, and which are no longer there. */
function compare(
  work: Children,
  keys: readonly string[],
  { needs: before }: StaleState,
  children: ChildrenState,
  needs: JsonObject,
): { readonly keys: readonly string[]; readonly changed: readonly string[]; readonly dropped: readonly string[] } {
  const known = new Set(children.keys);
  const isChanged = (key: string) => {
    const next = inputsOf(work, needs, key, children.settled);
    // One that was gone meanwhile stands where it was left.
    if (children.dropped.has(key)) return true;
    return known.has(key) && (next === undefined || !isSameJson(inputsOf(work, before, key, children.settled), next));
  };
  if (work.more === undefined) {
    const next = new Set(keys);
    return { keys, changed: keys.filter(isChanged), dropped: children.keys.filter((key) => !next.has(key)) };
  }
  // Rounds rest on those before them: they stay up to the first that is different.
  const first = children.keys.findIndex(isChanged);
  if (first === -1) return { keys: children.keys, changed: [], dropped: [] };
  return {
    keys: children.keys.slice(0, first + 1),
    changed: children.keys.slice(first, first + 1),
    dropped: children.keys.slice(first + 1),
  };
}

/** Undefined when they cannot be told: then they count as different. */
function inputsOf(work: Children, needs: JsonObject, key: string, settled: ReadonlyMap<string, SettledChild>): JsonObject | undefined {
  try {
    return work.inputs(needs, key, settled, []);
  } catch {
    // An item that is no longer there, or a key function that throws: the comparison has its answer, and beginning the child tells the error.
    return undefined;
  }
}
