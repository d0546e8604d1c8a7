// Waiting for a run with a bound in time. Only the waiting ends when the client gives up; the run goes on.

import type { Kindling, RecordedFact, RunView } from "../src/index.ts";

/** What a caller waits for: the run needs something or has ended; anything happened; it has ended. */
export type WaitFor = "attention" | "change" | "end";

/** One call's waiting. */
export interface WaitRequest {
  readonly waitFor: WaitFor;
  /** With `change`: what stands after this position counts; default the run as given. */
  readonly sinceSeq?: number | undefined;
  /** 0 looks and does not wait. */
  readonly waitMs: number;
  /** Aborted when the client cancels its request. */
  readonly signal: AbortSignal;
}

const WAITS_LIMIT = 64;

/** Bounds how many calls wait at a time; one that finds no place is answered at once. */
export class WaitingRoom {
  #waiting = 0;

  /** The run once it is as wished, or as it stands when the time is over, the request was cancelled or there is no place to wait. */
  async wait(kindling: Kindling, run: RunView, request: WaitRequest): Promise<RunView> {
    if (request.waitMs <= 0 || this.#waiting >= WAITS_LIMIT) return run;
    this.#waiting += 1;
    try {
      return await waitForRun(kindling, run, request);
    } finally {
      this.#waiting -= 1;
    }
  }
}

/** True for a run that will not change any more. */
export function hasEnded({ status }: Pick<RunView, "status">): boolean {
  return status === "succeeded" || status === "failed" || status === "cancelled";
}

async function waitForRun(
  kindling: Kindling,
  run: RunView,
  { waitFor, sinceSeq = run.position, waitMs, signal }: WaitRequest,
): Promise<RunView> {
  const isReached = (view: RunView) =>
    hasEnded(view) || (waitFor === "attention" && view.awaits.length > 0) || (waitFor === "change" && view.position > sinceSeq);
  if (isReached(run)) return run;
  const over = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
  for await (const event of kindling.watch(run.id, { after: run.position, signal: over })) {
    if (event.type !== "fact" || !mayReach(event.fact, waitFor)) continue;
    const view = await kindling.get(run.id);
    if (view !== undefined && isReached(view)) return view;
  }
  return (await kindling.get(run.id)) ?? run;
}

/** Facts after which it is worth looking at the run again: looking folds the whole run. The end of a run ends the watching by itself. */
function mayReach(fact: RecordedFact, waitFor: WaitFor): boolean {
  return waitFor === "change" || (waitFor === "attention" && fact.type === "await.opened");
}
