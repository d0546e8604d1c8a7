// What model calls used, and how it adds up.

import type { JournalEntry } from "../graph/work.ts";

/** Model calls of a node, a run or several runs: how many, and what they used. A sum of dollars never hides that a price was unknown: it is told beside it. */
export interface Spending {
  readonly calls: number;
  /** All input, that which was read from or written to a cache included. */
  readonly inputTokens: number;
  /** All output, reasoning included. */
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly reasoningTokens: number;
  /** US dollars of the calls whose cost is known. It is the whole cost only where `unpricedCalls` is 0: `totalUsd` tells. */
  readonly knownUsd: number;
  /** Calls of which nobody knows what they cost, for want of a price or of a count of tokens. */
  readonly unpricedCalls: number;
}

/** No spending yet. */
export const NO_SPENDING: Spending = Object.freeze({
  calls: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  knownUsd: 0,
  unpricedCalls: 0,
});

/** What one reply of a model used. */
export function replySpending({ reply: { usage }, cost }: Extract<JournalEntry, { type: "model.replied" }>): Spending {
  return {
    calls: 1,
    inputTokens: usage.input ?? 0,
    outputTokens: usage.output ?? 0,
    cacheReadTokens: usage.cacheRead ?? 0,
    cacheWriteTokens: usage.cacheWrite ?? 0,
    reasoningTokens: usage.reasoning ?? 0,
    knownUsd: cost ?? 0,
    unpricedCalls: cost === null ? 1 : 0,
  };
}

/** The cost of all calls in US dollars; null when that of any of them is unknown. */
export function totalUsd({ knownUsd, unpricedCalls }: Spending): number | null {
  return unpricedCalls === 0 ? knownUsd : null;
}

/** The sum of two. */
export function addSpending(a: Spending, b: Spending): Spending {
  return combined(a, b, 1);
}

/** What was spent beyond something that is part of it. */
export function lessSpending(whole: Spending, part: Spending): Spending {
  return combined(whole, part, -1);
}

function combined(a: Spending, b: Spending, sign: 1 | -1): Spending {
  return {
    calls: a.calls + sign * b.calls,
    inputTokens: a.inputTokens + sign * b.inputTokens,
    outputTokens: a.outputTokens + sign * b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + sign * b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + sign * b.cacheWriteTokens,
    reasoningTokens: a.reasoningTokens + sign * b.reasoningTokens,
    knownUsd: a.knownUsd + sign * b.knownUsd,
    unpricedCalls: a.unpricedCalls + sign * b.unpricedCalls,
  };
}
