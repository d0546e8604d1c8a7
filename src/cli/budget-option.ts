// `--budget-usd` and its kin: what a run may spend, as somebody types it.

import type { Budget } from "../index.ts";
import { UsageError } from "./problem.ts";

/** Options of commands that let a run spend. */
export interface BudgetOptions {
  readonly budgetUsd?: string;
  readonly budgetTokens?: string;
  readonly budgetTurns?: string;
}

/** What to pass on: nothing where no cap was given. @throws UsageError `bad_option` */
export function budgetFrom({ budgetUsd, budgetTokens, budgetTurns }: BudgetOptions): { readonly budget?: Budget } {
  const caps = [
    ["usd", budgetUsd],
    ["tokens", budgetTokens],
    ["turns", budgetTurns],
  ] as const;
  const given = caps.flatMap(([cap, text]) => (text === undefined ? [] : [[cap, amountOf(cap, text)] as const]));
  return given.length === 0 ? {} : { budget: Object.fromEntries(given) };
}

function amountOf(cap: "usd" | "tokens" | "turns", text: string): number {
  const amount = Number(text);
  if (text.trim() !== "" && Number.isFinite(amount) && amount >= 0 && (cap === "usd" || Number.isInteger(amount))) return amount;
  throw new UsageError("bad_option", `--budget-${cap} ${text} is no ${cap === "usd" ? "sum of dollars" : `number of ${cap}`}`, {
    fix: `Give a ${cap === "usd" ? "number, such as 0.50" : "whole number"}.`,
  });
}
