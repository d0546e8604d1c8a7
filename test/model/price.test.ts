import { describe, expect, it } from "vitest";
import type { Usage } from "../../src/model/model.ts";
import { costOf, leastOf, mostOf, NO_PRICES, priceOf, type PriceTable } from "../../src/model/price.ts";
import { doubtAbout, pricesProblem } from "../../src/model/price-table.ts";

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

  const table = (models: PriceTable["models"], more: Partial<PriceTable> = {}): PriceTable => ({ ...prices, models, ...more });

  it("a long call has the rates of the largest size it exceeds, for all of its tokens", () => {
    const tiers = [
      { inputTokens: 500, input: 30, output: 90 },
      { inputTokens: 200, input: 20, output: 70 },
    ];
    const long = table({ "p:x": { input: 10, output: 50, above: tiers } });
    const cost = (input: number) => costOf("p:x", { ...usage, input }, long);
    expect(cost(200)).toBeCloseTo((200 * 10 + 100 * 50) / 1e6, 12);
    expect(cost(201)).toBeCloseTo((201 * 20 + 100 * 70) / 1e6, 12);
    expect(cost(900)).toBeCloseTo((900 * 30 + 100 * 90) / 1e6, 12);
  });

  it("cache writes are priced by span where the provider tells it, and are unknown where it does not", () => {
    const spans = table({ "p:x": { input: 10, output: 0, cacheWrite: { "5m": 12.5, "1h": 20 } } });
    const written = { ...usage, output: 0, cacheWrite: 300 };
    expect(costOf("p:x", written, spans)).toBeNull();
    expect(costOf("p:x", { ...written, cacheWriteSpans: { "5m": 100, "1h": 200 } }, spans)).toBeCloseTo(
      (700 * 10 + 100 * 12.5 + 200 * 20) / 1e6,
      12,
    );
    expect(costOf("p:x", { ...written, cacheWriteSpans: { "5m": 100 } }, spans), "the rest is of no known span").toBeNull();
    expect(costOf("p:x", { ...written, cacheWriteSpans: { "30m": 300 } }, spans), "a span without a rate").toBeNull();
    const one = table({ "p:x": { input: 10, output: 0, cacheWrite: { "5m": 12.5 } } });
    expect(costOf("p:x", written, one), "there is one rate only").toBeCloseTo((700 * 10 + 300 * 12.5) / 1e6, 12);
  });

  it("of several tables the later one counts, model by model", () => {
    const list = table({ "p:a": { input: 1, output: 1 }, "p:b": { input: 1, output: 1 } });
    const ours = table({ "p:b": { input: 2, output: 2 } }, { source: "our contract" });
    expect(priceOf("p:a", [list, ours])?.table).toBe(list);
    expect(priceOf("p:b", [list, ours])?.table).toBe(ours);
  });

  it("a dated name of a model has its price only where the table says so", () => {
    const models = { "p:m": { input: 1, output: 1 } };
    expect(priceOf("p:m-20261001", table(models))).toBeUndefined();
    const found = priceOf("p:m-20261001", table(models, { aliases: { "p:m-20261001": "p:m" } }));
    expect(found?.name).toBe("p:m");
  });

  it("all models of a provider can have one price, and one of them its own", () => {
    const local = table({ "ollama:*": { input: 0, output: 0 } });
    expect(costOf("ollama:any", usage, local)).toBe(0);
    expect(costOf("other:any", usage, local)).toBeNull();
    const dear = table({ "ollama:big": { input: 1e6, output: 0 } });
    expect(costOf("ollama:big", usage, [dear, local]), "a name counts before a star, whatever the order").toBe(1_000);
  });

  it("bounds are from all of the input read from a cache to all of it written for the dearest span", () => {
    const cached = table({ "p:x": { input: 10, output: 50, cacheRead: 1, cacheWrite: { "5m": 12.5, "1h": 20 } } });
    expect(leastOf("p:x", { input: 1_000, output: 0 }, cached)).toBeCloseTo(1_000e-6, 12);
    expect(mostOf("p:x", { input: 1_000, output: 100 }, cached)).toBeCloseTo(25_000e-6, 12);
    expect([leastOf("p:y", { input: 1, output: 1 }, cached), mostOf("p:y", { input: 1, output: 1 }, cached)]).toEqual([null, null]);
  });

  it("are doubtful when they are older than their table is good for", () => {
    const found = (goodForDays?: number) => {
      const price = priceOf("p:m", table({ "p:m": { input: 1, output: 1 } }, goodForDays === undefined ? {} : { goodForDays }));
      if (price === undefined) throw new Error("the price is there");
      return price;
    };
    const days = (count: number) => Date.parse("2026-11-21") + count * 86_400_000;
    expect(doubtAbout("p:m", found(), days(90))).toBeUndefined();
    expect(doubtAbout("p:m", found(), days(91))?.message).toBe("the price of p:m was read 91 days ago, on 2026-11-21 (a test)");
    expect(doubtAbout("p:m", found(365), days(91))).toBeUndefined();
  });

  it.each([
    [undefined, "prices is undefined"],
    [{ ...prices, asOf: "yesterday" }, 'prices.asOf is "yesterday", which is no day'],
    [{ ...prices, source: "" }, "prices.source is missing"],
    [{ ...prices, models: { gpt: { input: 1, output: 1 } } }, 'prices.models["gpt"] names no provider'],
    [table({ "p:m": { input: -1, output: 1 } }), 'prices.models["p:m"].input is -1'],
    [[prices, { ...prices, models: { "p:m": { input: 1 } } }], 'prices[1].models["p:m"].output is missing'],
    [
      { ...prices, models: { "p:m": { input: 1, output: 1, cacheWrite: { "2h": 1 } } } },
      'prices.models["p:m"].cacheWrite["2h"] is no span',
    ],
    [
      { ...prices, models: { "p:m": { input: 1, output: 1, above: [{ input: 1, output: 1 }] } } },
      'prices.models["p:m"].above[0].inputTokens is missing',
    ],
    [{ ...prices, aliases: { "p:b": "p:a" } }, 'prices.aliases["p:b"] is "p:a", which is not in its models'],
    [{ ...prices, goodForDays: 0 }, "prices.goodForDays is 0"],
    [prices, undefined],
  ])("a table that is none is told with the place and the value", (given, message) => {
    expect(pricesProblem(given)?.message).toBe(message);
  });
});
