// What the entries of a node's journal do to the state: conversations with models, calls of tools, work on other systems.

import type { PlanNode } from "../compile/plan.ts";
import type { JournalFact } from "./fact.ts";
import { foldRequest } from "./fold-budget.ts";
import { foldDiscarded, foldSpending } from "./fold-spending.ts";
import { nodeNamed, type RunState } from "./state.ts";

/** An entry is taken down. */
export function foldJournal(state: RunState, fact: JournalFact): void {
  const { index, definition } = nodeNamed(state, fact.node);
  const { work } = definition.behaviour;
  if (work.type === "call" && work.takesBack === "begun") state.begun.add(index);
  const journal = state.journals.get(index) ?? [];
  journal.push(fact);
  state.journals.set(index, journal);
  if (fact.type === "model.requested") foldRequest(state, index);
  if (fact.type === "model.replied") foldSpending(state, journal, fact);
}

/**
 * A conversation whose every request was answered failed by what the last answers said: the next try asks again behind the last tools that were called.
 * Otherwise it goes on where it broke off.
 */
export function forgetFinishedConversation(state: RunState, node: PlanNode): void {
  const journal = state.journals.get(node.index);
  if (journal?.at(-1)?.type !== "model.replied") return;
  const last = journal.findLastIndex(
    (entry) => entry.type === "model.replied" && entry.reply.content.some(({ type }) => type === "tool-call"),
  );
  foldDiscarded(state, journal.slice(last + 1));
  state.journals.set(node.index, journal.slice(0, last + 1));
}
