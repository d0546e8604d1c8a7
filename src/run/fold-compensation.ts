// What facts about taking back do: what was done leaves the list of what can be taken back, the last one first.

import type { CompensationFailed, CompensationStarted, CompensationSucceeded } from "./ending-facts.ts";
import { nodeNamed, stateOf, type Done, type RunState } from "./state.ts";

/** Taking back what a node did has begun. */
export function foldCompensationStarted(state: RunState, { node, attempt }: CompensationStarted): void {
  const done = doneBy(state, nodeNamed(state, node).index);
  if (done !== undefined) state.compensation = { done, attempt, retryAt: undefined };
}

/** It is as if the node had not run: should the run be tried again, it begins anew. */
export function foldCompensationSucceeded(state: RunState, fact: CompensationSucceeded): void {
  const node = nodeNamed(state, fact.node);
  leave(state, node.index);
  if (stateOf(state, node).status === "succeeded") {
    if (node.needed) state.remaining += 1;
    state.nodes[node.index] = { status: "pending" };
  }
  state.renewals.set(node.index, (state.renewals.get(node.index) ?? 0) + 1);
}

/** A try failed; without another one what the node did stands. */
export function foldCompensationFailed(state: RunState, fact: CompensationFailed): void {
  const { index } = nodeNamed(state, fact.node);
  if (fact.retryAt === undefined) {
    leave(state, index);
    state.uncompensated.set(index, { error: fact.error, attempts: fact.attempt });
  } else if (state.compensation !== undefined) {
    state.compensation = { ...state.compensation, attempt: fact.attempt, retryAt: fact.retryAt };
  }
}

/** What is taken back at a node: what it did last, or what it has begun and not ended. */
export function doneBy(state: RunState, index: number): Done | undefined {
  if (state.begun.has(index)) return { index, key: undefined, value: undefined };
  return state.done.findLast((done) => done.index === index && done.key === undefined);
}

function leave(state: RunState, index: number): void {
  const done = doneBy(state, index);
  if (!state.begun.delete(index) && done !== undefined) state.done.splice(state.done.lastIndexOf(done), 1);
  state.compensation = undefined;
}
