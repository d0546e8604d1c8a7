// Budgets as people read them: what was spent of each cap, what is held, what is left.

import { type Amounts, type BudgetView, describeDollars } from "../../index.ts";
import { groupDigits } from "./text.ts";

const CAPS = ["usd", "tokens", "turns"] as const;

/** A line for each cap: `run  $0.50 of $1.00 spent, $0.12 held, $0.38 left`. */
export function budgetLines(budgets: readonly BudgetView[]): string[] {
  return budgets.flatMap(({ path, budget, spent, uncertain, reserved, left }) =>
    CAPS.flatMap((capped) => {
      const cap = budget[capped];
      if (cap === undefined) return [];
      const say = (amounts: Partial<Amounts>) => amountIn(capped, amounts[capped] ?? 0);
      const unsure = uncertain[capped] === 0 ? "" : ` (${say(uncertain)} of it for calls of which nobody knows what they came to)`;
      const held = reserved[capped] === 0 ? "" : `, ${say(reserved)} held`;
      return [`${path === "" ? "run" : path}  ${say(spent)} of ${amountIn(capped, cap)} spent${unsure}${held}, ${say(left)} left`];
    }),
  );
}

function amountIn(capped: (typeof CAPS)[number], amount: number): string {
  if (capped === "usd") return describeDollars(amount);
  return `${groupDigits(amount)} ${capped === "tokens" ? "tokens" : "requests"}`;
}
