// What a task asks its client: the open awaits of its run that the client's user may answer, each under a key of its own. A key is made from the fact by which the await
// was opened, so it is the same in every process and never stands for anything else. Nothing is kept.

import { inputRequired, type InputRequests } from "@modelcontextprotocol/server";
import { hashJson, type AwaitDetail, type OpenAwait, type RunView } from "../src/index.ts";
import { questionOf, type Question } from "./question.ts";
import { openDetail } from "./read-run.ts";
import type { VisibleRuns } from "./visible-runs.ts";

/** One question of a task. */
export interface TaskQuestion {
  readonly key: string;
  readonly detail: AwaitDetail;
  readonly question: Question;
}

/** Asked at once at most; further ones follow as these are answered. */
const ASKED_LIMIT = 20;
/** Open awaits looked at for that. */
const LOOKS_LIMIT = 200;
const KEY_LENGTH = 32;

/** The questions that are asked now, those that wait longest first. */
export async function openQuestions(run: RunView, kindling: VisibleRuns): Promise<readonly TaskQuestion[]> {
  const oldest = run.awaits
    .filter(mayBeAsked)
    .sort((a, b) => a.since - b.since)
    .slice(0, LOOKS_LIMIT);
  const questions: TaskQuestion[] = [];
  // Looking at an await folds its run, so no more are looked at than are asked.
  for (let from = 0; from < oldest.length && questions.length < ASKED_LIMIT; from += ASKED_LIMIT) {
    const found = await Promise.all(oldest.slice(from, from + ASKED_LIMIT).map((open) => taskQuestion(open, run, kindling)));
    questions.push(...found.filter((question) => question !== undefined));
  }
  return questions.slice(0, ASKED_LIMIT);
}

/** The questions as the protocol has them. */
export function inputRequestsOf(questions: readonly TaskQuestion[]): InputRequests {
  return Object.fromEntries(
    questions.map(({ key, question: { message, form } }) => [
      key,
      inputRequired.elicit({ message, requestedSchema: form.requestedSchema }),
    ]),
  );
}

/** Gates of other assurances are nobody's to answer here; the rest is for the question to say. */
function mayBeAsked({ by, assurance }: OpenAwait): boolean {
  return by !== "human" || assurance === "client";
}

async function taskQuestion(open: OpenAwait, run: RunView, kindling: VisibleRuns): Promise<TaskQuestion | undefined> {
  const detail = await openDetail(kindling, open);
  const question = detail === undefined ? undefined : questionOf(detail, run);
  return detail === undefined || typeof question !== "object" ? undefined : { key: keyOf(detail), detail, question };
}

function keyOf({ opening, shown }: AwaitDetail): string {
  return `ask_${hashJson({ opening, shown }).slice(0, KEY_LENGTH)}`;
}
