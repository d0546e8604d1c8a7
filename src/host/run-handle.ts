// A run in hand: waiting for it, watching it. Waiting looks at the ledger's heads whenever something of the run became durable.

import { InputError, RunError } from "../errors.ts";
import type { Entry } from "../ledger/ledger.ts";
import { outputsOf, revivedOutputs, type RunState } from "../run/state.ts";
import type { RunCalls, Run, WatchOptions } from "./client.ts";
import type { CallOptions } from "./requests.ts";
import type { WatchEvent } from "./watch-event.ts";
import type { RunView } from "./run-summary.ts";
import type { Follower } from "./follower.ts";
import type { GivenOutputs } from "./recent-outputs.ts";
import { recordedPrompts } from "./recorded-prompts.ts";
import type { LiveBoard } from "./live/live-board.ts";
import type { LiveMark, LiveWatch } from "./live/live-watch.ts";
import type { RunReader } from "./run-reader.ts";

/** What waiting and watching need. */
export interface Watching {
  readonly reader: RunReader;
  readonly follower: Follower;
  readonly live: LiveBoard;
  /** Why this process cannot carry a run on; undefined when it can, or does not write. */
  readonly stranded: (run: string) => RunError | undefined;
  /** What a run gave, where this process still has it in memory. It may be ahead of the ledger. */
  readonly outputsOf: (run: string) => GivenOutputs | undefined;
}

/** Resolves with the run as it stands once it is settled. */
async function settledView(watching: Watching, id: string, options: CallOptions = {}): Promise<RunView> {
  await waitFor(watching, id, () => (watching.reader.isSettled(id) ? true : undefined), options);
  const view = await watching.reader.view(id);
  if (view === undefined) throw new RunError("run_not_found", `run ${id} is gone from the ledger`);
  return view;
}

/** Resolves with what is found, which is looked for again after every change in the run's tree. */
async function waitFor<T extends {}>(
  { follower, stranded }: Watching,
  id: string,
  find: () => T | undefined,
  { signal }: CallOptions = {},
): Promise<T> {
  signal?.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const look = () => {
      const found = find();
      const error = found === undefined ? stranded(id) : undefined;
      if (found !== undefined) resolve(found);
      else if (error !== undefined) reject(error);
      else return;
      stop();
    };
    const aborted = () => {
      stop();
      reject(signal?.reason instanceof Error ? signal.reason : new Error("aborted"));
    };
    const unwatch = follower.look(id, {
      changed: look,
      ended: (error) => {
        stop();
        reject(
          error instanceof Error
            ? error
            : new RunError("host_closed", `the runtime was closed while waiting for run ${id}`, {
                fix: "The run is kept; it goes on with the next runtime.",
              }),
        );
      },
    });
    const stop = () => {
      unwatch();
      signal?.removeEventListener("abort", aborted);
    };
    signal?.addEventListener("abort", aborted, { once: true });
    look();
  });
}

/** Facts of a run from a position on, live until it ends; progress and text in between. */
export async function* watchRun(
  { reader, follower, live, stranded }: Watching,
  id: string,
  { after = 0, texts = {}, signal }: WatchOptions = {},
): AsyncGenerator<WatchEvent> {
  reader.root(id);
  const queue: (Entry | LiveMark)[] = [];
  let watch: LiveWatch | undefined;
  let wake: () => void = () => {};
  let over: { readonly error: Error | undefined } | undefined;
  const push = (item: Entry | LiveMark) => {
    queue.push(item);
    wake();
  };
  const unwatch = follower.watch(id, {
    entry: push,
    ended: (error) => {
      over = { error: error instanceof Error ? error : undefined };
      wake();
    },
  });
  const aborted = () => {
    over = { error: undefined };
    wake();
  };
  signal?.addEventListener("abort", aborted, { once: true });
  try {
    let last = after;
    const history = await reader.facts(id, after);
    // What is on its way now is not in the history: its facts come later.
    watch = live.watch(id, texts, push);
    for (const fact of history) {
      last = Math.max(last, fact.position);
      yield { type: "fact", fact };
    }
    for (;;) {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
        if ("mark" in item) {
          for (const news of watch.take(item)) if (news.type !== "ended") yield news;
          continue;
        }
        live.wanted(id);
        // What the history above has shown already is not shown again.
        if (item.position <= last) continue;
        last = item.position;
        for (const fact of reader.recorded(item)) yield { type: "fact", fact };
      }
      // The heads may be ahead of the queue: it is over when its last fact has been shown, and not before.
      const { head } = reader.root(id);
      if (!head.open && last >= head.position && queue.length === 0) return;
      if (over !== undefined || signal?.aborted === true) {
        if (over?.error !== undefined) throw over.error;
        return;
      }
      const error = stranded(id);
      if (error !== undefined) throw error;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    unwatch();
    watch?.stop();
    signal?.removeEventListener("abort", aborted);
  }
}

/** A run in hand: the client's calls with the run's id filled in. */
export function runInHand(kindling: RunCalls, watching: Watching, id: string, created: boolean): Run & Run<never> {
  return {
    id,
    created,
    settled: (options) => settledView(watching, id, options),
    // What the run gave was checked node by node; its type stands in the contract's.
    result: (options) => resultOf(watching, id, options) as Promise<never>,
    get: async (options) => {
      const view = await kindling.get(id, options);
      if (view === undefined) throw new InputError("run_not_found", `there is no run "${id}"`);
      return view;
    },
    watch: (options) => kindling.watch(id, options),
    facts: (options) => kindling.facts(id, options),
    prompts: async () => recordedPrompts(watching.reader.ledger, await kindling.facts(id)),
    cancel: (request) => kindling.cancel(id, request),
    erase: (request) => kindling.erase(id, request),
    update: (inputs, options) => kindling.update(id, inputs, options),
    retry: (options) => kindling.retry(id, options),
    // Of the same contract, so it gives the same.
    fork: (options) => kindling.fork(id, options) as Promise<Run<never>>,
  };
}

/** What a run gives once it has ended, collections as their views. @throws RunError `run_failed`, `run_cancelled` */
async function resultOf(watching: Watching, id: string, options: CallOptions = {}): Promise<unknown> {
  const { reader, outputsOf: inMemory } = watching;
  const { given } = await waitFor(
    watching,
    id,
    () => {
      if (!reader.isEnded(id)) return undefined;
      const known = inMemory(id);
      // R3: only what is durable is given.
      return { given: known?.version === reader.root(id).head.version ? known : undefined };
    },
    options,
  );
  return given === undefined ? recordedResult(await reader.state(id)) : revivedOutputs(given.plan, given.outputs);
}

function recordedResult(state: RunState): unknown {
  const { id, plan, status, error } = state;
  if (status === "succeeded") return revivedOutputs(plan, outputsOf(state));
  if (status === "cancelled")
    throw new RunError("run_cancelled", `run ${id} was cancelled: ${error?.message ?? ""}`, { details: { run: id } });
  throw new RunError("run_failed", `run ${id} failed: ${error?.message ?? "unknown"}`, {
    details: { run: id, error: { code: error?.code ?? "unknown", message: error?.message ?? "" } },
    ...(error?.fix === undefined ? {} : { fix: error.fix }),
  });
}
