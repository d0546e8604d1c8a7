// Doing what `decide` says: asking the author's code, and recording what it answered. It knows the ways to work and no node kinds.

import { BugError, RunError, type Failure } from "../errors.ts";
import type { PlanNode } from "../compile/plan.ts";
import { AskChildren, callOf as callIn, CallAgain, type Call } from "../graph/work.ts";
import { hashJson } from "../json.ts";
import { DEFAULT_BACKOFF, retryDelayMs } from "../model/backoff.ts";
import { retryAllowed, type Action } from "../run/decide.ts";
import { doneBy } from "../run/fold-compensation.ts";
import { sharedHash } from "../run/share.ts";
import { causesOf, lastReadBy, needsOf, stateOf } from "../run/state.ts";
import { Attempt } from "./attempt.ts";
import { givenValue, thrownFailure } from "./author-code.ts";
import type { ActiveRun } from "./active-run.ts";
import type { Carrier } from "./carrier.ts";
import { callExit } from "./exit-calls.ts";
import { listChildren } from "./list-children.ts";
import { performCall, performCompensation, type Job, type Outcome } from "./perform.ts";
import { revived } from "./revived.ts";

/** Does one action of a run. */
export function act(run: ActiveRun, carrier: Carrier, action: Action): void {
  switch (action.type) {
    case "record":
      return run.record(...action.facts);
    case "call":
      return call(run, carrier, action.node, action.attempt);
    case "list":
      listChildren(run, action.node, action.more);
      return stopDropped(run, carrier, action.node);
    case "child":
      return carrier.beginChild(run, action);
    case "stop-children":
      return carrier.stopChildren(run, action.node, action.keys);
    case "open":
      return open(run, carrier, action.node);
    case "sleep":
      return sleep(run, carrier, action.node);
    case "timer":
      run.settleIntoLedger();
      return carrier.setTimer(run, action.node, action.at);
    case "exit":
      return callExit(run, carrier, action.exit, action.attempt);
    case "exit-timer":
      return carrier.setExitTimer(run, action.at);
    case "compensate":
      return compensate(run, carrier, action.node, action.attempt);
    case "compensate-child":
      return carrier.compensateChild(run, action.node, action.key);
  }
}

/** What was dropped and did not come again when the node had its value is stopped. */
function stopDropped(run: ActiveRun, carrier: Carrier, node: PlanNode): void {
  const now = stateOf(run.state, node);
  const dropped = now.status === "succeeded" ? now.children?.dropped : undefined;
  if (dropped !== undefined && dropped.size > 0) carrier.stopChildren(run, node, new Set(dropped.keys()));
}

function callOf(node: PlanNode): Call {
  const call = callIn(node.definition.behaviour.work);
  if (call === undefined) throw new BugError(`node "${node.name}" has nothing to call`);
  return call;
}

function call(run: ActiveRun, carrier: Carrier, node: PlanNode, number: number): void {
  const work = carrier.disclosure.around(run.state, node, number, callOf(node));
  if (work.outside) run.settleIntoLedger();
  const attempt = new Attempt(number);
  run.begin(node, "work", attempt);
  const needs = needsOf(run.state, node);
  const job = { run, node, work, attempt, needs: revived(run.state, node, needs) };
  const hash = sharedHash(node, needs);
  if (hash === undefined) return performCall(carrier, job, outcomeOf(run, carrier, node, attempt));
  // Its head makes a value findable for others.
  run.settleIntoLedger();
  takeOrMake(carrier, job, hash).catch((error: unknown) => carrier.stopped(error));
}

/** Takes the value that another run has found, or makes it; others who want it meanwhile wait until it is durable. */
async function takeOrMake(carrier: Carrier, job: Job, hash: string): Promise<void> {
  const { run, node, attempt } = job;
  const found = await carrier.sharedValues.find(node, hash);
  if ("make" in found) {
    const outcome = outcomeOf(run, carrier, node, attempt);
    // Also when the disk fails: whoever waits then finds nothing and is told by the host why.
    const over = () => void run.durable().then(found.make, found.make);
    return performCall(carrier, job, {
      succeeded: (value) => {
        outcome.succeeded(value);
        over();
      },
      failed: (error) => {
        outcome.failed(error);
        over();
      },
    });
  }
  if (!run.over(node, "work", attempt)) return;
  run.record({ type: "node.reused", node: node.name, source: found.source, value: found.value, cause: causesOf(run.state, node) });
  run.advance();
}

/** What becomes of an attempt, unless it was called off meanwhile. */
function outcomeOf(run: ActiveRun, carrier: Carrier, node: PlanNode, attempt: Attempt): Outcome {
  return {
    succeeded: (value) => {
      if (run.over(node, "work", attempt)) succeeded(run, carrier, node, attempt.number, value);
    },
    failed: (error) => {
      if (run.over(node, "work", attempt)) failed(run, carrier, node, attempt.number, error);
    },
  };
}

function succeeded(run: ActiveRun, carrier: Carrier, node: PlanNode, attempt: number, value: unknown): void {
  if (CallAgain.is(value)) {
    run.settleIntoLedger();
    run.record({ type: "node.postponed", node: node.name, attempt, until: carrier.clock.now() + value.afterMs, note: value.note });
    return run.advance();
  }
  if (AskChildren.is(value)) {
    run.record({ type: "children.listed", node: node.name, part: "", keys: value.keys, more: true, cause: causesOf(run.state, node) });
    return run.advance();
  }
  const json = givenValue(value);
  if (!json.ok) {
    const message = `its value ${json.problem.at === "$" ? "" : `at ${json.problem.at} `}${json.problem.message}`;
    return failed(run, carrier, node, attempt, {
      code: "not_json",
      message,
      fix: "A node's value is recorded as JSON.",
      retryable: false,
    });
  }
  run.record({ type: "node.succeeded", node: node.name, value: json.value, cause: causesOf(run.state, node) });
  stopDropped(run, carrier, node);
  run.advance();
}

function failed(run: ActiveRun, carrier: Carrier, node: PlanNode, attempt: number, error: Failure): void {
  const failures = (run.state.failures[node.index] ?? 0) + 1;
  const retryAt = retryAllowed(run.state, node, error.retryable) ? retryTime(carrier, node, failures, error) : undefined;
  run.record({ type: "node.failed", node: node.name, attempt, error, ...(retryAt === undefined ? {} : { retryAt }) });
  run.advance();
}

function retryTime(carrier: Carrier, node: PlanNode, failures: number, error: Failure): number {
  const { retry } = node.definition.behaviour;
  const policy = { ...DEFAULT_BACKOFF, baseMs: retry.baseMs, capMs: retry.maxMs };
  const asked = error.details?.["retryAfterMs"];
  return carrier.clock.now() + retryDelayMs(failures, policy, carrier.chance.fraction(), typeof asked === "number" ? asked : undefined);
}

function compensate(run: ActiveRun, carrier: Carrier, node: PlanNode, number: number): void {
  const work = carrier.disclosure.around(run.state, node, number, callOf(node));
  const attempt = new Attempt(number);
  run.begin(node, "compensation", attempt);
  const done = run.state.begun.has(node.index) ? undefined : doneBy(run.state, node.index);
  const needs = revived(run.state, node, done?.needs ?? lastReadBy(run.state, node));
  const { name } = node;
  performCompensation(
    carrier,
    { run, node, work, attempt, needs, ...(done?.renewals === undefined ? {} : { renewals: done.renewals }) },
    done?.value,
    {
      succeeded: () => {
        if (!run.over(node, "compensation", attempt)) return;
        run.record({ type: "compensation.succeeded", node: name });
        run.advance();
      },
      failed: (error) => {
        if (!run.over(node, "compensation", attempt)) return;
        const isTriedAgain = error.retryable !== false && number < node.definition.behaviour.retry.attempts;
        const retryAt = isTriedAgain ? { retryAt: retryTime(carrier, node, number, error) } : {};
        run.record({ type: "compensation.failed", node: name, attempt: number, error, ...retryAt });
        run.advance();
      },
    },
  );
}

function open(run: ActiveRun, carrier: Carrier, node: PlanNode): void {
  const { work } = node.definition.behaviour;
  if (work.type !== "wait") throw new BugError(`node "${node.name}" waits for nothing`);
  const deadline = work.timeoutMs === undefined ? undefined : carrier.clock.now() + work.timeoutMs;
  const shown = hashJson(needsOf(run.state, node));
  run.settleIntoLedger();
  run.record({
    type: "await.opened",
    node: node.name,
    event: work.event,
    shown,
    cause: causesOf(run.state, node),
    ...(deadline === undefined ? {} : { deadline }),
  });
  carrier.opened(run, node);
}

function sleep(run: ActiveRun, carrier: Carrier, node: PlanNode): void {
  const { work } = node.definition.behaviour;
  if (work.type !== "sleep") throw new BugError(`node "${node.name}" does not sleep`);
  let at: number;
  try {
    at = work.until(revived(run.state, node, needsOf(run.state, node)), carrier.clock.now());
    if (!Number.isFinite(at)) throw new RunError("bad_time", `until gave ${at}, which is no time`, { fix: "Give a time or a duration." });
  } catch (error) {
    return run.record({ type: "node.failed", node: node.name, attempt: 1, error: thrownFailure(error) });
  }
  run.settleIntoLedger();
  run.record({ type: "timer.set", node: node.name, at, cause: causesOf(run.state, node) });
}
