// What is said when a budget leaves no room for a call: which one, how it stands, what the call may need, and how to go on.

import type { Budget } from "../graph/budget.ts";
import { ModelError } from "../model/model.ts";
import { OWN_ACCOUNT, type Amounts, type Capped } from "../run/budget.ts";
import { joinPath } from "../run/path.ts";
import { describeDollars } from "../run/spending-text.ts";
import type { RunState } from "../run/state.ts";

/** A budget without room for a call. */
export interface Shortage {
  readonly state: RunState;
  readonly account: string;
  readonly budget: Budget;
  readonly capped: Capped;
  readonly spent: Amounts;
  readonly reserved: Amounts;
  readonly needed: Amounts;
}

/** The call is not made. */
export function budgetExhausted(shortage: Shortage, provider: string): ModelError {
  const { state, account, budget, capped, spent, reserved, needed } = shortage;
  const cap = budget[capped] ?? 0;
  const say = (amounts: Amounts) => amountIn(capped, amounts[capped]);
  const held = reserved[capped] === 0 ? "" : `, ${say(reserved)} held for calls whose end is not known`;
  const may = capped === "turns" ? "and this would be one more" : `and this call may need ${say(needed)}`;
  return new ModelError(
    "budget_exhausted",
    `the budget of ${whose(shortage)} leaves no room: ${say(spent)} of ${amountIn(capped, cap)} spent${held}, ${may}`,
    {
      provider,
      retryable: false,
      fix: `${howToRaise(shortage, spent[capped] + reserved[capped] + needed[capped])}${
        capped === "turns" ? "" : " A call reserves its longest reply: a lower maxOutputTokens needs less."
      }`,
      details: {
        budget: joinPath(state.path, account),
        run: state.id,
        of: capped,
        cap,
        spent: spent[capped],
        reserved: reserved[capped],
        needed: needed[capped],
      },
    },
  );
}

/** Under a cap on dollars nobody can say whether a call without a price fits. */
export function unpriced(model: string, provider: string): ModelError {
  return new ModelError("unpriced", `${model} has no known price, and a budget caps dollars`, {
    provider,
    retryable: false,
    fix: `Add its price to prices (${JSON.stringify(`${provider}:*`)} is all models of the provider), or let the budget say unpriced: "allow".`,
    details: { model },
  });
}

function whose({ state, account }: Shortage): string {
  if (account !== OWN_ACCOUNT) return `node "${joinPath(state.path, account)}"`;
  return state.path === "" ? `run ${state.id}` : `"${state.path}" (contract "${state.plan.name}")`;
}

function howToRaise({ state, account, capped }: Shortage, enough: number): string {
  const retry = `kindling retry ${state.root}`;
  if (account !== OWN_ACCOUNT) return `Raise budget.${capped} of the node, and go on: ${retry}.`;
  if (state.path !== "") return `Raise budget.${capped} of the contract "${state.plan.name}", and go on: ${retry}.`;
  return `Raise it and go on: ${retry} --budget-${capped} ${capped === "usd" ? Math.ceil(enough * 100) / 100 : enough}.`;
}

function amountIn(capped: Capped, amount: number): string {
  if (capped === "usd") return describeDollars(amount);
  return `${amount.toLocaleString("en-US")} ${capped === "tokens" ? "tokens" : amount === 1 ? "request" : "requests"}`;
}
