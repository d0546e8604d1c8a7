// Starting a run for an agent, and waiting for it as long as one call may.

import type { RunView } from "../src/index.ts";
import type { Call } from "./tool.ts";

/** What is started, how it is known again, and how long to wait for it. */
export interface StartOrder {
  readonly workflow: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly key: string | undefined;
  readonly waitMs: number;
}

/**
 * The run, and whether the same call had started it before. The signal is not passed on: a start that is under way is finished, so that the caller finds the
 * run under its key.
 */
export async function startRun(
  { workflow, input, key, waitMs }: StartOrder,
  { kindling, actor, signal, trace, waits, tell }: Call,
): Promise<{ readonly view: RunView; readonly isReplayed: boolean }> {
  const run = await kindling.start(workflow, input, { actor, ...trace, ...(key === undefined ? {} : { idempotencyKey: key }) });
  return { view: await waits.wait(kindling, await run.get(), { waitFor: "attention", waitMs, signal, tell }), isReplayed: !run.created };
}
