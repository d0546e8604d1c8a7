// What was spent, in words. A sum of dollars that is not all is never shown alone.

import type { Spending } from "./spending.ts";

/** `$0.0042`, `$0.0042 and 2 calls without a known price`, or `cost unknown (no price given)`. */
export function describeCost({ calls, knownUsd, unpricedCalls }: Spending): string {
  if (unpricedCalls === 0) return describeDollars(knownUsd);
  if (unpricedCalls === calls && knownUsd === 0) return "cost unknown (no price given)";
  const count = unpricedCalls.toLocaleString("en-US");
  return `${describeDollars(knownUsd)} and ${count} ${unpricedCalls === 1 ? "call" : "calls"} without a known price`;
}

/** Dollars with the digits that matter: cents from a dollar on, else three places that are not zero. */
export function describeDollars(usd: number): string {
  if (usd >= 1 || usd === 0) return `$${usd.toFixed(2)}`;
  const places = Math.min(8, Math.max(4, 2 - Math.floor(Math.log10(usd))));
  return `$${usd.toFixed(places).replace(/0+$/, "").padEnd(4, "0")}`;
}
