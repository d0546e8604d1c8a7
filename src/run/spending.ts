// What model calls used, and how it adds up.

import type { JournalEntry } from "../graph/work.ts";

/** Model calls of a run: how many, tokens, US dollars (null when a price is unknown). */
export interface Spending {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usd: number | null;
}

/** No spending yet. */
export const NO_SPENDING: Spending = { calls: 0, inputTokens: 0, outputTokens: 0, usd: 0 };

/** What one reply of a model used. */
export function replySpending({ reply, cost }: Extract<JournalEntry, { type: "model.replied" }>): Spending {
  return { calls: 1, inputTokens: reply.usage.input ?? 0, outputTokens: reply.usage.output ?? 0, usd: cost };
}

/** The sum of two; an unknown price makes the sum unknown. */
export function addSpending(a: Spending, b: Spending): Spending {
  return {
    calls: a.calls + b.calls,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    usd: a.usd === null || b.usd === null ? null : a.usd + b.usd,
  };
}

/** What was spent beyond something that is part of it. */
export function lessSpending(whole: Spending, part: Spending): Spending {
  return {
    calls: whole.calls - part.calls,
    inputTokens: whole.inputTokens - part.inputTokens,
    outputTokens: whole.outputTokens - part.outputTokens,
    usd: whole.usd === null || part.usd === null ? null : whole.usd - part.usd,
  };
}
