// What facts about budgets do to the state of the run that keeps them.

import {
  accountOf,
  addAmounts,
  lessAmounts,
  NO_AMOUNTS,
  type Account,
  type Amounts,
  type BudgetReserved,
  type BudgetSettled,
} from "./budget.ts";
import type { RunState } from "./state.ts";

/** Reserved, or settled. Either may come twice for a call: the later word counts, and a call that is settled stays so. */
export function foldBudget(state: RunState, fact: BudgetReserved | BudgetSettled): void {
  if (fact.type === "budget.settled") {
    for (const account of state.accounts.values()) settle(account, fact);
    return;
  }
  for (const name of fact.accounts) {
    const account = accountOf(state, name);
    state.accounts.set(name, account);
    release(account, fact.call);
    account.open.set(fact.call, fact.reserved);
    account.reserved = addAmounts(account.reserved, fact.reserved);
  }
}

/** A node asks a model once more: which number of it, over the whole life of the run, tells its reservations apart. */
export function foldRequest(state: RunState, index: number): void {
  state.requests.set(index, (state.requests.get(index) ?? 0) + 1);
}

function settle(account: Account, { call, spent, uncertain }: BudgetSettled): void {
  if (release(account, call) === undefined) return;
  account.spent = addAmounts(account.spent, spent);
  if (uncertain === true) account.uncertain = addAmounts(account.uncertain, spent);
}

function release(account: Account, call: string): Amounts | undefined {
  const reserved = account.open.get(call);
  if (reserved === undefined) return undefined;
  account.open.delete(call);
  // Fractions of a cent that sums leave behind do not stay for ever.
  account.reserved = account.open.size === 0 ? NO_AMOUNTS : lessAmounts(account.reserved, reserved);
  return reserved;
}
