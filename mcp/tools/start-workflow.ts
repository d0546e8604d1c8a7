// `start_workflow`: a new run, or with a known key the run there is.

import * as z from "zod";
import { WaitSeconds, WorkflowName } from "../arguments.ts";
import { Refusal } from "../failure.ts";
import { findWorkflow } from "../find-workflow.ts";
import { readRun } from "../read-run.ts";
import { RunShape } from "../run-shape.ts";
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
    idempotency_key: z
      .string()
      .min(8)
      .max(128)
      .optional()
      .describe("Same key + same input returns the same run instead of starting a second one. Always set it when you might retry."),
    wait_seconds: WaitSeconds,
  }),
  output: RunShape,
  call: async ({ workflow, input, idempotency_key: key, wait_seconds: seconds }, call) => {
    const { kindling, actor, signal, trace, waits } = call;
    const found = findWorkflow(kindling, workflow);
    if (found instanceof Refusal) return found;
    // The signal is not passed on: a start that is under way is finished, so that the caller finds the run under its key. Keys of this surface stand
    // apart from those of others, so no agent comes upon a run that somebody else began.
    const run = await kindling.start(found.name, input, {
      actor,
      ...trace,
      ...(key === undefined ? {} : { idempotencyKey: `mcp:${key}` }),
    });
    const view = await waits.wait(kindling, await run.get(), { waitFor: "attention", waitMs: seconds * 1_000, signal });
    return readRun(view, call, !run.created);
  },
});
