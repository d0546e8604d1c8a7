// `get_run_events`: what was recorded of a run, in pages.

import * as z from "zod";
import type { RecordedFact } from "../../src/index.ts";
import { RunId } from "../arguments.ts";
import { runNotFound } from "../failure.ts";
import { eventOf, RunEvent } from "../run-event.ts";
import { defineTool } from "../tool.ts";

/** The tool `get_run_events`. */
export const getRunEvents = defineTool({
  name: "get_run_events",
  title: "Read the record of a run",
  description: "What was recorded of a run, oldest first, in pages. Use it to explain what happened; get_run is enough for how it stands.",
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    run_id: RunId,
    after_seq: z.int().min(0).default(0).describe("Only what was recorded after this seq: next_after_seq of the page before"),
    limit: z.int().min(1).max(100).default(25).describe("About how many; what was recorded together is not torn apart"),
  }),
  shownOutput: ["run_id", "events"],
  output: z.object({
    run_id: z.string().describe("The run"),
    events: z.array(RunEvent).describe("The events"),
    next_after_seq: z.int().optional().describe("Pass it as after_seq for the next page; left out at the end"),
  }),
  call: async ({ run_id: id, after_seq: after, limit }, { kindling, stores }) => {
    const run = await kindling.get(id);
    if (run === undefined) return runNotFound();
    const facts = await kindling.facts(id, { after });
    const page = pageOf(facts, limit);
    const last = page.at(-1)?.position;
    return {
      run_id: id,
      events: page.map((fact) => eventOf(fact, stores)),
      ...(last === undefined || page.length === facts.length ? {} : { next_after_seq: last }),
    };
  },
});

/** The first facts, up to a whole commit: those behind it have a later position. */
function pageOf(facts: readonly RecordedFact[], limit: number): readonly RecordedFact[] {
  const last = facts[limit - 1];
  if (last === undefined) return facts;
  const end = facts.findIndex(({ position }) => position > last.position);
  return end === -1 ? facts : facts.slice(0, end);
}
