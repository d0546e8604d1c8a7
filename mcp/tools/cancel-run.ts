// `cancel_run`: ends a run.

import * as z from "zod";
import { RunId } from "../arguments.ts";
import { runNotFound } from "../failure.ts";
import { readRun } from "../read-run.ts";
import { RUN_MEMBERS, RunShape } from "../run-shape.ts";
import { defineTool } from "../tool.ts";

const REASON_LIMIT = 500;

/** The tool `cancel_run`. */
export const cancelRun = defineTool({
  name: "cancel_run",
  title: "Cancel a run",
  description: "Stop a run. What it has done is not undone, unless the workflow itself takes it back. A run that has ended stays as it is.",
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    run_id: RunId,
    reason: z.string().max(REASON_LIMIT).optional().describe("Why, for whoever reads the run later"),
  }),
  output: RunShape,
  shownOutput: RUN_MEMBERS,
  call: async ({ run_id: id, reason }, call) => {
    const { kindling, actor } = call;
    if ((await kindling.get(id)) === undefined) return runNotFound();
    return readRun(await kindling.cancel(id, { actor, ...(reason === undefined ? {} : { reason }) }), call);
  },
});
