// How a run ends: when everything it needs is there, or when it is lost and what it did has been taken back, the last thing first.

import type { Action } from "./decide.ts";
import type { Fact } from "./fact.ts";
import { doneBy } from "./fold-compensation.ts";
import { childrenIn, isOpenChild } from "./node-state.ts";
import { isTimed, type Done, type RunState } from "./state.ts";

/** What follows for the run as a whole when no node has anything to record. */
export function decideEnd(state: RunState, actions: Action[]): void {
  if (state.lost !== undefined) return decideLost(state, actions);
  if (state.remaining === 0) actions.push({ type: "record", facts: [{ type: "run.succeeded" }] });
  else if (state.active === 0 && state.status === "running" && !actions.some(isOpening)) {
    actions.push({ type: "record", facts: [{ type: "run.waiting" }] });
  }
}

/** True when a run cannot end at once: something in it must be ended or taken back first. */
export function hasToTakeBack({ done, begun }: Pick<RunState, "done" | "begun">): boolean {
  return done.length > 0 || begun.size > 0;
}

/** True when a child that may have done something is open, as far as the run knows: how it ended must be known before the run ends. */
export function hasChildrenToAsk({ plan, nodes }: Pick<RunState, "plan" | "nodes">): boolean {
  return plan.nodes.some((node) => {
    const now = nodes[node.index];
    const children = now === undefined ? undefined : childrenIn(now);
    if (children === undefined || !Object.values(node.parts).some(({ compensates }) => compensates)) return false;
    return [...children.started.keys()].some((key) => isOpenChild(children, key));
  });
}

/** What opens, lists or falls asleep will be looked at again. */
function isOpening({ type }: Action): boolean {
  return type === "open" || type === "list" || type === "sleep";
}

function decideLost(state: RunState, actions: Action[]): void {
  // What is in flight may end and is recorded; nobody waits for pauses before retries that will not be made.
  if (state.active !== state.pausing) return;
  const done = nextToTakeBack(state);
  if (done === undefined) {
    actions.push({ type: "record", facts: [ending(state)] });
    return;
  }
  const node = state.plan.nodes[done.index];
  if (node === undefined) return;
  const { compensation } = state;
  if (compensation?.retryAt !== undefined) {
    if (!isTimed(state, compensation.retryAt)) actions.push({ type: "timer", node, at: compensation.retryAt });
    return;
  }
  state.active += 1;
  if (done.key === undefined) actions.push({ type: "compensate", node, attempt: (compensation?.attempt ?? 0) + 1 });
  else actions.push({ type: "compensate-child", node, key: done.key });
}

function nextToTakeBack(state: RunState): Done | undefined {
  if (state.compensation !== undefined) return state.compensation.done;
  const [begun] = state.begun;
  return begun === undefined ? state.done.at(-1) : doneBy(state, begun);
}

function ending(state: RunState): Fact {
  if (state.cancelling !== undefined) return { type: "run.cancelled", ...state.cancelling };
  if (state.isCompensating) return { type: "run.cancelled", reason: "taken back, since the run it belongs to has ended", actor: KINDLING };
  const error = state.lost ?? { code: "failed", message: "the run failed" };
  const nodes = uncompensatedIn(state);
  if (nodes.length === 0) return { type: "run.failed", error };
  return { type: "run.failed", error: { ...error, details: { ...error.details, uncompensated: nodes } } };
}

/** What could not be taken back: paths inside this run. */
export function uncompensatedIn({ plan, uncompensated, uncompensatedInside }: RunState): readonly string[] {
  return [...[...uncompensated.keys()].flatMap((index) => plan.nodes[index]?.name ?? []), ...uncompensatedInside];
}

const KINDLING = { id: "kindling", assurance: "agent" } as const;
