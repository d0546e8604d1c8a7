// One run in memory: it records facts, hands them to the ledger, and does what `decide` says. It knows nothing of node kinds, only of the four ways to work.

import { RunError } from "../errors.ts";
import type { PlanNode } from "../compile/plan.ts";
import { callEnded, decide, wake } from "../run/decide.ts";
import type { Fact } from "../run/fact.ts";
import { fold, isReopening, mayFollowEnd } from "../run/fold.ts";
import { isEnded, type RunState } from "../run/state.ts";
import { act } from "./act.ts";
import type { Attempt } from "./attempt.ts";
import type { Carrier } from "./carrier.ts";
import { RunLog } from "./run-log.ts";

/** After this many actions in one go, others get their turn. */
const SLICE = 512;

/** What a child is to be told. */
export interface Word {
  readonly isChanged: boolean;
}

/** A run that a host carries. */
export class ActiveRun {
  readonly state: RunState;
  /** Children that have not heard yet how they go on, and the last word for each: until then it counts for nothing what becomes of them. */
  readonly untold = new Map<string, Word>();
  readonly #carrier: Carrier;
  readonly #log: RunLog;
  readonly #attempts = new Map<string, Attempt>();
  #advancing = false;
  #again = false;
  #parked = false;
  /** Why it stopped here, when the host closed or stopped: it records nothing more. */
  #stopped: Error | undefined;
  #told = false;
  #holds = 0;

  /**
   * @param light the run needs no stream of its own unless it waits or touches the world: its parent records how it ended
   * @param kept how many of its facts stand in a snapshot
   */
  constructor(state: RunState, carrier: Carrier, light: boolean, kept = 0) {
    this.state = state;
    this.#carrier = carrier;
    this.#log = new RunLog(state, carrier, light, kept);
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

  /** Notes an attempt under way, so that it can be stopped. `slot` tells apart what runs for one node. */
  begin(node: PlanNode, slot: "work" | "compensation", attempt: Attempt): void {
    this.#attempts.set(slotOf(node, slot), attempt);
    if (this.#stopped !== undefined) attempt.stop(this.#stopped);
  }

  /** An attempt is over. False when it was called off meanwhile: then what came of it counts no more. */
  over(node: PlanNode, slot: "work" | "compensation", attempt: Attempt): boolean {
    const key = slotOf(node, slot);
    if (this.#attempts.get(key) !== attempt) return false;
    this.#attempts.delete(key);
    callEnded(this.state);
    return true;
  }

  /** True while something that was done is being taken back. */
  get isTakingBack(): boolean {
    return [...this.#attempts.keys()].some((slot) => slot.endsWith("compensation"));
  }

  /** The nodes at which code is running now. */
  underWay(): readonly PlanNode[] {
    return this.state.plan.nodes.filter((node) => this.#attempts.has(slotOf(node, "work")));
  }

  /** Calls off what is in flight at these nodes: whatever comes of it counts no more. */
  callOff(nodes: readonly PlanNode[], reason: Error): void {
    for (const node of nodes) {
      wake(this.state, node);
      const attempt = this.#attempts.get(slotOf(node, "work"));
      if (attempt === undefined) continue;
      this.#attempts.delete(slotOf(node, "work"));
      callEnded(this.state);
      attempt.stop(reason);
    }
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
      if (this.#stopped !== undefined || (isEnded(this.state) && !mayFollowEnd(fact))) return;
      if (isReopening(fact)) this.#told = false;
      const now = this.#carrier.clock.now();
      const recorded = this.#carrier.disclosure.fact(this.state, fact, now);
      fold(this.state, recorded, now);
      this.#log.add(recorded);
    }
  }

  /** Resolves when everything recorded so far, and what it rests on in the parents, is durable (R3). Rejects once the host has closed or stopped: what came after that was not recorded. */
  durable(): Promise<void> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    const durable = this.#log.durable();
    this.#carrier.flushNow();
    return durable;
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
        for (const action of actions) act(this, this.#carrier, action);
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
    this.#stopAttempts(reason);
  }

  /** The run is over: whatever comes of what is in flight counts no more. */
  #callOffAll(reason: Error): void {
    this.#stopAttempts(reason);
    for (const _attempt of this.#attempts.keys()) callEnded(this.state);
    this.#attempts.clear();
  }

  #stopAttempts(reason: Error): void {
    for (const attempt of this.#attempts.values()) attempt.stop(reason);
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
      // An error is costly to make, and most runs end with nothing under way.
      if (this.#attempts.size > 0) this.#callOffAll(this.#ending());
      this.#carrier.ended(this);
    } else if (this.state.status === "waiting") this.#carrier.rested(this);
  }

  #ending(): Error {
    return new RunError("run_ended", `the run has ended: ${this.state.status}`);
  }
}

function slotOf(node: PlanNode, slot: "work" | "compensation"): string {
  return `${node.index} ${slot}`;
}
