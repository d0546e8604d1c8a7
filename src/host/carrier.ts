// What an active run needs from the host that carries it: time, the ledger, other runs. An interface, so that the run can be read without the host.

import type { PlanNode } from "../compile/plan.ts";
import type { ModelAccess } from "../graph/model-access.ts";
import type { JsonObject } from "../json.ts";
import type { Head, Ledger } from "../ledger/ledger.ts";
import type { Action } from "../run/decide.ts";
import type { ParentLink } from "../run/fact.ts";
import type { RunState } from "../run/state.ts";
import type { TurnsByName } from "../turns.ts";
import type { ActiveRun } from "./active-run.ts";
import type { Budgets } from "./budgets.ts";
import type { Chance, Clock } from "./clock.ts";
import type { Connections } from "./connections.ts";
import type { Disclosure } from "./disclosure.ts";
import type { Host } from "./host.ts";
import type { Limits } from "./limits.ts";
import type { LiveBoard } from "./live/live-board.ts";
import type { RunLog } from "./run-log.ts";
import type { SharedValues } from "./shared-values.ts";

/** A message from an author's `ctx.log`. */
export interface LogLine {
  readonly run: string;
  readonly path: string;
  readonly message: string;
  readonly details: JsonObject;
}

/** A child to be begun, or to go on. */
export type ChildAction = Extract<Action, { readonly type: "child" }>;

/** The host, as its runs see it. */
export interface Carrier {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly limits: Limits;
  readonly sharedValues: SharedValues;
  readonly models: Omit<ModelAccess, "call">;
  readonly fetch: typeof fetch;
  readonly connections: Connections;
  readonly disclosure: Disclosure;
  readonly budgets: Budgets;
  /** Facts of the application. */
  readonly facts: {
    readonly record: Host["record"];
    /** Of calls that look at a key and write it. */
    readonly turns: TurnsByName;
    /** Resolves when what this process derives of a store is made of everything recorded before the call; at once for one that it does not derive. */
    upToDate(store: string): Promise<void>;
  };

  /** Begins a child, or goes on with it, and reports back when it rests. */
  beginChild(parent: ActiveRun, child: ChildAction): void;
  /** Cancels the children of a node that are not settled, or only those of these keys. */
  stopChildren(parent: ActiveRun, node: PlanNode, keys?: ReadonlySet<string>): void;
  /** Has an ended child take back what it did; it reports back when that is done. */
  compensateChild(parent: ActiveRun, node: PlanNode, key: string): void;
  /** A child gets a stream of its own: its parent notes it. Gives the parent's log, whose facts must go first. */
  grounded(parent: ParentLink, child: string): RunLog;
  /** The run has facts to hand over: once the work of this turn is done, so that what belongs together shares a commit. */
  flushSoon(run: ActiveRun): void;
  /** Hands over everything that waits for the end of the turn, since somebody waits for the disk now: all of it shares a sync. */
  flushNow(): void;
  /** A commit of a run is durable, and its head if it brought one. */
  appended(run: RunState, head: Head | undefined): void;
  /** A run has become so long that bringing it back would take its time. */
  keepSnapshot(run: RunState): void;
  /** Everything a run has recorded is durable. */
  cleaned(run: string): void;
  setTimer(run: ActiveRun, node: PlanNode, at: number): void;
  /** Looks again at a run that has ended, for what follows on that. */
  setExitTimer(run: ActiveRun, at: number): void;
  /** An await is open: an event that came early may answer it. */
  opened(run: ActiveRun, node: PlanNode): void;
  /** The run waits; nothing is in flight. */
  rested(run: ActiveRun): void;
  ended(run: ActiveRun): void;
  /** What happens beside the facts: shown, never recorded. */
  readonly live: LiveBoard;
  log(line: LogLine): void;
  /** Something that must not happen did (the ledger stopped, a rule of ours broke): the host stops. */
  stopped(error: unknown): void;
}
