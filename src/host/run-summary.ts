// A run as callers see it: in one line, as it stands, and what it waits for.

import type { Failure } from "../errors.ts";
import type { Assurance, Quorum } from "../graph/gate.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { BudgetView } from "../run/budget.ts";
import type { Actor } from "../run/fact.ts";
import type { Spending } from "../run/spending.ts";
import type { RunStatus } from "../run/state.ts";
import type { NodeView } from "../run/view.ts";

/** An open await, as the inbox shows it. */
export interface OpenAwait {
  /** The root run's id. */
  readonly run: string;
  /** From the root run, e.g. `posts[en]/review`. */
  readonly path: string;
  readonly contract: string;
  readonly event: string;
  /** The history whose events answer it: nobody delivers them. Left out where somebody does. */
  readonly history?: string;
  /** `human` for a gate. */
  readonly by: "human" | "anyone";
  readonly assurance: Assurance | undefined;
  readonly roles: readonly string[];
  /** True for a gate that whoever started the run may not decide. */
  readonly notStarter: boolean;
  /** Where several people decide: how many must say the same, in which member of the payload, what one may say alone, and who has said something when. */
  readonly quorum?: Quorum & { readonly voices: readonly { readonly by: string; readonly at: number }[] };
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly deadline: number | undefined;
  readonly correlation: JsonObject;
  /** Digest of what is shown. */
  readonly shown: string;
  /** Position of the first fact of the run or child in which it stands: by that the inbox is in order. */
  readonly started: number;
}

/** An open await with what a decider needs to see. */
export interface AwaitDetail extends OpenAwait {
  readonly description: string | undefined;
  /** The id of the fact that opened it: another one each time it is asked anew. */
  readonly opening: string;
  /** The values shown, by name. */
  readonly values: JsonObject;
  /** JSON Schema of the payload; undefined when the schema's library gives none. */
  readonly schema: JsonObject | undefined;
}

/** A run in one line, as lists show it. */
export interface RunSummary {
  readonly id: string;
  readonly contract: string;
  readonly version: string;
  readonly status: RunStatus;
  readonly correlation: JsonObject;
  /** What it was started with. */
  readonly tags: readonly string[];
  readonly startedAt: number;
  /** Time of the last fact. */
  readonly updatedAt: number;
  /** Position of the run's last fact in the ledger. */
  readonly position: number;
  readonly error: Failure | undefined;
  readonly awaits: readonly OpenAwait[];
}

/** A run as it stands. */
export interface RunView extends RunSummary {
  readonly inputs: JsonObject;
  /** For a run that succeeded. */
  readonly outputs: JsonValue | undefined;
  readonly endedAt: number | undefined;
  readonly starter: Actor | undefined;
  readonly spending: Spending;
  /** Those of the run, its nodes and its children with runs of their own; left out where there is none. */
  readonly budgets?: readonly BudgetView[];
  readonly nodes: readonly NodeView[];
}
