// What follows on the end of a run: each once, however often the process is started again, and never for a run that merely waits.

import type { ExitName } from "../graph/graph.ts";
import type { ExitFailed, ExitStarted, ExitSucceeded } from "./ending-facts.ts";
import { isEnded, type ExitState, type RunState } from "./state.ts";

/** Tries of one that fails, and the pause policy of effects. */
export const EXIT_ATTEMPTS = 5;

/** What is to be called for a run that has ended, or called again; nothing for a child, whose end its parent knows of. */
export function exitsDue(state: RunState): readonly { readonly exit: ExitName; readonly now: ExitState | undefined }[] {
  if (!isEnded(state) || state.parent !== undefined) return [];
  const { exits } = state.plan.graph;
  const wanted: ExitName[] = [];
  if (state.status === "succeeded" && exits.onSuccess !== undefined) wanted.push("onSuccess");
  if (state.status === "failed" && exits.onFailure !== undefined) wanted.push("onFailure");
  if (exits.onExit !== undefined) wanted.push("onExit");
  return wanted.map((exit) => ({ exit, now: state.exits.get(exit) })).filter(({ now }) => now?.isOver !== true);
}

/** What facts about the end do. */
export function foldExit(state: RunState, fact: ExitStarted | ExitSucceeded | ExitFailed): void {
  switch (fact.type) {
    case "exit.started":
      state.exits.set(fact.exit, { attempt: fact.attempt, retryAt: undefined, isOver: false });
      return;
    case "exit.succeeded":
      state.exits.set(fact.exit, { attempt: state.exits.get(fact.exit)?.attempt ?? 1, retryAt: undefined, isOver: true });
      return;
    case "exit.failed":
      state.exits.set(fact.exit, { attempt: fact.attempt, retryAt: fact.retryAt, isOver: fact.retryAt === undefined });
  }
}
