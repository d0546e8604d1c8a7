// What facts about a run as a whole do to its state, once it has started.

import type { Failure } from "../errors.ts";
import { mergedBudget } from "../graph/budget.ts";
import { runCompacted } from "./compacted.ts";
import type { Fact, RunStarted } from "./fact.ts";
import { foldInputUpdated, foldRunRetried, foldRunUpgraded } from "./revise.ts";
import type { RunState } from "./state.ts";

/** A fact about a run as a whole. */
export type RunFact = Extract<Fact, { readonly type: `run.${string}` | "input.updated" }>;

/** The run goes on, rests or ends. */
export function foldRun(state: RunState, fact: Exclude<RunFact, RunStarted>, time: number): void {
  switch (fact.type) {
    case "input.updated":
      return foldInputUpdated(state, fact, time);
    case "run.retried":
      state.budget = mergedBudget(state.budget, fact.budget);
      return foldRunRetried(state, fact);
    case "run.upgraded":
      return foldRunUpgraded(state, fact);
    case "run.cancelling":
      state.status = "running";
      state.cancelling = { reason: fact.reason, actor: fact.actor };
      state.lost ??= { code: "cancelled", message: fact.reason };
      return;
    case "run.compensating":
      state.status = "running";
      state.endedAt = undefined;
      state.isCompensating = true;
      state.lost ??= { code: "compensated", message: "the run it belongs to has ended" };
      return;
    case "run.waiting":
      state.status = "waiting";
      state.spans = fact.spans ?? state.spans;
      return;
    case "run.succeeded":
      return end(state, "succeeded", undefined, time);
    case "run.failed":
      return end(state, "failed", fact.error, time);
    case "run.cancelled":
      return end(state, "cancelled", { code: "cancelled", message: fact.reason }, time);
    case "run.compacted":
      // Whoever comes here began to read before it was compacted; everyone else sees it in the head.
      throw runCompacted(state.id, fact.receipt);
  }
}

function end(state: RunState, status: "succeeded" | "failed" | "cancelled", error: Failure | undefined, time: number): void {
  state.status = status;
  state.error = error;
  state.endedAt = time;
  state.due.length = 0;
  state.left.length = 0;
  state.timedAt = undefined;
}
