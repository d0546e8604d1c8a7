// `start_workflow`: a new run, or with a known key the run there is.

import * as z from "zod";
import { IdempotencyKey, WaitSeconds, WorkflowName } from "../arguments.ts";
import { Refusal } from "../failure.ts";
import { findWorkflow } from "../find-workflow.ts";
import { answerRun } from "../run-answer.ts";
import { RUN_MEMBERS, RunShape } from "../run-shape.ts";
import { startRun } from "../start-run.ts";
import { defineTool } from "../tool.ts";

/** The tool `start_workflow`. */
export const startWorkflow = defineTool({
  name: "start_workflow",
  title: "Start a workflow",
  description:
    "Start any workflow by name. Returns at once with a run_id (or waits up to wait_seconds). Side effects are those of the workflow.",
  // Without a key, calling twice starts two runs, and what a workflow does in the world is not known here.
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  input: z.strictObject({
    workflow: WorkflowName,
    input: z.record(z.string(), z.unknown()).describe("Must match the input_schema from describe_workflow"),
    idempotency_key: IdempotencyKey,
    wait_seconds: WaitSeconds,
  }),
  output: RunShape,
  shownOutput: RUN_MEMBERS,
  call: async ({ workflow, input, idempotency_key: key, wait_seconds: seconds }, call) => {
    const found = findWorkflow(call.kindling, workflow);
    if (found instanceof Refusal) return found;
    const { view, isReplayed } = await startRun({ workflow: found.name, input, key, waitMs: seconds * 1_000 }, call);
    return answerRun(view, call, isReplayed);
  },
});
