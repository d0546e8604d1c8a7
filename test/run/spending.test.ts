// What calls used adds up, and a sum never hides what is not known of it.

import { describe, expect, it } from "vitest";
import { contract } from "../../src/index.ts";
import type { Fact } from "../../src/run/fact.ts";
import { headOf } from "../../src/run/head.ts";
import { runOf } from "./loaded-run.ts";
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

describe("the head of a run", () => {
  const asks = contract("asks", { inputs: {}, define: (g) => g.llm("ask", { needs: {}, prompt: () => "?", model: "p:a" }) });
  const requested = (turn: number, model: string): Fact => ({ type: "model.requested", node: "ask", turn, model, request: "hash" });
  const reply = (turn: number, cost: number): Fact => ({
    type: "model.replied",
    node: "ask",
    turn,
    reply: {
      content: [{ type: "text", text: "" }],
      stop: { reason: "stop" },
      usage: { input: 1, output: 1, cacheRead: null, cacheWrite: null, reasoning: null },
      model: "x",
      warnings: [],
    },
    cost,
    durationMs: 1,
  });
  const failed: Fact = { type: "node.failed", node: "ask", attempt: 1, error: { code: "x", message: "x" }, retryAt: 5 };
  const facts = [requested(1, "p:a"), reply(1, 1), failed, requested(1, "p:b"), reply(1, 2), requested(2, "p:a"), reply(2, 4)];
  const noteOf = (...more: readonly Fact[]) => headOf(runOf(asks, "run_1", {}, [...facts, ...more]).state);

  it("tells once it rests what each model cost, and what was thrown away since a try failed", () => {
    const { note, keys } = noteOf({ type: "node.succeeded", node: "ask", value: "x" }, { type: "run.succeeded" });
    expect(note["spent"]).toMatchObject({
      models: { "p:a": { calls: 2, knownUsd: 5 }, "p:b": { calls: 1, knownUsd: 2 } },
      discarded: { calls: 1, knownUsd: 1 },
    });
    expect(keys).toContain("spent");
  });

  it("tells nothing of it while it is at work, so that replies need no new head", () => {
    expect(noteOf().note["spent"]).toBeUndefined();
  });
});
