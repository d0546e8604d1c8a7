// The facts of a run: all that is ever recorded about it. State is a fold over these and nothing else (R1).

import type {
  AwaitOpened,
  AwaitReminded,
  EventBuffered,
  EventCounted,
  EventDelivered,
  EventRefused,
  EventTaken,
  TimerFired,
  TimerSet,
} from "./event-facts.ts";
import type {
  ChildCompensated,
  CompensationFailed,
  CompensationStarted,
  CompensationSucceeded,
  ExitFailed,
  ExitStarted,
  ExitSucceeded,
  RunCompensating,
} from "./ending-facts.ts";
import type { Failure } from "../errors.ts";
import type { Budget } from "../graph/budget.ts";
import type { Assurance } from "../graph/gate.ts";
import type { JournalEntry } from "../graph/work.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { TraceContext } from "../trace-context.ts";
import type { BudgetReserved, BudgetSettled } from "./budget.ts";
import type { RunCompacted } from "./run-receipt.ts";
import type { Spending } from "./spending.ts";

/** Who did something, as far as the surface it came through can tell. */
export interface Actor {
  /** A name or an id, e.g. `cli:alice`, `mcp:claude-code`. */
  readonly id: string;
  /** What the surface can vouch for: `agent` for programs, the others as in `Assurance`. */
  readonly assurance: "agent" | Assurance;
  readonly roles?: readonly string[];
}

/** Where a child run hangs: its parent, the node there, and its key. */
export interface ParentLink {
  readonly run: string;
  readonly node: string;
  readonly key: string;
  readonly part: string;
}

/** Of one node of its run. */
export interface OfNode {
  /** The node's name within its own run. */
  readonly node: string;
}

/** Rests on other facts. */
export interface Caused {
  /** Numbers of the facts of this run it rests on. */
  readonly cause?: readonly number[];
}

export interface RunStarted {
  readonly type: "run.started";
  readonly contract: string;
  readonly version: string;
  /** Hash of the plan the run is pinned to. */
  readonly plan: string;
  readonly inputs: JsonObject;
  readonly correlation: JsonObject;
  /** The run at the top; its own id for a run that somebody started. */
  readonly root: string;
  /** Prefix of all its nodes' paths, seen from the root; empty for the root. */
  readonly path: string;
  readonly parent?: ParentLink;
  /** The run it was forked from, as it stood at `position` of the ledger: its unchanged work is taken over. */
  readonly forked?: { readonly run: string; readonly position: number };
  /** What is different in this run from the contract's own nodes: a model, a prompt, by path. */
  readonly overrides?: JsonObject;
  /** What may be spent in it, as whoever started it said. */
  readonly budget?: Budget;
  /** Hash of the inputs as given, so that a repeated start can be told from a different one. */
  readonly given?: string;
  /** Words by which it is found again. */
  readonly tags?: readonly string[];
  readonly actor?: Actor;
  /** The event of a history that started it: the id of that fact. */
  readonly from?: string;
  /** What caused it, in a trace of whoever started it. */
  readonly trace?: TraceContext;
  /** The spans it began in, by the names of those who trace it: later ones are linked to them. */
  readonly spans?: Readonly<Record<string, string>>;
}

export interface NodeStarted extends OfNode, Caused {
  readonly type: "node.started";
  readonly attempt: number;
}

/** The value is left out for nodes whose children give it: it stands in their `child.settled`. */
export interface NodeSucceeded extends OfNode, Caused {
  readonly type: "node.succeeded";
  readonly value?: JsonValue;
  /** Somebody gave this value instead of the node's own work: a fork with other node values. */
  readonly by?: Actor;
}

/** The value a node had before still stands (R10): what it read is the same, or it is of those that are never repeated. */
export interface NodeReused extends OfNode, Caused {
  readonly type: "node.reused";
  /** The fact that made the value: `<run>:<number>`. */
  readonly source: string;
  /** Set when that fact is of another run: this run's own facts must be enough to know its values. */
  readonly value?: JsonValue;
}

/** An attempt has no value yet and is made again at `until` (milliseconds since 1970): another system works on it. */
export interface NodePostponed extends OfNode {
  readonly type: "node.postponed";
  readonly attempt: number;
  readonly until: number;
  readonly note: string;
}

/** An attempt failed. With `retryAt` (milliseconds since 1970) another follows; without it the node failed for good. */
export interface NodeFailed extends OfNode {
  readonly type: "node.failed";
  readonly attempt: number;
  readonly error: Failure;
  readonly retryAt?: number;
}

export type JournalFact = JournalEntry & OfNode;

export interface ChildrenListed extends OfNode, Caused {
  readonly type: "children.listed";
  readonly part: string;
  /** In the order of the source. With `more` those that come after the ones before. */
  readonly keys: readonly string[];
  readonly more?: true;
  /** What the kind wants to be known about the listing, such as the value a branch chose by. */
  readonly note?: JsonValue;
  /** Listed anew, since what the node read has changed: children that stay and are given other inputs. */
  readonly changed?: readonly string[];
  /** Listed anew: children that are no longer there. */
  readonly dropped?: readonly string[];
}

/** The child has a stream of its own. A child that ends in one go leaves only its `child.settled`. */
export interface ChildStarted extends OfNode {
  readonly type: "child.started";
  readonly key: string;
  /** The child's run id. */
  readonly child: string;
}

export interface ChildSettled extends OfNode {
  readonly type: "child.settled";
  readonly v: 2;
  readonly key: string;
  readonly status: "succeeded" | "failed";
  readonly value?: JsonValue;
  readonly error?: Failure;
  readonly spending?: Spending;
  /** The outcome was taken from another run (R10): that run's id. */
  readonly source?: string;
}

/** The run goes on with other inputs: what read them, directly or not, is looked at again (R10). */
export interface InputUpdated {
  readonly type: "input.updated";
  /** All inputs as they are from now on. */
  readonly inputs: JsonObject;
  /** The names of those that are different. */
  readonly changed: readonly string[];
  readonly actor?: Actor;
}

/** A child that is tried again, as a whole or only what stands inside it. */
export interface RetriedChild {
  readonly node: string;
  readonly key: string;
  readonly inside?: readonly RetriedChild[];
}

/** What failed is tried again: the run's failed nodes, and the children named. `round` counts retries from 1; children are tried again in the same round, and a cancelled child that is wanted again stays in its own. */
export interface RunRetried {
  readonly type: "run.retried";
  readonly round: number;
  readonly children?: readonly RetriedChild[];
  /** Caps of the run's budget that are different from now on. */
  readonly budget?: Budget;
  readonly actor?: Actor;
}

/** The run goes on with another plan than before, in which nothing of what it has done is different (R9). */
export interface RunUpgraded {
  readonly type: "run.upgraded";
  readonly version: string;
  /** Hash of the plan the run is pinned to from now on. */
  readonly plan: string;
  /** Finished nodes that are different in it, where the caller accepted that, and what became of their values. */
  readonly changed?: readonly string[];
  readonly policy?: "keep" | "rerun";
}

/** The run is to end as cancelled; what must end first does, and what it did is taken back. */
export interface RunCancelling {
  readonly type: "run.cancelling";
  readonly reason: string;
  readonly actor: Actor;
}

export interface RunWaiting {
  readonly type: "run.waiting";
  /** The spans that ended here, by the names of those who trace the run: what goes on later is linked to them. */
  readonly spans?: Readonly<Record<string, string>>;
}

export interface RunSucceeded {
  readonly type: "run.succeeded";
}

export interface RunFailed {
  readonly type: "run.failed";
  readonly error: Failure;
}

export interface RunCancelled {
  readonly type: "run.cancelled";
  readonly reason: string;
  readonly actor: Actor;
}

/** All facts. One whose shape has changed since says which it has, as `v`: see `upcast.ts`. */
export type Fact =
  | RunStarted
  | NodeStarted
  | NodeSucceeded
  | NodeFailed
  | NodeReused
  | NodePostponed
  | JournalFact
  | BudgetReserved
  | BudgetSettled
  | ChildrenListed
  | ChildStarted
  | ChildSettled
  | ChildCompensated
  | AwaitOpened
  | AwaitReminded
  | EventCounted
  | EventDelivered
  | EventRefused
  | EventBuffered
  | EventTaken
  | TimerSet
  | TimerFired
  | CompensationStarted
  | CompensationSucceeded
  | CompensationFailed
  | InputUpdated
  | RunRetried
  | RunUpgraded
  | RunCancelling
  | RunCompensating
  | ExitStarted
  | ExitSucceeded
  | ExitFailed
  | RunWaiting
  | RunSucceeded
  | RunFailed
  | RunCancelled
  | RunCompacted;

/** A fact as callers see it: with its place. */
export type RecordedFact = Fact & {
  /** `<run>:<number>`. */
  readonly id: string;
  readonly run: string;
  /** From the root run; the run's own path for facts of the run as a whole. */
  readonly path: string;
  readonly position: number;
  readonly time: number;
};
