// Budgets as callers give them: checked at the door, since they may come as JSON.

import { InputError } from "../errors.ts";
import { budgetProblem, mergedBudget, type Budget } from "../graph/budget.ts";
import type { Entry } from "../ledger/ledger.ts";
import { readFact } from "../run/read-fact.ts";

/** The budget, or undefined where none was given. @throws InputError `bad_budget` */
export function givenBudget(budget: Budget | undefined): Budget | undefined {
  if (budget === undefined) return undefined;
  const problem = budgetProblem(budget);
  if (problem !== undefined) throw new InputError("bad_budget", problem.message, { fix: problem.fix });
  return { ...budget };
}

/** What the start of a run, and retries since, gave it up to a position. */
export function budgetAt(entries: readonly Entry[], position: number): Budget | undefined {
  let budget: Budget | undefined;
  for (const entry of entries) {
    if (entry.position > position) break;
    for (const json of entry.facts) {
      if (json["type"] !== "run.started" && json["type"] !== "run.retried") continue;
      const fact = readFact(json, entry.run);
      if (fact.type === "run.started" || fact.type === "run.retried") budget = mergedBudget(budget, fact.budget);
    }
  }
  return budget;
}
