// One attempt at a node's code: within the limits, with its context, its timeout and its cancel. How it ended is reported, never thrown.

import { RunError, type Failure } from "../errors.ts";
import type { PlanNode } from "../compile/plan.ts";
import type { Call, CallContext, JournalEntry, NeedValues } from "../graph/work.ts";
import { generate } from "../model/model.ts";
import { joinPath } from "../run/fact.ts";
import type { ActiveRun } from "./active-run.ts";
import { thrownFailure } from "./author-code.ts";
import type { Carrier } from "./carrier.ts";

/** Where the outcome goes: exactly one of the two is called. */
export interface Outcome {
  succeeded(value: unknown): void;
  failed(error: Failure): void;
}

/** Runs the code; code that does not touch the world and is not async reports before this returns. */
export function performCall(
  run: ActiveRun,
  carrier: Carrier,
  node: PlanNode,
  work: Call,
  attempt: number,
  needs: NeedValues,
  outcome: Outcome,
): void {
  if (work.outside) {
    const resource = work.resource?.({ defaultModel: carrier.models.defaultModel });
    const turn = carrier.limits.run(resource, () => performOutside(run, carrier, node, work, attempt, needs));
    turn.then(
      (given) => outcome.succeeded(given),
      (error: unknown) => outcome.failed(thrownFailure(error)),
    );
    return;
  }
  let value: unknown;
  try {
    value =
      node.definition.behaviour.timeoutMs === undefined
        ? work.run(needs, contextFor(run, carrier, node, attempt, undefined))
        : stoppable(run, carrier, node, (signal) => work.run(needs, contextFor(run, carrier, node, attempt, signal)));
  } catch (error) {
    outcome.failed(thrownFailure(error));
    return;
  }
  if (!isPromise(value)) {
    outcome.succeeded(value);
    return;
  }
  stoppable(run, carrier, node, () => value).then(
    (given) => outcome.succeeded(given),
    (error: unknown) => outcome.failed(thrownFailure(error)),
  );
}

async function performOutside(
  run: ActiveRun,
  carrier: Carrier,
  node: PlanNode,
  work: Call,
  attempt: number,
  needs: NeedValues,
): Promise<unknown> {
  run.signal.throwIfAborted();
  run.record({ type: "node.started", node: node.name, attempt });
  // R3: what the attempt rests on, and that it begins, is durable before it touches the world.
  await run.durable();
  return stoppable(run, carrier, node, async (signal) => work.run(needs, contextFor(run, carrier, node, attempt, signal)));
}

function contextFor(run: ActiveRun, carrier: Carrier, node: PlanNode, attempt: number, signal: AbortSignal | undefined): CallContext {
  const { state } = run;
  const path = joinPath(state.path, node.name);
  const context = {
    // Made only when asked for: most pure nodes never look.
    get signal() {
      return signal ?? run.signal;
    },
    runId: state.root,
    path,
    attempt,
    idempotencyKey: `${state.root}:${path}`,
    log: (message: string, details = {}) => carrier.log({ run: state.root, path, message, details }),
    progress: (fraction: number, note?: string) => carrier.live({ type: "progress", root: state.root, path, fraction, note }),
    delta: (text: string) => carrier.live({ type: "delta", root: state.root, path, text }),
    journal: state.journals.get(node.index) ?? [],
    record: (entry: JournalEntry) => {
      run.record({ ...entry, node: node.name });
      return run.durable();
    },
    models: {
      ...carrier.models,
      call: (provider: Parameters<CallContext["models"]["call"]>[0], request: Parameters<CallContext["models"]["call"]>[1]) =>
        generate(provider, request, { signal: context.signal, idempotencyKey: context.idempotencyKey }, context.delta),
    },
  };
  return context;
}

/** Runs a task under the node's timeout; at the timeout, or when the run is stopped, its signal aborts and it counts as over, whether it listens or not. */
function stoppable(run: ActiveRun, carrier: Carrier, node: PlanNode, task: (signal: AbortSignal) => unknown): Promise<unknown> {
  const { timeoutMs } = node.definition.behaviour;
  const attempt = new AbortController();
  return new Promise((resolve, reject) => {
    const stop = () => {
      attempt.abort(run.signal.reason);
      reject(stoppedFailure(run.signal.reason));
    };
    const timer =
      timeoutMs === undefined
        ? undefined
        : carrier.clock.at(carrier.clock.now() + timeoutMs, () => {
            const error = new RunError("attempt_timed_out", `the attempt took longer than its timeout of ${timeoutMs} ms`);
            attempt.abort(error);
            reject(error);
          });
    if (run.signal.aborted) {
      // The run was stopped while this call waited for its turn or for the disk.
      timer?.cancel();
      stop();
      return;
    }
    run.signal.addEventListener("abort", stop, { once: true });
    Promise.resolve()
      .then(() => task(attempt.signal))
      .then(resolve, reject)
      .finally(() => {
        timer?.cancel();
        run.signal.removeEventListener("abort", stop);
      });
  });
}

function stoppedFailure(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("stopped");
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
