// One run in memory: it records facts, hands them to the ledger, and does what `decide` says. It knows nothing of node kinds, only of the four ways to work.

import { BugError, RunError, type Failure } from "../errors.ts";
import type { PlanNode } from "../compile/plan.ts";
import type { NeedValues } from "../graph/work.ts";
import { hashJson, type JsonObject } from "../json.ts";
import { DEFAULT_BACKOFF, retryDelayMs } from "../model/backoff.ts";
import { callEnded, decide, retryAllowed, type Action } from "../run/decide.ts";
import type { Fact } from "../run/fact.ts";
import { fold } from "../run/fold.ts";
import { causesOf, isEnded, needsOf, type RunState } from "../run/state.ts";
import { givenValue, thrownFailure } from "./author-code.ts";
import type { Carrier } from "./carrier.ts";
import { performCall } from "./perform.ts";
import { RunLog } from "./run-log.ts";

/** After this many actions in one go, others get their turn. */
const SLICE = 512;

/** A run that a host carries. */
export class ActiveRun {
  readonly state: RunState;
  readonly #carrier: Carrier;
  readonly #log: RunLog;
  #abort: AbortController | undefined;
  #advancing = false;
  #again = false;
  #parked = false;
  /** Why it stopped here, when the host closed or stopped: it records nothing more. */
  #stopped: Error | undefined;
  #told = false;
  #holds = 0;

  /** @param light the run needs no stream of its own unless it waits or touches the world: its parent records how it ended */
  constructor(state: RunState, carrier: Carrier, light: boolean) {
    this.state = state;
    this.#carrier = carrier;
    this.#log = new RunLog(state, carrier, light);
  }

  get id(): string {
    return this.state.id;
  }

  /** True while nothing of this run is on its way: then it can leave memory. */
  get isIdle(): boolean {
    return (
      this.#holds === 0 &&
      !this.#advancing &&
      this.state.active === (isEnded(this.state) ? this.state.pausing : 0) &&
      this.state.due.length === 0 &&
      this.#log.isClean
    );
  }

  /** True for a child without a stream of its own so far. */
  get isLight(): boolean {
    return this.#log.isLight;
  }

  /** Aborted when the run ends or the host closes. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      // A call that waited for its turn asks only now.
      if (this.#stopped !== undefined) this.#abort.abort(this.#stopped);
      else if (isEnded(this.state)) this.#abort.abort(this.#ending());
    }
    return this.#abort.signal;
  }

  /** Keeps the run in memory until `release`. */
  hold(): void {
    this.#holds += 1;
  }

  release(): void {
    this.#holds -= 1;
  }

  /** Takes facts into the state now; they become durable with the next commit. */
  record(...facts: readonly Fact[]): void {
    for (const fact of facts) {
      if (isEnded(this.state) || this.#stopped !== undefined) return;
      fold(this.state, fact, this.#carrier.clock.now());
      this.#log.add(fact);
    }
  }

  /** Resolves when everything recorded so far, and what it rests on in the parents, is durable (R3). Rejects once the host has closed or stopped: what came after that was not recorded. */
  durable(): Promise<void> {
    return this.#stopped === undefined ? this.#log.durable() : Promise.reject(this.#stopped);
  }

  /** Gives the run a stream of its own, its parents first, so that the log shows a child after what it rests on. */
  settleIntoLedger(): void {
    this.#log.ground();
  }

  /** Does all that is due. Safe to call at any time; a call while it is at work makes it look again. */
  advance(): void {
    if (this.#stopped !== undefined) return;
    if (this.#advancing || this.#parked) {
      this.#again = true;
      return;
    }
    this.#advancing = true;
    let slice = SLICE;
    try {
      do {
        this.#again = false;
        const actions = decide(this.state);
        for (const action of actions) this.#perform(action);
        slice -= actions.length;
        if (actions.length > 0) this.#again = true;
      } while (this.#again && slice > 0);
    } catch (error) {
      this.#carrier.stopped(error);
      return;
    } finally {
      this.#advancing = false;
    }
    if (!this.#log.isClean) this.#carrier.flushSoon(this);
    if (this.#again) this.#giveWay();
    else this.#rest();
  }

  /** Hands over what is recorded, unless a commit is under way: then it goes with the next one. */
  flush(): void {
    this.#log.flush();
  }

  /** Hands over everything that is recorded, now. */
  finish(): void {
    this.#log.finish();
  }

  /** A child of this run gets a stream of its own. */
  noteChild(node: string, key: string, child: string): RunLog {
    this.#log.ground();
    this.record({ type: "child.started", node, key, child });
    this.#carrier.flushSoon(this);
    return this.#log;
  }

  /** Stops what is in flight, without recording anything: the host closes, and the ledger knows how to go on. */
  abort(reason: Error): void {
    this.#stopped = reason;
    this.#abort?.abort(reason);
  }

  #giveWay(): void {
    this.#parked = true;
    setImmediate(() => {
      this.#parked = false;
      this.advance();
    });
  }

  #rest(): void {
    if (isEnded(this.state)) {
      if (this.#told) return this.#carrier.cleaned(this.id);
      this.#told = true;
      this.finish();
      this.#abort?.abort(this.#ending());
      this.#carrier.ended(this);
    } else if (this.state.status === "waiting") this.#carrier.rested(this);
  }

  #ending(): Error {
    return new RunError("run_ended", `the run has ended: ${this.state.status}`);
  }

  #perform(action: Action): void {
    switch (action.type) {
      case "record":
        return this.record(...action.facts);
      case "call":
        return this.#call(action.node, action.attempt);
      case "list":
        return this.#list(action.node);
      case "child":
        return this.#carrier.beginChild(this, action.node, action.part, action.key);
      case "stop-children":
        return this.#carrier.stopChildren(this, action.node);
      case "open":
        return this.#open(action.node);
      case "timer":
        this.settleIntoLedger();
        return this.#carrier.setTimer(this, action.node, action.at);
    }
  }

  #call(node: PlanNode, attempt: number): void {
    const { work } = node.definition.behaviour;
    if (work.type !== "call") throw new BugError(`node "${node.name}" has nothing to call`);
    if (work.outside) this.settleIntoLedger();
    performCall(this, this.#carrier, node, work, attempt, this.#revived(node), {
      succeeded: (value) => this.#succeeded(node, attempt, value),
      failed: (error) => this.#failed(node, attempt, error),
    });
  }

  #succeeded(node: PlanNode, attempt: number, value: unknown): void {
    const json = givenValue(value);
    if (!json.ok) {
      const message = `its value ${json.problem.at === "$" ? "" : `at ${json.problem.at} `}${json.problem.message}`;
      this.#failed(node, attempt, { code: "not_json", message, fix: "A node's value is recorded as JSON.", retryable: false });
      return;
    }
    callEnded(this.state);
    this.record({ type: "node.succeeded", node: node.name, value: json.value, cause: causesOf(this.state, node) });
    this.advance();
  }

  #failed(node: PlanNode, attempt: number, error: Failure): void {
    callEnded(this.state);
    const { retry } = node.definition.behaviour;
    const policy = { ...DEFAULT_BACKOFF, baseMs: retry.baseMs, capMs: retry.maxMs };
    const asked = error.details?.["retryAfterMs"];
    const failures = (this.state.failures[node.index] ?? 0) + 1;
    const retryAt = retryAllowed(this.state, node, error.retryable)
      ? this.#carrier.clock.now() +
        retryDelayMs(failures, policy, this.#carrier.chance.fraction(), typeof asked === "number" ? asked : undefined)
      : undefined;
    this.record({ type: "node.failed", node: node.name, attempt, error, ...(retryAt === undefined ? {} : { retryAt }) });
    this.advance();
  }

  #list(node: PlanNode): void {
    const { work } = node.definition.behaviour;
    if (work.type !== "children") throw new BugError(`node "${node.name}" has no children to list`);
    try {
      const { part, keys } = work.list(this.#revived(node));
      this.record({ type: "children.listed", node: node.name, part, keys, cause: causesOf(this.state, node) });
    } catch (error) {
      this.record({ type: "node.failed", node: node.name, attempt: 1, error: thrownFailure(error) });
    }
  }

  #open(node: PlanNode): void {
    const { work } = node.definition.behaviour;
    if (work.type !== "wait") throw new BugError(`node "${node.name}" waits for nothing`);
    const deadline = work.timeoutMs === undefined ? undefined : this.#carrier.clock.now() + work.timeoutMs;
    const shown = hashJson(needsOf(this.state, node));
    this.settleIntoLedger();
    this.record({
      type: "await.opened",
      node: node.name,
      event: work.event,
      shown,
      cause: causesOf(this.state, node),
      ...(deadline === undefined ? {} : { deadline }),
    });
    if (deadline !== undefined) this.#carrier.setTimer(this, node, deadline);
    this.#carrier.opened(this, node);
  }

  /** The values a node reads, as callbacks see them. */
  #revived(node: PlanNode): NeedValues {
    return revive(this.state, node, needsOf(this.state, node));
  }
}

function revive(state: RunState, node: PlanNode, needs: JsonObject): NeedValues {
  const seen: Record<string, unknown> = {};
  for (const { local, node: index } of node.needs) {
    const value = needs[local] ?? null;
    const reviver = state.plan.nodes[index]?.definition.behaviour.revive;
    seen[local] = reviver === undefined ? value : reviver(value);
  }
  return seen;
}
