// One attempt at a node's code: within the limits, with its context, its timeout and its cancel. How it ended is reported, never thrown.

import { RunError, type Failure } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import type { PlanNode } from "../compile/plan.ts";
import type { Call, CallContext, JournalEntry, NeedValues } from "../graph/work.ts";
import { generate } from "../model/model.ts";
import { joinPath } from "../run/path.ts";
import type { Fact } from "../run/fact.ts";
import type { ActiveRun } from "./active-run.ts";
import type { Attempt } from "./attempt.ts";
import { thrownFailure } from "./author-code.ts";
import type { Carrier } from "./carrier.ts";

/** Where the outcome goes: exactly one of the two is called. */
export interface Outcome {
  succeeded(value: unknown): void;
  failed(error: Failure): void;
}

/** A call to be made. */
export interface Job {
  readonly run: ActiveRun;
  readonly node: PlanNode;
  readonly work: Call;
  readonly attempt: Attempt;
  readonly needs: NeedValues;
}

/** Runs the code; code that does not touch the world and is not async reports before this returns. */
export function performCall(carrier: Carrier, job: Job, outcome: Outcome): void {
  const { node, work, attempt, needs } = job;
  if (work.outside) {
    const started: Fact = { type: "node.started", node: node.name, attempt: attempt.number };
    return report(
      performOutside(carrier, job, started, (context) => work.run(needs, context)),
      outcome,
    );
  }
  let value: unknown;
  try {
    value =
      node.definition.behaviour.timeoutMs === undefined
        ? work.run(needs, contextFor(carrier, job, attempt, ""))
        : stoppable(carrier, job, (inner) => work.run(needs, contextFor(carrier, job, inner, "")));
  } catch (error) {
    outcome.failed(thrownFailure(error));
    return;
  }
  if (isPromise(value))
    report(
      stoppable(carrier, job, () => value),
      outcome,
    );
  else outcome.succeeded(value);
}

/** Takes back what a node did; `value` is what it gave. */
export function performCompensation(carrier: Carrier, job: Job, value: JsonValue | undefined, outcome: Outcome): void {
  const { work, node, attempt, needs } = job;
  const started: Fact = { type: "compensation.started", node: node.name, attempt: attempt.number };
  report(
    performOutside(carrier, job, started, (context) => work.compensate?.(needs, value, context)),
    outcome,
  );
}

function report(turn: Promise<unknown>, outcome: Outcome): void {
  turn.then(
    (given) => outcome.succeeded(given),
    (error: unknown) => outcome.failed(thrownFailure(error)),
  );
}

function performOutside(carrier: Carrier, job: Job, started: Fact, task: (context: CallContext) => unknown): Promise<unknown> {
  const { run, node, work, attempt } = job;
  const purpose = started.type === "compensation.started" ? ":compensate" : "";
  const resource = work.resource?.({ defaultModel: carrier.models.defaultModel });
  return carrier.limits.run(resource, async () => {
    attempt.signal.throwIfAborted();
    run.record(started);
    // R3: what the attempt rests on, and that it begins, is durable before it touches the world.
    await run.durable();
    return stoppable(carrier, job, async (inner) => task(contextFor(carrier, job, inner, purpose)));
  });
}

type Signalled = Pick<Attempt, "signal">;

function contextFor(carrier: Carrier, { run, node, attempt }: Job, signalled: Signalled, purpose: string): CallContext {
  const { state } = run;
  const path = joinPath(state.path, node.name);
  const renewals = state.renewals.get(node.index) ?? 0;
  const context = {
    // Made only when asked for: most pure nodes never look.
    get signal() {
      return signalled.signal;
    },
    runId: state.root,
    path,
    attempt: attempt.number,
    renewal: renewals + 1,
    // An action that was taken back, or that shall be done again with other values, is another action.
    idempotencyKey: `${state.root}:${path}${renewals === 0 ? "" : `#${renewals + 1}`}${purpose}`,
    log: (message: string, details = {}) => carrier.log({ run: state.root, path, message, details }),
    progress: (fraction: number, note?: string) => carrier.live({ type: "progress", root: state.root, path, fraction, note }),
    delta: (text: string) => carrier.live({ type: "delta", root: state.root, path, text }),
    journal: state.journals.get(node.index) ?? [],
    record: (entry: JournalEntry) => {
      run.record({ ...entry, node: node.name });
      return run.durable();
    },
    fetch: carrier.fetch,
    models: {
      ...carrier.models,
      call: (provider: Parameters<CallContext["models"]["call"]>[0], request: Parameters<CallContext["models"]["call"]>[1]) =>
        generate(provider, request, { signal: context.signal, idempotencyKey: context.idempotencyKey }, context.delta),
    },
  };
  return context;
}

/** Runs a task under the node's timeout; at the timeout, or when the attempt is stopped, its signal aborts and it counts as over, whether it listens or not. */
function stoppable(carrier: Carrier, { node, attempt }: Job, task: (inner: Signalled) => unknown): Promise<unknown> {
  const { timeoutMs } = node.definition.behaviour;
  const inner = new AbortController();
  return new Promise((resolve, reject) => {
    const stop = () => {
      inner.abort(attempt.signal.reason);
      reject(stoppedFailure(attempt.signal.reason));
    };
    const timer =
      timeoutMs === undefined
        ? undefined
        : carrier.clock.at(carrier.clock.now() + timeoutMs, () => {
            const error = new RunError("attempt_timed_out", `the attempt took longer than its timeout of ${timeoutMs} ms`);
            inner.abort(error);
            reject(error);
          });
    if (attempt.signal.aborted) {
      // It was stopped while this call waited for its turn or for the disk.
      timer?.cancel();
      stop();
      return;
    }
    attempt.signal.addEventListener("abort", stop, { once: true });
    Promise.resolve()
      .then(() => task(inner))
      .then(resolve, reject)
      .finally(() => {
        timer?.cancel();
        attempt.signal.removeEventListener("abort", stop);
      });
  });
}

function stoppedFailure(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("stopped");
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
