// A cap on what models may cost: on a node, on a contract, or on a run. Only what it says; who keeps it is the host.

/** What may be spent. Every cap that is given holds. */
export interface Budget {
  /** US dollars. Calls of models without a known price are refused under it. */
  readonly usd?: number;
  /** Tokens in and out, those read from a cache included. */
  readonly tokens?: number;
  /** Requests to models. */
  readonly turns?: number;
  /** `allow`: calls without a known price are made under a cap on dollars, and count as nothing towards it. Default `refuse`. */
  readonly unpriced?: "refuse" | "allow";
}

const CAPS = ["usd", "tokens", "turns"] as const;

/** What is wrong with a budget; undefined for one that can be kept. */
export function budgetProblem(budget: unknown): { readonly message: string; readonly fix: string } | undefined {
  if (typeof budget !== "object" || budget === null || Array.isArray(budget))
    return {
      message: `budget is ${budget === null ? "null" : typeof budget}`,
      fix: "Give { usd }, { tokens } or { turns }, or several of them.",
    };
  const members = Object.entries<unknown>({ ...budget }).filter(([, value]) => value !== undefined);
  for (const [name, value] of members) {
    if (name === "unpriced") {
      if (value !== "refuse" && value !== "allow")
        return { message: `budget.unpriced is ${JSON.stringify(value)}`, fix: '"refuse" or "allow".' };
      continue;
    }
    if (!CAPS.some((cap) => cap === name))
      return { message: `budget.${name} is unknown`, fix: "There are usd, tokens, turns and unpriced." };
    const isWhole = name === "usd" || Number.isInteger(value);
    if (typeof value !== "number" || !Number.isFinite(value) || value < 0 || !isWhole)
      return { message: `budget.${name} is ${JSON.stringify(value)}`, fix: `Give a ${name === "usd" ? "" : "whole "}number from 0 on.` };
  }
  if (members.some(([name]) => name !== "unpriced")) return undefined;
  return { message: "budget caps nothing", fix: "Give usd, tokens or turns." };
}

/** A budget with what is different in another one; undefined where neither says anything. */
export function mergedBudget(budget: Budget | undefined, other: Budget | undefined): Budget | undefined {
  if (budget === undefined || other === undefined) return other ?? budget;
  return { ...budget, ...other };
}
