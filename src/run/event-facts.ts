// Facts of what comes from outside: awaits, events, times.

import type { JsonObject, JsonValue } from "../json.ts";
import type { TraceContext } from "../trace-context.ts";
import type { Actor, Caused, OfNode } from "./fact.ts";

export interface AwaitOpened extends OfNode, Caused {
  readonly type: "await.opened";
  readonly event: string;
  /** Milliseconds since 1970. */
  readonly deadline?: number;
  /** SHA-256 of what is shown; a decision is bound to it. */
  readonly shown: string;
}

/** Somebody is to be reminded of an open await, for the `count`-th time. */
export interface AwaitReminded extends OfNode {
  readonly type: "await.reminded";
  readonly count: number;
}

/** What shows that somebody signed a decision: enough to check it again, without the config of then. */
export interface SignedEvidence {
  /** Of this form. */
  readonly v: 1;
  /** The words that were signed. */
  readonly statement: string;
  /** In the lines of `ssh-keygen -Y sign`. */
  readonly signature: string;
  /** The public key that signed, without its comment: `ssh-ed25519 AAAA…`. */
  readonly key: string;
}

export interface EventDelivered extends OfNode {
  readonly type: "event.delivered";
  readonly event: string;
  readonly deliveryId: string;
  readonly payload: JsonValue;
  readonly actor: Actor;
  /** For an actor that is `signed`: by what. Older editions recorded what a caller asserted, without it. */
  readonly signature?: SignedEvidence;
  /** What caused it, in a trace of whoever delivered it. */
  readonly trace?: TraceContext;
}

/** A gate that several people decide got one's voice, and needs more. */
export interface EventCounted extends OfNode {
  readonly type: "event.counted";
  readonly event: string;
  readonly deliveryId: string;
  readonly payload: JsonValue;
  readonly actor: Actor;
  readonly signature?: SignedEvidence;
  readonly trace?: TraceContext;
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
  readonly trace?: TraceContext;
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

/** The node sleeps until `at`, in milliseconds since 1970. */
export interface TimerSet extends OfNode, Caused {
  readonly type: "timer.set";
  readonly at: number;
}

export interface TimerFired extends OfNode {
  readonly type: "timer.fired";
}
