// What callers say when they begin or change a run.

import type { Budget } from "../graph/budget.ts";
import type { Prompt } from "../model/prompt.ts";
import type { Actor } from "../run/fact.ts";
import type { TraceContext } from "../trace-context.ts";

/** What a call may carry besides its own arguments. */
export interface CallOptions {
  /** Aborting it ends the waiting of this call and nothing else: the run goes on. */
  readonly signal?: AbortSignal;
}

/** What a start may carry besides contract and inputs. */
export interface StartOptions extends CallOptions {
  /** The same key, contract and inputs give the same run; other inputs are refused with `idempotency_conflict`. 1 to 200 characters. */
  readonly idempotencyKey?: string;
  readonly actor?: Actor;
  /** What the run may spend on models, its children included. What is said here stands in place of the contract's own caps. */
  readonly budget?: Budget;
  /** Words by which the run is found again: `kindling.list({ tag })`. Up to 16, each of 1 to 100 characters. They belong to the start: a repeat under the same key changes nothing. */
  readonly tags?: readonly string[];
  /** What caused it, in a trace of the caller; where a tracer of the runtime knows what is active, that when left out. */
  readonly trace?: TraceContext;
}

/** Who cancels, and why: both are recorded. */
export interface CancelRequest extends CallOptions {
  readonly reason?: string;
  readonly actor?: Actor;
}

/** Who erases, and why: both are recorded, beside what is erased. Neither should say what the run said. */
export interface EraseRequest extends CallOptions {
  readonly reason?: string;
  readonly actor?: Actor;
}

/** Who updates. */
export interface UpdateOptions extends CallOptions {
  readonly actor?: Actor;
}

/** What is retried, and who asks. */
export interface RetryOptions extends CallOptions {
  /** One item or node, e.g. `posts[en]`; everything that failed when left out. */
  readonly path?: string;
  /** Caps of the run's budget that are different from now on: what it has spent counts. */
  readonly budget?: Budget;
  readonly actor?: Actor;
}

/** What is different in a fork, and from where it goes on. */
export interface ForkOptions extends CallOptions {
  /** A position of the ledger, or a fact's id: work after it is not taken over. Default: the run as it is now. */
  readonly at?: number | string;
  /** Inputs that are different. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** Values of the root run's nodes, by name: such a node does not run. */
  readonly nodes?: Readonly<Record<string, unknown>>;
  /** Models by node path, e.g. `{ draft: "openai:gpt-6", "posts/translate": "ollama:qwen4" }`. */
  readonly models?: Readonly<Record<string, string>>;
  /** Prompts by node path. */
  readonly prompts?: Readonly<Record<string, Prompt<never>>>;
  /** What the fork may spend; what the other run was given when left out. It has spent nothing yet. */
  readonly budget?: Budget;
  readonly idempotencyKey?: string;
  readonly actor?: Actor;
}

/** How changes are recorded. */
export interface RecordOptions {
  /** The same key gives the first receipt again, whatever was recorded since: a key names one change for good. */
  readonly idempotencyKey?: string;
}
