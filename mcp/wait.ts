// Waiting for a run with a bound in time. Only the waiting ends when the client gives up; the run goes on.

import type { RecordedFact, RunView } from "../src/index.ts";
import type { TellProgress } from "./progress.ts";
import type { VisibleRuns } from "./visible-runs.ts";

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
  /** Tells the client how far the run is meanwhile. */
  readonly tell?: TellProgress | undefined;
}

const WAITS_LIMIT = 64;

/** Bounds how many calls of one caller wait at a time; one that finds no place is answered at once. */
export class WaitingRoom {
  #waiting = 0;

  /** True for a call that would have to wait and finds no place. */
  isFull(run: RunView, request: Pick<WaitRequest, "waitFor" | "sinceSeq" | "waitMs">): boolean {
    return this.#waiting >= WAITS_LIMIT && request.waitMs > 0 && !isReached(run, request);
  }

  /** The run once it is as wished, or as it stands when the time is over, the request was cancelled or there is no place to wait. */
  async wait(kindling: VisibleRuns, run: RunView, request: WaitRequest): Promise<RunView> {
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

async function waitForRun(kindling: VisibleRuns, run: RunView, request: WaitRequest): Promise<RunView> {
  const { waitFor, sinceSeq = run.position, waitMs, signal, tell } = request;
  const wished = { waitFor, sinceSeq };
  if (isReached(run, wished)) return run;
  const over = new AbortController();
  const end = () => over.abort();
  const time = setTimeout(end, waitMs);
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const listener = tell?.(run);
  try {
    for await (const event of kindling.watch(run.id, { after: run.position, signal: over.signal })) {
      listener?.hear(event);
      if (event.type !== "fact" || !mayReach(event.fact, waitFor)) continue;
      const view = await kindling.get(run.id);
      if (view !== undefined && isReached(view, wished)) return view;
    }
    return (await kindling.get(run.id)) ?? run;
  } finally {
    // Nothing of a wait that is over stays behind: waits are many, and most are over long before their time.
    clearTimeout(time);
    signal.removeEventListener("abort", end);
    await listener?.end();
  }
}

function isReached(run: RunView, { waitFor, sinceSeq = run.position }: Pick<WaitRequest, "waitFor" | "sinceSeq">): boolean {
  return hasEnded(run) || (waitFor === "attention" && run.awaits.length > 0) || (waitFor === "change" && run.position > sinceSeq);
}

/** Facts after which it is worth looking at the run again: looking folds the whole run. The end of a run ends the watching by itself. */
function mayReach(fact: RecordedFact, waitFor: WaitFor): boolean {
  return waitFor === "change" || (waitFor === "attention" && fact.type === "await.opened");
}
