// The facts of a run: all that is ever recorded about it. State is a fold over these and nothing else (R1).

import type { Failure } from "../errors.ts";
import type { Assurance, JournalEntry } from "../graph/work.ts";
import type { JsonObject, JsonValue } from "../json.ts";

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

/** Model calls of a run: how many, tokens, US dollars (null when a price is unknown). */
export interface Spending {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usd: number | null;
}

interface OfNode {
  /** The node's name within its own run. */
  readonly node: string;
}

interface Caused {
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
  /** Hash of the inputs as given, so that a repeated start can be told from a different one. */
  readonly given?: string;
  readonly actor?: Actor;
}

export interface NodeStarted extends OfNode, Caused {
  readonly type: "node.started";
  readonly attempt: number;
}

/** The value is left out for nodes whose children give it: it stands in their `child.settled`. */
export interface NodeSucceeded extends OfNode, Caused {
  readonly type: "node.succeeded";
  readonly value?: JsonValue;
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
  readonly keys: readonly string[];
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
  readonly key: string;
  readonly status: "succeeded" | "failed";
  readonly value?: JsonValue;
  readonly error?: Failure;
  readonly spending?: Spending;
}

export interface AwaitOpened extends OfNode, Caused {
  readonly type: "await.opened";
  readonly event: string;
  /** Milliseconds since 1970. */
  readonly deadline?: number;
  /** SHA-256 of what is shown; a decision is bound to it. */
  readonly shown: string;
}

export interface EventDelivered extends OfNode {
  readonly type: "event.delivered";
  readonly event: string;
  readonly deliveryId: string;
  readonly payload: JsonValue;
  readonly actor: Actor;
}

export interface EventRefused {
  readonly type: "event.refused";
  readonly node: string;
  readonly event: string;
  readonly code: string;
  readonly actor: Actor;
}

/** An event came before its await opened; kept in the root run, or in its contract's mailbox while there is no run. */
export interface EventBuffered {
  readonly type: "event.buffered";
  readonly event: string;
  readonly correlation: JsonObject;
  /** The only await it may answer, from the root run. */
  readonly path?: string;
  readonly deliveryId: string;
  /** As it was given; whichever await takes it checks it by its own schema. */
  readonly payload: JsonValue;
  readonly actor: Actor;
  /** In a mailbox: kept until then, in milliseconds since 1970. */
  readonly until?: number;
  /** In a run: it came out of the contract's mailbox. */
  readonly mailed?: boolean;
}

/** A kept event was taken by an await of a child run. */
export interface EventTaken {
  readonly type: "event.taken";
  readonly deliveryId: string;
  /** Id of the run that took it, and where. */
  readonly taker: string;
  readonly at: string;
}

export interface TimerFired extends OfNode {
  readonly type: "timer.fired";
}

/** The run goes on with another plan than before, in which nothing of what it has done is different (R9). */
export interface RunUpgraded {
  readonly type: "run.upgraded";
  readonly version: string;
  /** Hash of the plan the run is pinned to from now on. */
  readonly plan: string;
}

export interface RunWaiting {
  readonly type: "run.waiting";
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

/** All facts. */
export type Fact =
  | RunStarted
  | NodeStarted
  | NodeSucceeded
  | NodeFailed
  | JournalFact
  | ChildrenListed
  | ChildStarted
  | ChildSettled
  | AwaitOpened
  | EventDelivered
  | EventRefused
  | EventBuffered
  | EventTaken
  | TimerFired
  | RunUpgraded
  | RunWaiting
  | RunSucceeded
  | RunFailed
  | RunCancelled;

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

/** No spending yet. */
export const NO_SPENDING: Spending = { calls: 0, inputTokens: 0, outputTokens: 0, usd: 0 };

/** What one reply of a model used. */
export function replySpending({ reply, cost }: Extract<JournalEntry, { type: "model.replied" }>): Spending {
  return { calls: 1, inputTokens: reply.usage.input ?? 0, outputTokens: reply.usage.output ?? 0, usd: cost };
}

/** The sum of two; an unknown price makes the sum unknown. */
export function addSpending(a: Spending, b: Spending): Spending {
  return {
    calls: a.calls + b.calls,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    usd: a.usd === null || b.usd === null ? null : a.usd + b.usd,
  };
}

/** The path of a node or child inside the run at `prefix`: `posts[en]/draft`. */
export function joinPath(prefix: string, name: string): string {
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** The path of a child's nodes: `posts[en]`, or the node's own name when it has just one unnamed child. */
export function childPath(prefix: string, node: string, key: string): string {
  return joinPath(prefix, key === "" ? node : `${node}[${key}]`);
}
