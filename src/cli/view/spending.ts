// What model calls used, as people read it: tokens in and out, and dollars when their price is known.

import { describeCost, type Spending } from "../../index.ts";
import { counted, groupDigits } from "./text.ts";

/** `812→220 tokens  $0.0042`; empty when no model was called, and without the cost where that is nothing or unknown. */
export function describeSpending(spending: Spending): string {
  if (spending.calls === 0) return "";
  return [describeTokens(spending), ...(spending.knownUsd === 0 ? [] : [describeCost(spending)])].join("  ");
}

/** The same for a whole run, with the number of calls and a word about unknown prices. */
export function describeTotal(spending: Spending): string {
  if (spending.calls === 0) return "";
  return [counted(spending.calls, "model call"), describeTokens(spending), describeCost(spending)].join("  ");
}

/** `812→220 tokens`, and how much of the input came from a cache. */
function describeTokens({ inputTokens, outputTokens, cacheReadTokens }: Spending): string {
  const cached = cacheReadTokens === 0 ? "" : `, ${groupDigits(cacheReadTokens)} of them cached`;
  return `${groupDigits(inputTokens)}→${groupDigits(outputTokens)} tokens${cached}`;
}
