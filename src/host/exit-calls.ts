// Calling what follows on the end of a run: recorded before and after, so that it is done once also when the process ends in between.

import { BugError } from "../errors.ts";
import type { ExitName, RunEnd } from "../graph/graph.ts";
import type { CallContext } from "../graph/work.ts";
import { DEFAULT_BACKOFF, retryDelayMs } from "../model/backoff.ts";
import { callEnded } from "../run/decide.ts";
import { EXIT_ATTEMPTS } from "../run/exits.ts";
import { outputsOf, revivedOutputs, type RunState } from "../run/state.ts";
import type { ActiveRun } from "./active-run.ts";
import { thrownFailure } from "./author-code.ts";
import type { Carrier } from "./carrier.ts";
import { keptTexts } from "./kept-texts.ts";

/** Calls one of them; how it ended is recorded. */
export function callExit(run: ActiveRun, carrier: Carrier, exit: ExitName, attempt: number): void {
  const { state } = run;
  const code = state.plan.graph.exits[exit];
  if (code === undefined) throw new BugError(`nothing follows as ${exit} on the end of run ${state.id}`);
  const call = async () => {
    run.record({ type: "exit.started", exit, attempt });
    await run.durable();
    await code(endOf(state), contextOf(run, carrier, exit, attempt));
  };
  call().then(
    () => {
      callEnded(state);
      run.record({ type: "exit.succeeded", exit });
      run.advance();
    },
    (thrown: unknown) => {
      callEnded(state);
      const error = thrownFailure(thrown);
      const isTriedAgain = attempt < EXIT_ATTEMPTS && error.retryable !== false;
      const retryAt = isTriedAgain
        ? { retryAt: carrier.clock.now() + retryDelayMs(attempt, DEFAULT_BACKOFF, carrier.chance.fraction(), undefined) }
        : {};
      run.record({ type: "exit.failed", exit, attempt, error, ...retryAt });
      carrier.log({ run: state.id, path: exit, message: `${exit} failed: ${error.message}`, details: { code: error.code, attempt } });
      run.advance();
    },
  );
}

function endOf(state: RunState): RunEnd {
  if (state.status === "succeeded") return { status: "succeeded", outputs: revivedOutputs(state.plan, outputsOf(state)) };
  const error = state.error ?? { code: "failed", message: "the run failed" };
  return { status: state.status === "cancelled" ? "cancelled" : "failed", error };
}

function contextOf({ state }: ActiveRun, carrier: Carrier, exit: ExitName, attempt: number): CallContext {
  const refuse = () => {
    throw new BugError("what follows on the end of a run asks no model");
  };
  return {
    signal: new AbortController().signal,
    runId: state.id,
    path: exit,
    attempt,
    renewal: 1,
    idempotencyKey: `${state.id}:${exit}`,
    log: (message, details = {}) => carrier.log({ run: state.id, path: exit, message, details }),
    progress: (fraction, note) => carrier.live.progress(state.root, exit, fraction, note),
    journal: [],
    children: new Map(),
    record: refuse,
    note: refuse,
    reserve: refuse,
    texts: keptTexts(carrier.ledger),
    get stores() {
      return refuse();
    },
    fetch: carrier.fetch,
    connection: (key, open) => carrier.connections.of(key, open),
    models: { ...carrier.models, call: refuse },
  };
}
