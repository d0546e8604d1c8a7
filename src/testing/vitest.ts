// The matchers with their types for vitest. Nothing of vitest is loaded: `expect.extend` is called by whoever has it.

// Without a mention the compiler would not look for the module that is extended below.
import type {} from "vitest";
import type { CalledOptions } from "./matchers.ts";
import type { SpendingLimit } from "./run-questions.ts";

export { type CalledOptions, matchers, type Matched } from "./matchers.ts";
export type { SpendingLimit } from "./run-questions.ts";
export type { RunSubject } from "./seen-run.ts";

/**
 * What `expect` knows of runs once `expect.extend(matchers)` was called. All of them look at the run as it stands, so they are awaited:
 * `await expect(run).toHaveSucceeded()`. The subject is a run in hand, or what `replayRun` gave.
 */
export interface KindlingMatchers {
  toHaveSucceeded(): Promise<void>;
  /** @param code of its error; any when left out */
  toHaveFailed(code?: string): Promise<void>;
  /** The run, or a child of it, has an open await for this event. */
  toBeWaitingFor(event: string, options?: { readonly path?: string }): Promise<void>;
  /** What it gave, compared as `toEqual` does; asymmetric matchers such as `expect.objectContaining` may stand in it. */
  toHaveOutput(expected: unknown): Promise<void>;
  /** The node at this path, e.g. `posts[en]/draft`, has its value. */
  toHaveRun(path: string): Promise<void>;
  /** The node at this path, or something below it, has asked a model. */
  toHaveCalledModel(path: string, options?: CalledOptions): Promise<void>;
  toHaveSpentAtMost(limit: SpendingLimit): Promise<void>;
  /** The subject is a contract: the recording in the file goes with it as it was recorded. */
  toMatchRecording(file: URL | string): Promise<void>;
}

declare module "vitest" {
  // The names of the parameters are vitest's own: a declaration that is merged must repeat them.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends KindlingMatchers {}
}
