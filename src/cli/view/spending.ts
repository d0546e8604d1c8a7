// What model calls used, as people read it: tokens in and out, and dollars when their price is known.

import type { Spending } from "../../index.ts";
import { counted, groupDigits } from "./text.ts";

/** `812→220 tokens  $0.0042`; empty when no model was called. */
export function describeSpending({ calls, inputTokens, outputTokens, usd }: Spending): string {
  if (calls === 0) return "";
  return [`${groupDigits(inputTokens)}→${groupDigits(outputTokens)} tokens`, ...dollars(usd)].join("  ");
}

/** The same for a whole run, with the number of calls and a word about an unknown price. */
export function describeTotal(spending: Spending): string {
  if (spending.calls === 0) return "";
  const cost = spending.usd === null ? ["cost unknown (no price given)"] : spending.usd === 0 ? [describeDollars(0)] : [];
  return [counted(spending.calls, "model call"), describeSpending(spending), ...cost].join("  ");
}

/** Dollars with the digits that matter: cents from a dollar on, else three places that are not zero. */
export function describeDollars(usd: number): string {
  if (usd >= 1 || usd === 0) return `$${usd.toFixed(2)}`;
  const places = Math.min(8, Math.max(4, 2 - Math.floor(Math.log10(usd))));
  return `$${usd.toFixed(places).replace(/0+$/, "").padEnd(4, "0")}`;
}

function dollars(usd: number | null): string[] {
  return usd === null || usd === 0 ? [] : [describeDollars(usd)];
}
