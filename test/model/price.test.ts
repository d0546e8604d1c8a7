import { describe, expect, it } from "vitest";
import type { Usage } from "../../src/model/model.ts";
import { costOf, NO_PRICES, type PriceTable } from "../../src/model/price.ts";

const prices: PriceTable = {
  asOf: "2026-11-21",
  source: "a test",
  models: { "p:full": { input: 10, output: 50, cacheRead: 1, cacheWrite: 12.5 }, "p:plain": { input: 10, output: 50 } },
};
const usage: Usage = { input: 1_000, output: 100, cacheRead: null, cacheWrite: null, reasoning: 40 };

describe("prices", () => {
  it("reasoning is part of the output and not counted twice", () => {
    expect(costOf("p:plain", usage, prices)).toBeCloseTo(0.015, 10);
  });

  it("cached input is taken out of the input and priced for itself", () => {
    expect(costOf("p:full", { ...usage, cacheRead: 400, cacheWrite: 200 }, prices)).toBeCloseTo(
      (400 * 10 + 400 * 1 + 200 * 12.5 + 100 * 50) / 1e6,
      10,
    );
  });

  it.each([
    ["a model without a price", "p:other", usage],
    ["a name every object has", "constructor", usage],
    ["an unknown token count", "p:plain", { ...usage, output: null }],
    ["a cache read without a price", "p:plain", { ...usage, cacheRead: 1 }],
    ["a cache write without a price", "p:plain", { ...usage, cacheWrite: 1 }],
  ])("%s costs null and not 0", (_name, model, tokens) => {
    expect(costOf(model, tokens, prices)).toBeNull();
  });

  it("no price is shipped", () => {
    expect(NO_PRICES.models).toEqual({});
  });
});
