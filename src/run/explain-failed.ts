// What failed, and why: from a node down through its failed children to the innermost node, where the cause is.

import type { PlanNode } from "../compile/plan.ts";
import type { Failure } from "../errors.ts";
import type { FailureChain } from "./explain-shape.ts";
import { childOf, factsAbout, pathOf, type LoadedRun, type ReadRun } from "./explain-tree.ts";
import { childrenIn } from "./node-state.ts";
import { childPath } from "./path.ts";
import { stateOf } from "./state.ts";

/** Why a node failed; undefined for one that did not. */
export function failureAt(run: LoadedRun, node: PlanNode, read: ReadRun): FailureChain | undefined {
  const now = stateOf(run.state, node);
  if (now.status !== "failed") return undefined;
  const [inner] = failedItems(run, node, read, 1);
  const path = pathOf(run, node);
  if (inner !== undefined) return { ...inner, chain: below(path, inner.chain), isCollected: false };
  return { path, error: now.error, chain: [path], attempts: attemptsOf(run, node), at: now.at, isCollected: false };
}

/** Why items of a node failed, in the order in which they did, up to a limit: where the first one stops the others, it is the cause. */
export function failedItems(run: LoadedRun, node: PlanNode, read: ReadRun, limit: number): readonly FailureChain[] {
  const children = childrenIn(stateOf(run.state, node));
  if (children === undefined || children.failures === 0) return [];
  const chains: FailureChain[] = [];
  for (const settled of children.settled.values()) {
    if (settled.status !== "failed") continue;
    chains.push(failureOfItem(run, node, settled.key, settled.error, read));
    if (chains.length === limit) break;
  }
  return chains;
}

/** Why one item failed. */
export function failureOfItem(run: LoadedRun, node: PlanNode, key: string, error: Failure, read: ReadRun): FailureChain {
  const path = childPath(run.state.path, node.name, key);
  const child = childOf(run, node, key, read);
  const inner = child === undefined ? undefined : failuresIn(child, read, 1)[0];
  const at =
    factsAbout(run, node.name).findLast(({ fact }) => fact.type === "child.settled" && fact.key === key)?.time ?? run.state.startedAt;
  if (inner !== undefined) return { ...inner, chain: below(path, inner.chain), isCollected: true };
  // A child that ended in one go left no more than its error, which names the node.
  const named = error.details?.["node"];
  const chain = typeof named === "string" && named.startsWith(`${path}/`) ? [path, named] : [path];
  return { path: chain.at(-1) ?? path, error, chain, attempts: 1, at, isCollected: true };
}

/** What failed in a run: first what it is lost by, then what its collections go on in spite of. */
export function failuresIn(run: LoadedRun, read: ReadRun, limit: number): readonly FailureChain[] {
  const chains: FailureChain[] = [];
  const { nodes } = run.state.plan;
  for (const node of nodes) {
    const chain = failureAt(run, node, read);
    if (chain !== undefined) chains.push(chain);
  }
  chains.sort((a, b) => a.at - b.at);
  for (const node of nodes) {
    if (chains.length >= limit) break;
    if (stateOf(run.state, node).status !== "failed") chains.push(...failedItems(run, node, read, limit - chains.length));
  }
  return chains.slice(0, limit);
}

/** How many failures of a run there are, those inside one failed item counted as one. */
export function countFailures({ state }: LoadedRun): number {
  return state.plan.nodes.reduce((sum, node) => {
    const now = stateOf(state, node);
    return sum + (now.status === "failed" ? 1 : (childrenIn(now)?.failures ?? 0));
  }, 0);
}

/** Paths of nodes whose doing could not be taken back, in a run and its children. */
export function uncompensatedIn(run: LoadedRun, read: ReadRun): readonly string[] {
  const { state } = run;
  if (!state.plan.compensates) return [];
  return state.plan.nodes.flatMap((node) => {
    const own = state.uncompensated.has(node.index) ? [pathOf(run, node)] : [];
    const children = childrenIn(stateOf(state, node));
    if (children === undefined || !Object.values(node.parts).some(({ compensates }) => compensates)) return own;
    const inside = [...children.started.keys()].flatMap((key) => {
      const child = childOf(run, node, key, read);
      return child === undefined ? [] : uncompensatedIn(child, read);
    });
    return [...own, ...inside];
  });
}

/** A node's only child has its path. */
function below(path: string, chain: readonly string[]): readonly string[] {
  return chain[0] === path ? chain : [path, ...chain];
}

function attemptsOf(run: LoadedRun, node: PlanNode): number {
  return Math.max(1, run.state.failures[node.index] ?? 0);
}
