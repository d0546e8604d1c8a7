// What was spent under a budget, what is reserved, and whether there is room for one more call. Pure: the caps come from the plan and from the facts of the run.

import { mergedBudget, type Budget } from "../graph/budget.ts";
import type { JournalEntry } from "../graph/work.ts";
import { addSpending, NO_SPENDING, replySpending, type Spending } from "./spending.ts";
import type { RunState } from "./state.ts";

/** Dollars, tokens and requests. */
export interface Amounts {
  readonly usd: number;
  readonly tokens: number;
  readonly turns: number;
}

/** One thing that a budget caps. */
export type Capped = keyof Amounts;

/** A call's worst case is reserved here, in the stream of the run that keeps the budget, before the call is made. */
export interface BudgetReserved {
  readonly type: "budget.reserved";
  /** `<run>:<node>:<number of the request>`: the same for a call that a crash cut off before it was requested. */
  readonly call: string;
  /** The budgets of this run that it counts towards: the names of nodes, and `""` for that of the run itself. */
  readonly accounts: readonly string[];
  /** The calling node's path from the root run. */
  readonly from: string;
  readonly model: string;
  readonly reserved: Amounts;
}

/** What the call came to. */
export interface BudgetSettled {
  readonly type: "budget.settled";
  readonly call: string;
  readonly spent: Amounts;
  /** Nobody knows what it came to, or not all of it: the call was cut off, or there was no price. What was reserved counts as spent. */
  readonly uncertain?: true;
}

/** What is known of one budget. */
export interface Account {
  spent: Amounts;
  /** The part of it that was reserved for calls of which nobody knows what they came to. */
  uncertain: Amounts;
  /** What is reserved, by the id of the call. */
  readonly open: Map<string, Amounts>;
  /** The sum of it. */
  reserved: Amounts;
}

export const NO_AMOUNTS: Amounts = Object.freeze({ usd: 0, tokens: 0, turns: 0 });

/** The account of the run itself. */
export const OWN_ACCOUNT = "";

export function addAmounts(a: Amounts, b: Amounts): Amounts {
  return { usd: a.usd + b.usd, tokens: a.tokens + b.tokens, turns: a.turns + b.turns };
}

export function lessAmounts(a: Amounts, b: Amounts): Amounts {
  return { usd: a.usd - b.usd, tokens: a.tokens - b.tokens, turns: a.turns - b.turns };
}

/** The budget behind an account: that of a node, or of the run: its contract's, with what its start or a retry said in place. */
export function budgetOf({ plan, budget }: Pick<RunState, "plan" | "budget">, account: string): Budget | undefined {
  return account === OWN_ACCOUNT ? mergedBudget(plan.graph.budget, budget) : plan.byName.get(account)?.definition.behaviour.budget;
}

/** The accounts of a run towards which a call of one of its nodes counts, or of a child of that node. */
export function accountsFor(state: Pick<RunState, "plan" | "budget">, node: string): readonly string[] {
  return [OWN_ACCOUNT, node].filter((account) => budgetOf(state, account) !== undefined);
}

/** How a budget stands. One that comes to a run that has spent already begins with that. */
export function accountOf(state: RunState, account: string): Account {
  const known = state.accounts.get(account);
  if (known !== undefined) return known;
  const before = account === OWN_ACCOUNT ? state.spending : spentIn(state.journals.get(state.plan.byName.get(account)?.index ?? -1) ?? []);
  const { knownUsd: usd, inputTokens, outputTokens, calls: turns } = before;
  return { spent: { usd, tokens: inputTokens + outputTokens, turns }, uncertain: NO_AMOUNTS, open: new Map(), reserved: NO_AMOUNTS };
}

function spentIn(journal: readonly JournalEntry[]): Spending {
  return journal.reduce((sum, entry) => (entry.type === "model.replied" ? addSpending(sum, replySpending(entry)) : sum), NO_SPENDING);
}

const CAPS: readonly Capped[] = ["usd", "tokens", "turns"];

/** Sums of dollars differ from what they should be by less than this. */
const USD_SLACK = 1e-9;

/** What a call asks for more than there is; undefined when there is room for it. */
export function lacking(budget: Budget, used: Amounts, needed: Amounts): Capped | undefined {
  return CAPS.find((capped) => {
    const cap = budget[capped];
    return cap !== undefined && used[capped] + needed[capped] > cap + (capped === "usd" ? USD_SLACK : 0);
  });
}

/** A budget, and how it stands. */
export interface BudgetView {
  /** Of the run or child that keeps it, or of its node, from the root run; empty for the root run itself. */
  readonly path: string;
  readonly budget: Budget;
  readonly spent: Amounts;
  /** Part of what was spent: calls of which nobody knows what they came to count with what was reserved for them. */
  readonly uncertain: Amounts;
  /** Reserved for calls that are not settled. In a run that is not at work those were cut off. */
  readonly reserved: Amounts;
  /** What is left of each cap; 0 where more was spent than was reserved. */
  readonly left: Partial<Amounts>;
}

/** The budgets that a run keeps. */
export function budgetViews(state: RunState): readonly BudgetView[] {
  const nodes = state.plan.nodes.flatMap(({ name, definition }) => (definition.behaviour.budget === undefined ? [] : [name]));
  return [OWN_ACCOUNT, ...nodes].flatMap((account) => {
    const budget = budgetOf(state, account);
    if (budget === undefined) return [];
    const { spent, uncertain, reserved } = accountOf(state, account);
    const left = CAPS.flatMap((capped) => {
      const cap = budget[capped];
      return cap === undefined ? [] : [[capped, Math.max(0, cap - spent[capped] - reserved[capped])]];
    });
    const path = [state.path, account].filter((part) => part !== "").join("/");
    // Made of the caps just now.
    return [{ path, budget, spent, uncertain, reserved, left: Object.fromEntries(left) as Partial<Amounts> }];
  });
}
