// `deliver_event`: the agent's answer to an await that is its to answer, or, without one, the client's question to its user. Who may decide is the core's to say; it
// is told that an agent asks.

import { isInputRequiredResult, type InputRequiredResult } from "@modelcontextprotocol/server";
import * as z from "zod";
import { hashJson, toJson, type JsonValue, type OpenAwait, type RecordedFact, type RunView } from "../../src/index.ts";
import { AwaitId, RunId } from "../arguments.ts";
import { askUser, isReplyTo, type Asked } from "../ask-user.ts";
import { alreadyDecided, deliveryRefusal, notAwaiting, Refusal, runNotFound } from "../failure.ts";
import { openDetail, readRun } from "../read-run.ts";
import { RUN_MEMBERS, RunShape } from "../run-shape.ts";
import { defineTool, type Call } from "../tool.ts";
import type { VisibleRuns } from "../visible-runs.ts";
import { whereDecided } from "../where-decided.ts";

const NAME = "deliver_event";

/** What to deliver, and under which id: the same payload for the same await is the same delivery. */
interface Answer {
  readonly run: string;
  readonly path: string;
  readonly payload: JsonValue;
}

type Outcome = "delivered" | "replayed";

/** The tool `deliver_event`. */
export const deliverEvent = defineTool({
  name: NAME,
  title: "Deliver an event to an awaiting run",
  description:
    'Give an awaiting run the data it asked YOU for (decider = "agent"). Refused when a human must decide. Sending the same payload again changes nothing. Without payload, your client asks the user for it.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    run_id: RunId,
    await_id: AwaitId,
    payload: z
      .union([z.record(z.string(), z.unknown()), z.array(z.unknown()), z.string(), z.number(), z.boolean()])
      .optional()
      .describe("What it asked for; must fit the payload_schema of the await"),
  }),
  output: RunShape,
  shownOutput: RUN_MEMBERS,
  call: async ({ run_id: run, await_id: path, payload }, call) => {
    const { kindling } = call;
    const view = await kindling.get(run);
    if (view === undefined) return runNotFound();
    const outcome = payload === undefined ? await askFor(path, view, call) : await give(path, view, payload, call);
    if (outcome instanceof Refusal || isInputRequiredResult(outcome)) return outcome;
    const after = await kindling.get(run);
    return after === undefined ? runNotFound() : readRun(after, call, outcome === "replayed");
  },
});

async function give(path: string, { id: run, awaits }: RunView, payload: unknown, call: Call): Promise<Outcome | Refusal> {
  const json = toJson(payload);
  if (!json.ok)
    return new Refusal(
      "invalid_payload",
      "The payload cannot be recorded; the await stays open.",
      "Send plain JSON, nested at most 64 levels deep.",
    );
  const open = awaits.find((each) => each.path === path);
  const answer: Answer = { run, path, payload: json.value };
  return open === undefined ? repeatOf(answer, call) : deliver(open, answer, call);
}

async function deliver({ event, shown, assurance }: OpenAwait, answer: Answer, call: Call): Promise<Outcome | Refusal> {
  const { kindling, actor, trace } = call;
  const deliveryId = deliveryIdOf(answer, shown);
  const delivery = await kindling.deliver({ event, ...answer, deliveryId, actor, ...trace });
  if (delivery.status !== "refused") return delivery.status === "duplicate" ? "replayed" : "delivered";
  if (delivery.code === "human_decision_required" && assurance === "client") return callRequestApproval();
  return deliveryRefusal(delivery.code, delivery.issues ?? [], whereDecided(call, answer.run, answer.path));
}

/** What is asked anew about something else wants a new answer, be it the same. */
function deliveryIdOf(answer: Answer, shown: string): string {
  return `mcp_${hashJson({ ...answer, shown })}`;
}

/** For an await that is not open: whether this very answer was given before. */
async function repeatOf(answer: Answer, { kindling }: Call): Promise<"replayed" | Refusal> {
  const { given, shown } = await pastOf(answer.path, answer.run, kindling);
  if (given === undefined) return notAwaiting();
  const isSame = given.deliveryId === deliveryIdOf(answer, shown) || hashJson(given.payload) === hashJson(answer.payload);
  return isSame ? "replayed" : alreadyDecided();
}

/** What was answered at a path, and the digest of what was shown for it. */
async function pastOf(path: string, run: string, kindling: VisibleRuns) {
  const facts = (await kindling.facts(run)).filter((fact) => fact.path === path);
  const given = facts.findLast((fact): fact is Extract<RecordedFact, { type: "event.delivered" }> => fact.type === "event.delivered");
  const opened = facts.findLast((fact): fact is Extract<RecordedFact, { type: "await.opened" }> => fact.type === "await.opened");
  return { given, shown: opened?.shown ?? "" };
}

/** Has the client ask its user. */
async function askFor(path: string, view: RunView, call: Call): Promise<Outcome | InputRequiredResult | Refusal> {
  const open = view.awaits.find((each) => each.path === path);
  if (open?.by === "human") return open.assurance === "client" ? callRequestApproval() : humanDecides(view.id, path, call);
  const detail = open === undefined ? undefined : await openDetail(call.kindling, open);
  if (detail === undefined) return repeatOfForm(path, view.id, call);
  const asked = await askUser(NAME, detail, view, call);
  if (asked instanceof Refusal) return asked;
  switch (asked.status) {
    case "asked":
      return asked.result;
    case "answered":
      return asked.isReplayed ? "replayed" : "delivered";
    case "closed":
      return new Refusal("not_answered", "The user closed the question without an answer; nothing was recorded.", OTHERWISE);
    case "not_asked":
      return new Refusal("cannot_ask", describeWhy(asked.why), OTHERWISE);
  }
}

const OTHERWISE = "Ask the user yourself, or find the answer, and call deliver_event with the payload.";

function describeWhy(why: Extract<Asked, { status: "not_asked" }>["why"]): string {
  switch (why) {
    case "no_client":
      return "Your client does not ask its user by forms.";
    case "no_form":
      return "The payload cannot be asked for by a form.";
    case "too_long":
      return "There is more to show than a form holds.";
    case "elsewhere":
    case "starter":
      return "This is not asked in your client.";
  }
}

/** For an await that is not open: whether the form that comes back was taken before. */
async function repeatOfForm(path: string, run: string, { kindling, client: { reply } }: Call): Promise<"replayed" | Refusal> {
  const { given } = await pastOf(path, run, kindling);
  if (given === undefined) return notAwaiting();
  const isSame = reply !== undefined && isReplyTo(reply, NAME, { run, path }) && reply.state.delivery === given.deliveryId;
  return isSame ? "replayed" : alreadyDecided();
}

function humanDecides(run: string, path: string, call: Call): Refusal {
  return deliveryRefusal("human_decision_required", [], whereDecided(call, run, path));
}

function callRequestApproval(): Refusal {
  return new Refusal(
    "human_decision_required",
    "Only the user can decide this; you cannot answer for them.",
    "Call request_approval with the same run_id and await_id: your client asks the user.",
  );
}
