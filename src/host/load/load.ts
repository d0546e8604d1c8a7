// How much a runtime does, and what waits in it and why: a picture of one moment. Plain JSON, so that it can be asked for from another process.

import type { BreakerState } from "./breaker.ts";
import type { WaitReason } from "./lane.ts";

/** One lane at a moment. Times are milliseconds since 1970. */
export interface LaneLoad {
  /**
   * `calls`: all calls to the outside. `resource`: those of one resource. `attempts`: nodes at work with a model, each of which may make several calls.
   * `provider` and `model`: calls to models.
   */
  readonly kind: "calls" | "resource" | "attempts" | "provider" | "model";
  /** `calls`, the name of the resource, `anthropic`, `anthropic:claude-opus-5-5`. Providers that share an account have one lane: `anthropic + team`. */
  readonly name: string;
  /** Places in use, and how many there are; null for any number. */
  readonly inUse: number;
  readonly limit: number | null;
  /** What was used within the last minute, or is reserved; null where that is not limited. */
  readonly requests: { readonly used: number; readonly limit: number } | null;
  readonly tokens: { readonly used: number; readonly limit: number } | null;
  /** Until when the provider asked for a pause. */
  readonly heldUntil: number | null;
  /** Only of models: whether calls are made, how many faults there were in a row, and when it is tried out again. */
  readonly breaker: { readonly state: BreakerState; readonly faults: number; readonly until: number | null } | null;
  /** How many wait in its line. */
  readonly waiting: number;
  /** How many of which root run, in the order of their turns; the first 20 runs. */
  readonly runs: readonly { readonly run: string; readonly waiting: number }[];
  /** Whose turn is next, since when it waits and why; `until` where time alone decides. */
  readonly next: {
    readonly run: string;
    readonly path: string;
    readonly since: number;
    readonly reason: WaitReason;
    readonly until: number | null;
  } | null;
}

/** What a runtime does at a moment. */
export interface Load {
  readonly at: number;
  readonly lanes: readonly LaneLoad[];
}
