// `get_run`: how a run stands, now or as soon as there is something to say.

import * as z from "zod";
import { RunId, WaitSeconds } from "../arguments.ts";
import { runNotFound, tooManyWaits } from "../failure.ts";
import { readRun } from "../read-run.ts";
import { RUN_MEMBERS, RunShape } from "../run-shape.ts";
import { defineTool } from "../tool.ts";

/** The tool `get_run`. */
export const getRun = defineTool({
  name: "get_run",
  title: "Get or wait for a run",
  description:
    "How a run stands: status, what it waits for, output or error. With wait_seconds it answers as soon as there is something new. Ending the call leaves the run running.",
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    run_id: RunId,
    wait_seconds: WaitSeconds,
    wait_for: z
      .enum(["attention", "change", "end"])
      .default("attention")
      .describe("attention: it has ended or awaits somebody. change: anything was recorded after since_seq. end: it has ended"),
    since_seq: z.int().min(0).optional().describe("With wait_for change: the seq you have seen; default the present one"),
  }),
  output: RunShape,
  shownOutput: RUN_MEMBERS,
  call: async ({ run_id: id, wait_seconds: seconds, wait_for: waitFor, since_seq: sinceSeq }, call) => {
    const { kindling, waits, signal, tell } = call;
    const run = await kindling.get(id);
    if (run === undefined) return runNotFound();
    const request = { waitFor, sinceSeq, waitMs: seconds * 1_000, signal, tell };
    if (waits.isFull(run, request)) return tooManyWaits();
    return readRun(await waits.wait(kindling, run, request), call);
  },
});
