// An await asked in the client: the question goes out as a result, and when the call comes again with the answer, that is delivered. The answer is recorded as
// what the client says of its user, never as a person's. Nothing but an accepted form records anything.

import { randomUUID } from "node:crypto";
import type { InputRequiredResult } from "@modelcontextprotocol/server";
import { clientAsserted, visible, type AwaitDetail, type Issue, type RunView } from "../src/index.ts";
import type { Reply } from "./client-side.ts";
import { deliveryRefusal, Refusal } from "./failure.ts";
import { questionOf, type NoQuestion, type Question } from "./question.ts";
import type { QuestionState } from "./question-state.ts";
import { shortenText } from "./shorten.ts";
import type { Call } from "./tool.ts";
import { whereDecided } from "./where-decided.ts";

/** What became of asking. `closed`: the user was asked and gave no answer. */
export type Asked =
  | { readonly status: "asked"; readonly result: InputRequiredResult }
  | { readonly status: "answered"; readonly isReplayed: boolean }
  | { readonly status: "closed" }
  | { readonly status: "not_asked"; readonly why: NoQuestion | "no_client" };

/** How often one call asks because an answer did not fit. */
const ROUNDS_LIMIT = 3;
const ISSUES_LIMIT = 1_000;

/** Asks the client's user for an open await, or delivers the answer that came. `tool` is the one that asks. */
export async function askUser(tool: string, detail: AwaitDetail, run: RunView, call: Call): Promise<Asked | Refusal> {
  const question = questionOf(detail, run);
  if (typeof question === "string") return { status: "not_asked", why: question };
  const { reply, canAsk } = call.client;
  if (reply !== undefined && !isReplyTo(reply, tool, detail)) return wrongQuestion();
  if (reply === undefined) return canAsk ? ask(tool, detail, question, call) : { status: "not_asked", why: "no_client" };
  if (reply.action !== "accept") return { status: "closed" };
  const changed = changeSince(reply, detail);
  if (changed !== undefined) return ask(tool, detail, { ...question, message: `${changed}\n\n${question.message}` }, call);
  return deliver(tool, detail, question, reply, call);
}

/** True for a reply to just this question of this tool. */
export function isReplyTo({ state }: Reply, tool: string, { run, path }: Pick<AwaitDetail, "run" | "path">): boolean {
  return state.tool === tool && state.run === run && state.path === path;
}

/** The refusal for a reply that was given to another question. */
export function wrongQuestion(): Refusal {
  return new Refusal("wrong_question", "This answer belongs to another question; nothing was recorded.", "Call again without the answer.");
}

/** Why an answer is to another question than the one that is open now, told to the user. */
function changeSince({ state }: Reply, { shown, opening }: AwaitDetail): string | undefined {
  if (state.shown !== shown) return "What you were shown has changed.";
  return state.opening === opening ? undefined : "This is asked anew: it was closed since you were asked.";
}

async function ask(
  tool: string,
  { run, path, opening, shown }: AwaitDetail,
  question: Question,
  { client }: Call,
  round = 1,
): Promise<Asked> {
  const state: QuestionState = { tool, run, path, opening, shown, delivery: `mcp_form_${randomUUID()}`, round };
  return { status: "asked", result: await client.ask(question, state) };
}

async function deliver(
  tool: string,
  detail: AwaitDetail,
  question: Question,
  { state, content }: Reply,
  call: Call,
): Promise<Asked | Refusal> {
  const { kindling, actor, trace } = call;
  const { event, run, path } = detail;
  const delivery = await kindling.deliver({
    event,
    run,
    path,
    payload: question.form.payloadOf(content),
    deliveryId: state.delivery,
    shown: state.shown,
    actor: clientAsserted(actor),
    ...trace,
  });
  if (delivery.status !== "refused") return { status: "answered", isReplayed: delivery.status === "duplicate" };
  const { code, issues = [] } = delivery;
  if (code !== "invalid_payload" || state.round >= ROUNDS_LIMIT) return deliveryRefusal(code, issues, whereDecided(call, run, path));
  return ask(tool, detail, { ...question, message: `${describeIssues(issues)}\n\n${question.message}` }, call, state.round + 1);
}

function describeIssues(issues: readonly Issue[]): string {
  const listed = issues.map(({ at, message }) => (at === "" ? message : `${at}: ${message}`)).join("; ");
  return `That did not fit: ${visible(shortenText(listed, ISSUES_LIMIT))}`;
}
