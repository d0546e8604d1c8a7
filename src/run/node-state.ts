// What a run knows of one node, and of the children that a node has.

import type { Failure } from "../errors.ts";
import type { SettledChild } from "../graph/work.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { RetriedChild } from "./fact.ts";
import type { Voice } from "./quorum.ts";

/** What is known of one node. */
export type NodeState =
  | { readonly status: "pending" }
  /** Its code runs, or ran when the process ended. It may have asked for children before. */
  | { readonly status: "running"; readonly attempt: number; readonly children: ChildrenState | undefined }
  | {
      readonly status: "retrying";
      readonly attempt: number;
      readonly at: number;
      readonly error: Failure;
      readonly children: ChildrenState | undefined;
    }
  /** Another system works on it; it is asked again at `at`. */
  | { readonly status: "postponed"; readonly attempt: number; readonly at: number; readonly note: string }
  | WaitingState
  | { readonly status: "sleeping"; readonly since: number; readonly at: number }
  | ChildrenState
  | StaleState
  | SucceededState
  | { readonly status: "failed"; readonly error: Failure; readonly at: number; readonly children: ChildrenState | undefined };

/** An await that is open. */
export interface WaitingState {
  readonly status: "waiting";
  readonly event: string;
  readonly since: number;
  readonly deadline: number | undefined;
  readonly shown: string;
  /** Number of the fact that opened it. */
  readonly fact: number;
  /** How often somebody was reminded. */
  readonly reminders: number;
  /** What people have said at a gate that needs more of them, since it opened. */
  readonly voices: readonly Voice[];
}

/** A node that has its value. */
export interface SucceededState {
  readonly status: "succeeded";
  readonly value: JsonValue;
  /** Number of the fact that gave it. */
  readonly fact: number;
  readonly at: number;
  /** Set when the value was taken over: the fact that made it, `<run>:<number>`. */
  readonly source: string | undefined;
  /** Its children, for a node whose children gave the value: they are asked again when the node is. */
  readonly children: ChildrenState | undefined;
}

/** What a node read has changed or may have; whether its value still stands is found out when everything it needs is there again (R10). */
export interface StaleState {
  readonly status: "stale";
  /** The value it had, and the fact that made it; undefined for one that had none yet. */
  readonly before: { readonly value: JsonValue; readonly source: string; readonly at: number } | undefined;
  /** What it read then. */
  readonly needs: JsonObject;
  readonly children: ChildrenState | undefined;
  /** True when all this comes from another run. */
  readonly isForeign: boolean;
}

/** A node whose children are at work. The window over them is kept here, so that every host limits alike. */
export interface ChildrenState {
  readonly status: "children";
  readonly part: string;
  readonly keys: string[];
  /** Children with a stream of their own: key to run id. */
  readonly started: Map<string, string>;
  readonly settled: Map<string, SettledChild>;
  /** Keys in flight: begun by this process, neither waiting nor settled. */
  readonly active: Set<string>;
  /** Children that go on with other inputs than they began with. */
  readonly changed: Set<string>;
  /** Children that are no longer there, with their runs where they have one: what they report counts no more. */
  readonly dropped: Map<string, string | undefined>;
  /** Children that are tried again: in which round, and what inside them. */
  readonly redo: Map<string, Redo>;
  /** Children with a run that has ended, as long as it has not begun again. */
  readonly idle: Set<string>;
  /** The next key to begin. */
  next: number;
  failures: number;
}

/** A child to be tried again. */
export interface Redo {
  readonly round: number;
  readonly inside: readonly RetriedChild[] | undefined;
}

/** Children that have just been listed. */
export function newChildren(part: string, keys: readonly string[]): ChildrenState {
  return {
    status: "children",
    part,
    keys: [...keys],
    started: new Map(),
    settled: new Map(),
    active: new Set(),
    changed: new Set(),
    dropped: new Map(),
    redo: new Map(),
    idle: new Set(),
    next: 0,
    failures: 0,
  };
}

/** The children of a node, whether they are at work, done, or to be listed anew. */
export function childrenIn(state: NodeState): ChildrenState | undefined {
  if (state.status === "children") return state;
  return "children" in state ? state.children : undefined;
}

/** True for a child with a run of its own that is not known to have ended. */
export function isOpenChild({ started, settled, idle }: ChildrenState, key: string): boolean {
  return started.has(key) && !settled.has(key) && !idle.has(key);
}

/** Where this process was with them matters no more; should the children be asked again, it is from the start. */
export function fromTheStart(children: ChildrenState): void {
  children.next = 0;
  children.active.clear();
}
