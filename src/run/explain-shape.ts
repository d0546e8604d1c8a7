// What an explanation holds: one union by what is the case. Data only; text is made of it elsewhere.

import type { Failure } from "../errors.ts";
import type { Assurance } from "../graph/gate.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { StoredUse } from "./explain-stored.ts";
import type { Actor } from "./fact.ts";
import type { Lineage } from "./lineage.ts";
import type { Spending } from "./spending.ts";
import type { RunStatus } from "./state.ts";

/** Who may decide a gate. */
export interface Decider {
  readonly assurance: Assurance;
  /** One of these; empty for anyone. */
  readonly roles: readonly string[];
  /** Set when whoever started the run may not decide: that actor's id. */
  readonly notBy: string | undefined;
  /** Where several people must say the same: how many, and who has said something. */
  readonly quorum: { readonly people: number; readonly voices: readonly string[] } | undefined;
}

/** An open await. */
export interface OpenWait {
  readonly type: "await";
  readonly path: string;
  readonly event: string;
  /** The history whose events answer it: nobody delivers them. */
  readonly history: string | undefined;
  /** Milliseconds since 1970, as are all times here. */
  readonly since: number;
  readonly deadline: number | undefined;
  /** How often somebody was reminded, and when that is due next. */
  readonly reminders: number;
  readonly reminderAt: number | undefined;
  /** The keys by which an event finds it. */
  readonly correlation: JsonObject;
  /** Set for a gate, which a person must decide. */
  readonly decider: Decider | undefined;
  /** The last delivery that was refused at it. */
  readonly refused: { readonly code: string; readonly by: string; readonly at: number } | undefined;
  /** A payload its schema takes, as far as the schema tells. */
  readonly example: JsonValue | undefined;
  /** True when that payload says yes or no, so that `approve` and `reject` can fill it in. */
  readonly isDecision: boolean;
}

/** Something that is not done yet, or failed, so that what stands behind it cannot begin. */
export type Cause =
  | OpenWait
  | { readonly type: "sleep"; readonly path: string; readonly since: number; readonly until: number }
  /** Another system works on it; `url` and `run` for a run on another Kindling. */
  | {
      readonly type: "remote";
      readonly path: string;
      readonly since: number;
      readonly askedAgainAt: number;
      readonly note: string;
      readonly url: string | undefined;
      readonly run: string | undefined;
    }
  | {
      readonly type: "retry";
      readonly path: string;
      readonly attempt: number;
      readonly of: number;
      readonly error: Failure;
      readonly at: number;
    }
  | { readonly type: "running"; readonly path: string; readonly attempt: number; readonly since: number }
  | { readonly type: "failed"; readonly path: string; readonly error: Failure; readonly at: number }
  /** What the node did is being taken back, since the run is lost. */
  | { readonly type: "compensation"; readonly path: string; readonly attempt: number; readonly retryAt: number | undefined }
  /** A child run that was not looked into: there are too many, or its contract is not here. */
  | { readonly type: "unread"; readonly path: string; readonly run: string };

/** Something failed: from the node of the root run down to the innermost one. */
export interface FailureChain {
  /** The innermost node, or the item where no more is recorded. */
  readonly path: string;
  readonly error: Failure;
  /** Paths from the outermost to the innermost. */
  readonly chain: readonly string[];
  readonly attempts: number;
  readonly at: number;
  /** True when a collection goes on in spite of it. */
  readonly isCollected: boolean;
}

/** Something that can be done now. */
export interface Hint {
  readonly what: string;
  /** On the command line. */
  readonly command: string;
  /** With the client. */
  readonly call: string;
}

/** A node that cannot begin, and what must come first. */
export interface BlockedNode {
  readonly path: string;
  readonly by: readonly string[];
}

/** What happens next by itself. */
export interface NextTimer {
  readonly at: number;
  readonly path: string;
  readonly why: "deadline" | "reminder" | "sleep" | "retry" | "remote" | "compensation";
}

/** Code at the end of a run that is tried again at a time, or has failed for good. */
export interface OpenExit {
  readonly exit: string;
  readonly attempt: number;
  readonly error: Failure;
  readonly retryAt: number | undefined;
}

/** A run as a whole. */
export interface RunExplanation {
  readonly subject: "run";
  readonly run: string;
  readonly contract: string;
  readonly version: string;
  readonly status: RunStatus;
  /** Since when it stands like that; for a run that has ended, when it did. */
  readonly since: number;
  readonly startedAt: number;
  readonly starter: Actor | undefined;
  /** What it waits for and works at, down to the child runs; at most 100. */
  readonly causes: readonly Cause[];
  /** At most 50. */
  readonly blocked: readonly BlockedNode[];
  readonly next: NextTimer | undefined;
  readonly last: { readonly id: string; readonly type: string; readonly path: string; readonly time: number } | undefined;
  /** What failed; at most 20. */
  readonly failures: readonly FailureChain[];
  /** Why it was cancelled, and by whom. */
  readonly cancelled: { readonly reason: string; readonly actor: Actor } | undefined;
  /** Paths of nodes whose doing could not be taken back. */
  readonly uncompensated: readonly string[];
  /** What follows on its end and is not over, or failed. */
  readonly exits: readonly OpenExit[];
  readonly spending: Spending;
  /** Facts of stores and histories that it and its first children have read and recorded. */
  readonly stored: StoredUse | undefined;
  readonly hints: readonly Hint[];
  /** How many more there are of each list than are told. */
  readonly cut: { readonly causes: number; readonly blocked: number; readonly failures: number };
}

/** One thing a node reads. */
export interface Reading {
  /** Its local name. */
  readonly as: string;
  /** Path of the node it comes from. */
  readonly from: string;
  /** Id of the fact that gave it its value. */
  readonly fact: string | undefined;
  /** Only when values were asked for. */
  readonly value?: JsonValue;
}

/** What a node read when its value was made, against what it reads now. `again` means made again, with the same value. */
export interface ComparedReading extends Reading {
  readonly change: "untouched" | "again" | "different" | "unknown";
  /** Short forms of both, where they are different. */
  readonly before?: string;
  readonly after?: string;
}

/** What made it necessary to look at a node again. */
export type Trigger =
  | { readonly type: "update"; readonly fact: string; readonly inputs: readonly string[]; readonly by: Actor | undefined }
  | { readonly type: "fork"; readonly run: string; readonly inputs: readonly string[] }
  | { readonly type: "retry"; readonly fact: string; readonly by: Actor | undefined }
  | { readonly type: "upgrade"; readonly fact: string; readonly version: string };

/** Why a node has no value and will get none. */
export type SkipReason =
  | { readonly type: "not_needed" }
  | { readonly type: "run_failed"; readonly failure: FailureChain | undefined; readonly error: Failure }
  | { readonly type: "run_cancelled"; readonly reason: string; readonly actor: Actor }
  | { readonly type: "case_not_taken"; readonly branch: string; readonly case: string; readonly taken: string }
  /** The item is no longer in the list. */
  | { readonly type: "dropped" };

/** How children of a node stand. */
export interface ChildCounts {
  readonly part: string;
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  /** For a node that runs one of several parts by name: the one it took. */
  readonly taken: string | undefined;
}

/** How it stands with a node, an item or an output. */
export type Standing =
  /** An input or a literal; `reaches` are the outputs that an input can reach. */
  | {
      readonly status: "given";
      readonly at: number;
      readonly fact: string;
      readonly by: Actor | undefined;
      readonly reaches: readonly string[];
    }
  | { readonly status: "blocked"; readonly needs: readonly string[]; readonly causes: readonly Cause[]; readonly cut: number }
  /** It could begin, and has not yet. */
  | { readonly status: "pending"; readonly reason: "next" | "no_place_yet" }
  | { readonly status: "running"; readonly attempt: number; readonly of: number; readonly since: number; readonly causes: readonly Cause[] }
  | { readonly status: "retrying"; readonly error: Failure; readonly attempt: number; readonly of: number; readonly at: number }
  | { readonly status: "waiting"; readonly since: number; readonly causes: readonly Cause[]; readonly cut: number }
  | { readonly status: "sleeping"; readonly since: number; readonly until: number }
  | {
      readonly status: "postponed";
      readonly since: number;
      readonly askedAgainAt: number;
      readonly note: string;
      readonly url: string | undefined;
      readonly run: string | undefined;
    }
  | {
      readonly status: "ran";
      readonly fact: string;
      readonly at: number;
      readonly durationMs: number;
      readonly attempts: number;
      readonly reads: readonly Reading[];
      /** Ids of the facts it rests on. */
      readonly rests: readonly string[];
      /** Set when somebody gave the value: by an event, or instead of the node's own work in a fork. */
      readonly by: Actor | undefined;
      readonly failures: readonly FailureChain[];
    }
  | {
      readonly status: "reused";
      readonly fact: string;
      readonly at: number;
      /** The fact that made the value, and its run. */
      readonly source: string;
      readonly sourceRun: string;
      readonly madeAt: number | undefined;
      /** `same_reading`: it would read the same; `never_repeated`: an action is not repeated by reuse. */
      readonly why: "same_reading" | "never_repeated";
      readonly trigger: Trigger | undefined;
      readonly reads: readonly ComparedReading[];
    }
  | {
      readonly status: "stale";
      readonly source: string | undefined;
      readonly madeAt: number | undefined;
      readonly trigger: Trigger | undefined;
      readonly needs: readonly string[];
      readonly causes: readonly Cause[];
    }
  | { readonly status: "skipped"; readonly reason: SkipReason }
  | {
      readonly status: "failed";
      readonly error: Failure;
      readonly at: number;
      readonly attempts: number;
      /** False when the error says that trying again does not help. */
      readonly canRetry: boolean;
      readonly failure: FailureChain;
    }
  /** Its child ended in one go and left only its outcome. */
  | {
      readonly status: "unrecorded";
      readonly child: string;
      readonly fact: string;
      readonly at: number;
      readonly outcome: "succeeded" | "failed";
    };

/** A node, an item of one, or what gives an output. */
export type NodeExplanation = Standing & {
  readonly subject: "node" | "item";
  /** Id of the root run. */
  readonly run: string;
  readonly path: string;
  readonly kind: string;
  readonly description: string | undefined;
  /** Outputs of the root run that it gives. */
  readonly outputs: readonly string[];
  readonly children: ChildCounts | undefined;
  /** Where its value came from; undefined without one. */
  readonly lineage: Lineage | undefined;
  readonly hints: readonly Hint[];
};

/** Why a run, or something in it, stands as it stands. */
export type Explanation = RunExplanation | NodeExplanation;
