// `request_approval`: what a person has to decide, where they do it, and what they decided. It has no field for the decision: an agent cannot take one.

import * as z from "zod";
import type { RecordedFact } from "../../src/index.ts";
import { AwaitId, RunId } from "../arguments.ts";
import { decideCommand } from "../decide-command.ts";
import { notAwaiting, Refusal, runNotFound } from "../failure.ts";
import { readRun } from "../read-run.ts";
import { RunShape } from "../run-shape.ts";
import { defineTool } from "../tool.ts";
import { verdictOf, type Verdict } from "../verdict.ts";
import type { VisibleRuns } from "../visible-runs.ts";

type State = Verdict | "pending" | "closed";

/** The tool `request_approval`. */
export const requestApproval = defineTool({
  name: "request_approval",
  title: "Ask a person to decide",
  description:
    "What a person must decide about an awaiting run, and where they do it. You cannot decide it: tell the user what tell_user says, then wait with get_run. Call again to learn the decision.",
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input: z.strictObject({ run_id: RunId, await_id: AwaitId }),
  shownOutput: ["state", "tell_user", "run"],
  output: z.object({
    state: z
      .enum(["pending", "approved", "rejected", "decided", "closed"])
      .describe(
        "pending: nobody has decided yet. decided: with something else than yes or no. closed: the run ended, or time ran out, without a decision",
      ),
    tell_user: z.string().describe("What to tell the user now"),
    run: RunShape.describe("The run; what is to be judged stands in awaiting[].shown"),
  }),
  call: async ({ run_id: id, await_id: path }, call) => {
    const { kindling, program } = call;
    const view = await kindling.get(id);
    if (view === undefined) return runNotFound();
    const open = view.awaits.find((each) => each.path === path);
    if (open !== undefined && open.by !== "human")
      return new Refusal("not_a_human_gate", "No person is asked here; the run wants something from you.", "Answer it with deliver_event.");
    const state = open === undefined ? await stateOf(kindling, id, path) : "pending";
    if (state === undefined) return notAwaiting();
    return { state, tell_user: tellUser(state, decideCommand(program, id, path)), run: await readRun(view, call) };
  },
});

/** How a gate that is not open stands; undefined for one that never was. */
async function stateOf(kindling: VisibleRuns, run: string, path: string): Promise<State | undefined> {
  const facts = (await kindling.facts(run)).filter((fact) => fact.path === path);
  const decided = facts.findLast((fact): fact is Extract<RecordedFact, { type: "event.delivered" }> => fact.type === "event.delivered");
  if (decided !== undefined) return verdictOf(decided.payload);
  return facts.some(({ type }) => type === "await.opened") ? "closed" : undefined;
}

function tellUser(state: State, command: string): string {
  switch (state) {
    case "pending":
      return `A person must decide this: run \`${command}\` in your own terminal, after looking at what is shown.`;
    case "approved":
      return "It was approved; the run goes on.";
    case "rejected":
      return "It was rejected; the run goes on without it.";
    case "decided":
      return "It was decided; the run goes on.";
    case "closed":
      return "It can no longer be decided: the run ended or the time ran out.";
  }
}
