// What a call that starts a run answers: the run as it stands, or, for a client that takes tasks, a handle to the run as a task.

import type { CallToolResult } from "@modelcontextprotocol/server";
import type { RunView } from "../src/index.ts";
import type { ClientSide } from "./client-side.ts";
import { readRun } from "./read-run.ts";
import type { RunShape } from "./run-shape.ts";
import { handleOf, type TaskHandle } from "./task.ts";
import { openQuestions } from "./task-questions.ts";
import type { Call } from "./tool.ts";
import { resultOf, runResult } from "./tool-result.ts";
import { hasEnded } from "./wait.ts";

/** What of a call its answer depends on. */
export type RunCall = Pick<Call, "kindling" | "program" | "approvalUrl" | "takesTasks"> & { readonly client: Pick<ClientSide, "canAsk"> };

/** The answer to a start. */
export class RunAnswer {
  readonly #shape: RunShape;
  readonly #task: TaskHandle | undefined;

  constructor(shape: RunShape, task?: TaskHandle) {
    this.#shape = shape;
    this.#task = task;
  }

  /** A task's handle has the run beside it: clients that take tasks may show it, and the tool's schema holds. */
  toResult(): CallToolResult {
    if (this.#task === undefined) return runResult(this.#shape);
    return { ...resultOf(this.#shape), content: [], ...this.#task, resultType: "task" };
  }
}

/** The answer with a run that was started, which is durable: so is the task. */
export async function answerRun(run: RunView, call: RunCall, isReplayed: boolean): Promise<RunAnswer> {
  const shape = await readRun(run, call, isReplayed);
  return new RunAnswer(shape, (await becomesTask(run, call)) ? handleOf(run) : undefined);
}

/** A client that waits for a task need not look at it: what its user cannot be asked, the agent is told at once, since it has to answer or to tell somebody. */
async function becomesTask(run: RunView, { takesTasks, client, kindling }: RunCall): Promise<boolean> {
  if (!takesTasks || hasEnded(run)) return false;
  return run.awaits.length === 0 || (client.canAsk && (await openQuestions(run, kindling)).length > 0);
}
