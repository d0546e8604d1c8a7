// What a client's user answered to the questions of a task: each answer is delivered as an event, once. What answers no open question is passed over, as the extension
// wants it: the question may have been answered meanwhile, here or elsewhere. An answer that does not fit is refused, and its question stays.

import { inputResponse } from "@modelcontextprotocol/server";
import { clientAsserted, hashJson, type Actor, type RefusalCode, type RunView } from "../src/index.ts";
import { openQuestions, type TaskQuestion } from "./task-questions.ts";
import type { Call } from "./tool.ts";

/** Who answers, and for which runs. */
export type Answerer = Pick<Call, "kindling" | "trace"> & { readonly actor: Actor };

/** What the client sent, by the keys of questions: it may be anything. */
export type Responses = Readonly<Record<string, unknown>>;

/** Why an answer was not taken: its key, and what is wrong with it. */
export interface Unfit {
  readonly key: string;
  readonly issues: readonly { readonly at: string; readonly message: string }[];
}

/** The question was answered meanwhile, or is not asked any more. */
const CLOSED: ReadonlySet<RefusalCode> = new Set([
  "already_decided",
  "delivery_conflict",
  "stale_approval",
  "unknown_event",
  "ambiguous_correlation",
  "run_ended",
  "run_not_found",
  "run_erased",
]);

/** Delivers the answers; gives those that do not fit. A form that was closed without an answer delivers nothing. */
export async function takeAnswers(run: RunView, responses: Responses, answerer: Answerer): Promise<readonly Unfit[]> {
  const open = (await openQuestions(run, answerer.kindling)).filter(({ key }) => Object.hasOwn(responses, key));
  const unfit: Unfit[] = [];
  for (const question of open) {
    const issues = await takeAnswer(question, responses, answerer);
    if (issues.length > 0) unfit.push({ key: question.key, issues });
  }
  return unfit;
}

async function takeAnswer(
  { key, detail, question }: TaskQuestion,
  responses: Responses,
  { kindling, actor, trace }: Answerer,
): Promise<Unfit["issues"]> {
  const response = inputResponse(responses, key);
  if (response.kind !== "elicit") return [{ at: "", message: "is no answer to a form" }];
  if (response.action !== "accept") return [];
  const { event, run, path, shown } = detail;
  const payload = question.form.payloadOf(response.content);
  const delivery = await kindling.deliver({
    event,
    run,
    path,
    payload,
    // The same answer to the same question is the same delivery, however often it comes.
    deliveryId: `mcp_task_${hashJson({ key, payload })}`,
    shown,
    actor: clientAsserted(actor),
    ...trace,
  });
  if (delivery.status !== "refused" || CLOSED.has(delivery.code)) return [];
  const { issues = [] } = delivery;
  if (issues.length > 0) return issues;
  return [{ at: "", message: delivery.code === "invalid_payload" ? "does not fit" : "is not for this client to answer" }];
}
