// One attempt at a node's code: within the limits, with its context, its timeout and its cancel. How it ended is reported, never thrown.

import { RunError, type Failure } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import type { PlanNode } from "../compile/plan.ts";
import type { Call, CallContext, NeedValues } from "../graph/work.ts";
import type { Fact } from "../run/fact.ts";
import { joinPath } from "../run/path.ts";
import type { ActiveRun } from "./active-run.ts";
import type { Attempt } from "./attempt.ts";
import { thrownFailure } from "./author-code.ts";
import type { Carrier } from "./carrier.ts";
import type { Caller } from "./load/lane.ts";
import { RunningCall, type Signalled } from "./running-call.ts";
import { TimeLimit } from "./time-limit.ts";

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
  /** How often the node had acted anew before what is taken back now. */
  readonly renewals?: number;
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
  let isLater: boolean;
  try {
    value =
      node.definition.behaviour.timeoutMs === undefined
        ? work.run(needs, new RunningCall(carrier, job, attempt, ""))
        : stoppable(carrier, job, (inner) => work.run(needs, new RunningCall(carrier, job, inner, "")));
    // What code gives may throw when it is looked at.
    isLater = isPromise(value);
  } catch (error) {
    outcome.failed(thrownFailure(error));
    return;
  }
  if (isLater)
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
  const { run, work, attempt } = job;
  const purpose = started.type === "compensation.started" ? ":compensate" : "";
  const resource = work.resource?.({ defaultModel: carrier.models.defaultModel });
  return carrier.limits.run(resource, callerOf(carrier, job), async (place) => {
    attempt.signal.throwIfAborted();
    run.record(started);
    // R3: what the attempt rests on, and that it begins, is durable before it touches the world.
    if (work.recordsFirst !== true || started.type === "compensation.started") await run.durable();
    return stoppable(carrier, job, async (inner) => task(new RunningCall(carrier, job, inner, purpose, place)));
  });
}

/** The attempt as the lines see it. */
function callerOf(carrier: Carrier, { run, node, attempt }: Job): Caller {
  const { root, path: runPath } = run.state;
  const path = joinPath(runPath, node.name);
  return { root, path, signal: attempt.signal, waits: (wait) => carrier.live.tell(root, { type: "queued", path, ...wait }) };
}

/** Runs a task under the node's timeout; at the timeout, or when the attempt is stopped, its signal aborts and it counts as over, whether it listens or not. */
function stoppable(carrier: Carrier, { node, attempt }: Job, task: (inner: Signalled) => unknown): Promise<unknown> {
  const { timeoutMs } = node.definition.behaviour;
  const inner = new AbortController();
  const { signal } = inner;
  return new Promise((resolve, reject) => {
    const stop = () => {
      inner.abort(attempt.signal.reason);
      reject(stoppedFailure(attempt.signal.reason));
    };
    const timeLimit =
      timeoutMs === undefined
        ? undefined
        : new TimeLimit(carrier.clock, timeoutMs, () => {
            const error = new RunError("attempt_timed_out", `the attempt took longer than its timeout of ${timeoutMs} ms`, {
              fix: "Raise timeout, or stop on context.signal.",
            });
            inner.abort(error);
            reject(error);
          });
    if (attempt.signal.aborted) {
      // It was stopped while this call waited for its turn or for the disk.
      timeLimit?.cancel();
      stop();
      return;
    }
    attempt.signal.addEventListener("abort", stop, { once: true });
    Promise.resolve()
      .then(() => task({ signal, timeLimit }))
      .then(resolve, reject)
      .finally(() => {
        timeLimit?.cancel();
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
