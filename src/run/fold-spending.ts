// What replies of models do to the state of a run: what it spent in all, what each of its models took, and what was spent on replies that came to nothing.

import type { JournalEntry } from "../graph/work.ts";
import { addSpending, NO_SPENDING, replySpending, type Spending } from "./spending.ts";
import type { RunState } from "./state.ts";

type Replied = Extract<JournalEntry, { readonly type: "model.replied" }>;

/** A model has replied; `journal` is the conversation up to there. */
export function foldSpending(state: RunState, journal: readonly JournalEntry[], reply: Replied): void {
  const spending = replySpending(reply);
  state.spending = addSpending(state.spending, spending);
  const model = modelOf(journal, reply.turn);
  state.models.set(model, addSpending(state.models.get(model) ?? NO_SPENDING, spending));
}

/** Replies of a try that failed are thrown away: another try asks again. */
export function foldDiscarded(state: RunState, thrownAway: readonly JournalEntry[]): void {
  for (const entry of thrownAway) if (entry.type === "model.replied") state.discarded = addSpending(state.discarded, replySpending(entry));
}

/** The full name of the model that was asked last in a turn. */
export function modelOf(journal: readonly JournalEntry[], turn: number): string {
  const asked = journal.findLast((entry) => entry.type === "model.requested" && entry.turn === turn);
  return asked?.type === "model.requested" ? asked.model : "unknown:unknown";
}

/** What a run's own nodes spent, children left out: what its head notes once it rests. */
export interface NotedSpending {
  /** By full model name. */
  readonly models: Readonly<Record<string, Spending>>;
  /** Part of it: replies that were thrown away, since a try failed and another one asked again. */
  readonly discarded?: Spending;
}

/** What the head of a run notes; undefined while it is at work, since that is read from its facts. */
export function notedSpending({ status, models, discarded }: RunState): NotedSpending | undefined {
  if (status === "running") return undefined;
  return { models: Object.fromEntries(models), ...(discarded.calls === 0 ? {} : { discarded }) };
}
