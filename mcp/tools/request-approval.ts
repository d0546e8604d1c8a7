// `request_approval`: what a person has to decide, where they do it, and what they decided. It has no field for the decision: an agent cannot take one. A gate
// that is content with what the client says of its user is asked there, by a form; every other one is decided where no agent is.

import * as z from "zod";
import type { OpenAwait, RecordedFact, RunView } from "../../src/index.ts";
import { AwaitId, RunId } from "../arguments.ts";
import { askUser, type Asked } from "../ask-user.ts";
import { CARD_META } from "../card.ts";
import { notAwaiting, Refusal, runNotFound } from "../failure.ts";
import { openDetail, readRun } from "../read-run.ts";
import { RunShape } from "../run-shape.ts";
import { defineTool, type Call } from "../tool.ts";
import { verdictOf, type Verdict } from "../verdict.ts";
import type { VisibleRuns } from "../visible-runs.ts";
import { tellPerson, whereDecided } from "../where-decided.ts";

const NAME = "request_approval";

type State = Verdict | "pending" | "closed";

/** The tool `request_approval`. */
export const requestApproval = defineTool({
  name: NAME,
  title: "Ask a person to decide",
  description:
    "What a person must decide about an awaiting run, and where they do it. You cannot decide it: tell the user what tell_user says, then wait with get_run. Call again to learn the decision.",
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input: z.strictObject({ run_id: RunId, await_id: AwaitId }),
  shownOutput: ["state", "tell_user", "run"],
  meta: CARD_META,
  output: z.object({
    state: z
      .enum(["pending", "approved", "rejected", "decided", "closed"])
      .describe(
        "pending: nobody has decided yet. decided: with something else than yes or no. closed: the run ended, or time ran out, without a decision",
      ),
    tell_user: z.string().describe("What to tell the user now"),
    approval_url: z.string().optional().describe("Where a person decides it, after signing in"),
    command: z.string().optional().describe("The command by which a person decides it"),
    run: RunShape.describe("The run; what is to be judged stands in awaiting[].shown"),
  }),
  call: async ({ run_id: id, await_id: path }, call) => {
    const { kindling } = call;
    const view = await kindling.get(id);
    if (view === undefined) return runNotFound();
    const open = view.awaits.find((each) => each.path === path);
    if (open !== undefined && open.by !== "human")
      return new Refusal("not_a_human_gate", "No person is asked here; the run wants something from you.", "Answer it with deliver_event.");
    const asked = open === undefined ? undefined : await askFor(open, view, call);
    if (asked instanceof Refusal) return asked;
    if (asked?.status === "asked") return asked.result;
    if (open === undefined || asked?.status === "answered") return decided(id, path, call);
    const where = whereDecided(call, id, path);
    return {
      state: "pending" as const,
      tell_user: `${asked?.status === "closed" ? "The question was closed without an answer; nothing was recorded. " : ""}A person must decide this: ${tellPerson(where)}, after looking at what is shown.`,
      ...(where.url === undefined ? {} : { approval_url: where.url }),
      command: where.command,
      run: await readRun(view, call),
    };
  },
});

/** Asks for a gate in the client where it lets that be; undefined for one that was closed meanwhile. */
async function askFor(open: OpenAwait, view: RunView, call: Call): Promise<Asked | Refusal | undefined> {
  const detail = await openDetail(call.kindling, open);
  return detail === undefined ? undefined : askUser(NAME, detail, view, call);
}

/** What became of a gate that is not open. */
async function decided(id: string, path: string, call: Call) {
  const state = await stateOf(call.kindling, id, path);
  const view = await call.kindling.get(id);
  if (state === undefined || view === undefined) return notAwaiting();
  return { state, tell_user: tellUser(state), run: await readRun(view, call) };
}

/** How a gate that is not open stands; undefined for one that never was. */
async function stateOf(kindling: VisibleRuns, run: string, path: string): Promise<Exclude<State, "pending"> | undefined> {
  const facts = (await kindling.facts(run)).filter((fact) => fact.path === path);
  const delivered = facts.findLast((fact): fact is Extract<RecordedFact, { type: "event.delivered" }> => fact.type === "event.delivered");
  if (delivered !== undefined) return verdictOf(delivered.payload);
  return facts.some(({ type }) => type === "await.opened") ? "closed" : undefined;
}

function tellUser(state: Exclude<State, "pending">): string {
  switch (state) {
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
