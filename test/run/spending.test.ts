// What calls used adds up, and a sum never hides what is not known of it.

import { describe, expect, it } from "vitest";
import { addSpending, lessSpending, NO_SPENDING, replySpending, totalUsd, type Spending } from "../../src/run/spending.ts";
import { describeCost, describeDollars } from "../../src/run/spending-text.ts";

const replied = (cost: number | null): Spending =>
  replySpending({
    type: "model.replied",
    turn: 1,
    reply: {
      content: [],
      stop: { reason: "stop" },
      usage: { input: 100, output: 20, cacheRead: 60, cacheWrite: null, reasoning: 5 },
      model: "x",
      warnings: [],
    },
    cost,
    durationMs: 1,
  });

describe("spending", () => {
  it("adds up caches and reasoning, and counts the calls whose cost is unknown", () => {
    const sum = addSpending(replied(0.25), replied(null));
    expect(sum).toEqual({
      calls: 2,
      inputTokens: 200,
      outputTokens: 40,
      cacheReadTokens: 120,
      cacheWriteTokens: 0,
      reasoningTokens: 10,
      knownUsd: 0.25,
      unpricedCalls: 1,
    });
    expect(totalUsd(sum)).toBeNull();
    expect(totalUsd(lessSpending(sum, replied(null)))).toBe(0.25);
    expect(lessSpending(sum, sum)).toEqual(NO_SPENDING);
  });

  it.each([
    [replied(0.5), "$0.50"],
    [addSpending(replied(0.5), replied(null)), "$0.50 and 1 call without a known price"],
    [addSpending(replied(null), addSpending(replied(null), replied(0))), "$0.00 and 2 calls without a known price"],
    [replied(null), "cost unknown (no price given)"],
    [NO_SPENDING, "$0.00"],
  ])("is told with what is not known of it", (spending, told) => {
    if (told.startsWith("$0.00 and")) expect(spending.calls).toBe(3);
    expect(describeCost(spending)).toBe(told);
  });

  it("small sums keep the digits that say something", () => {
    expect([12.345, 0.5, 0.00421, 0.0000123, 0].map(describeDollars)).toEqual(["$12.35", "$0.50", "$0.00421", "$0.0000123", "$0.00"]);
  });
});
