// What model calls may come to before a run: counted through cases, items and rounds, priced where prices are known.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { outlook, type Outlook } from "../../src/compile/outlook.ts";
import { outlookText } from "../../src/compile/outlook-text.ts";
import { contract } from "../../src/dsl/contract.ts";
import { tool } from "../../src/graph/tool.ts";
import type { Node } from "../../src/graph/node.ts";
import type { PriceTable } from "../../src/model/price.ts";
import { parsePrompt } from "../../src/model/prompt.ts";
import type { GraphBuilder } from "../../src/nodes/index.ts";
import { completed } from "./completed.ts";

const prices: PriceTable = {
  asOf: "2026-11-21",
  source: "test",
  models: { "m:dear": { input: 10, output: 100 }, "m:cheap": { input: 1, output: 10 } },
};

/** Its text is known as a whole: 100 tokens. */
const fixed = parsePrompt("x".repeat(400), { name: "fixed", file: "fixed.prompt.md" });
const messages = ({ unknown }: Outlook) => unknown.map(({ message }) => message);
const asks = (g: GraphBuilder, name: string, model = "m:cheap", maxOutputTokens = 1_000) =>
  g.llm(name, { needs: {}, prompt: fixed, model, maxOutputTokens });

const never = (): never => {
  throw new Error("nothing of the author's runs for an outlook");
};

describe("model calls", () => {
  const usd = ({ cost }: Outlook) => cost.usd;

  it("cost what their prompt and the longest reply cost; a reply that must fit a schema may be asked for twice", () => {
    const made = contract("calls", {
      inputs: {},
      define: (g) => ({
        plain: asks(g, "plain"),
        shaped: g.llm("shaped", { needs: {}, prompt: fixed, model: "m:dear", output: z.object({ a: z.string() }), maxOutputTokens: 1_000 }),
      }),
    });
    const [plain, shaped] = outlook(made, {}, { prices }).modelCalls;
    expect(plain).toMatchObject({ model: "m:cheap", unknown: null, calls: { low: 1, high: 1 } });
    expect(plain).toMatchObject({ inputTokens: { low: 100, high: 100 }, outputTokens: { low: 0, high: 1_000 } });
    expect(plain?.usd.low).toBeCloseTo(100e-6, 9);
    expect(plain?.usd.high).toBeCloseTo(10_100e-6, 9);
    // The second request sends the prompt and the first reply again.
    expect(shaped).toMatchObject({
      calls: { low: 1, high: 2 },
      inputTokens: { low: 100, high: 1_200 },
      outputTokens: { low: 0, high: 2_000 },
    });
    expect(shaped?.usd.high).toBeCloseTo((1_200 * 10 + 2_000 * 100) / 1e6, 9);
  });

  it("without a price, a model or a known prompt cost nobody knows what, and why is told", () => {
    const made = contract("unknown", {
      inputs: {},
      define: (g) => ({
        unpriced: asks(g, "unpriced", "m:new"),
        unnamed: g.llm("unnamed", { needs: {}, prompt: fixed }),
        coded: g.llm("coded", { needs: {}, prompt: never, model: "m:cheap" }),
      }),
    });
    const ahead = outlook(made, {}, { prices });
    const reasons = ["the price of m:new", 'which model "unnamed" asks', 'how long the prompt of "coded" is: a function makes it'];
    expect(ahead.modelCalls.map(({ unknown }) => unknown?.message)).toEqual(reasons);
    expect(messages(ahead)).toEqual([reasons[1], reasons[0], reasons[2]]);
    expect(ahead.unknown.map(({ code, path }) => [code, path])).toEqual([
      ["model_unknown", "unnamed"],
      ["price_unknown", "unpriced"],
      ["prompt_unknown", "coded"],
    ]);
    expect(ahead.unknown[1]?.fix).toContain('"m:new": { input: …, output: … }');
    expect(usd(ahead)).toEqual({ low: null, high: null });
    const free = { ...prices, models: { ...prices.models, "m:new": { input: 0, output: 0 } } };
    const assumed = outlook(made, {}, { prices: free, model: "m:cheap", promptTokens: 50 });
    expect(assumed.unknown).toEqual([]);
    expect(usd(assumed).high).toBeCloseTo((100 + 8_192 * 10 + 50 + 8_192 * 10) / 1e6, 9);
  });

  it("of a branch are those of the cheapest case at least, of the dearest at most", () => {
    const made = contract("branch", {
      inputs: { topic: z.string() },
      define: (g, needs) =>
        g.branch("which", {
          needs,
          on: (): "a" | "b" => never(),
          cases: { a: (g) => asks(g, "small"), b: (g) => asks(g, "large", "m:dear") },
        }),
    });
    const ahead = outlook(made, {}, { prices });
    expect(ahead.cost.calls).toEqual({ low: 1, high: 1 });
    expect(usd(ahead).low).toBeCloseTo(100e-6, 9);
    expect(usd(ahead).high).toBeCloseTo(101_000e-6, 9);
    expect(ahead.modelCalls.map(({ path, times }) => [path, times])).toEqual([
      ["which[a]/small", { low: 0, high: 1 }],
      ["which[b]/large", { low: 0, high: 1 }],
    ]);
    expect(ahead.children).toMatchObject([{ path: "which", cases: ["a", "b"], count: { low: 1, high: 1 } }]);
  });

  const many = (each: (g: GraphBuilder) => Node<string>) =>
    contract("many", {
      inputs: { list: z.array(z.string()) },
      define: (g, { list }) => g.collection("all", { over: list, as: "item", key: never, each }),
    });

  it("of a collection are as many as its list has items, and unknown where the list is", () => {
    const made = many((g) => asks(g, "ask"));
    const known = outlook(made, { list: ["a", "b", "c"] }, { prices });
    expect(known.cost.calls).toEqual({ low: 3, high: 3 });
    expect(known.children).toMatchObject([{ path: "all", count: { low: 3, high: 3 }, cases: [] }]);
    expect(known.modelCalls).toMatchObject([{ path: "all[*]/ask", times: { low: 3, high: 3 } }]);
    expect(usd(outlook(made, { list: [] }, { prices }))).toEqual({ low: 0, high: 0 });
    const members = contract("members", {
      inputs: { record: z.record(z.string(), z.string()) },
      define: (g, { record }) => g.collection("all", { over: record, as: "item", each: (g) => asks(g, "ask") }),
    });
    expect(outlook(members, { record: { a: "x", b: "y" } }, { prices }).cost.calls).toEqual({ low: 2, high: 2 });
    const unknown = outlook(made, {}, { prices });
    expect(unknown.cost.calls).toEqual({ low: 0, high: null });
    expect(messages(unknown)).toEqual(['how many children "all" will have']);
    expect(unknown.unknown[0]?.fix).toBe("Give the input list: its items are counted.");
  });

  it("are multiplied through children, and a list is followed into them", () => {
    const inner = many((g) => asks(g, "ask"));
    const outer = contract("outer", {
      inputs: { list: z.array(z.string()) },
      define(g, { list }) {
        const over = g.const("pair", ["x", "y"]);
        return g.collection("twice", {
          over,
          as: "item",
          key: never,
          with: { list },
          each: (g, { list }) => g.compose("part", { needs: { list }, child: inner }),
        });
      },
    });
    const ahead = outlook(outer, { list: ["a", "b", "c"] }, { prices });
    expect(ahead.cost.calls).toEqual({ low: 6, high: 6 });
    expect(ahead.modelCalls[0]).toMatchObject({ path: "twice[*]/part/all[*]/ask", times: { low: 6, high: 6 } });
    expect(ahead.children.map(({ path, contracts }) => [path, contracts])).toEqual([
      ["twice", []],
      ["twice[*]/part", ["many"]],
      ["twice[*]/part/all", []],
    ]);
  });

  it("of a collection over each item of another are unknown, since the items differ", () => {
    const made = contract("lists", {
      inputs: { lists: z.array(z.array(z.string())) },
      define: (g, { lists }) =>
        g.collection("outer", {
          over: lists,
          as: "list",
          key: never,
          each: (g, { list }) => g.collection("inner", { over: list, as: "item", key: never, each: (g) => asks(g, "ask") }),
        }),
    });
    const ahead = outlook(made, { lists: [["a"], ["b", "c"]] }, { prices });
    expect(ahead.modelCalls[0]?.times).toEqual({ low: 0, high: null });
    expect(messages(ahead)).toEqual(['how many children "outer[*]/inner" will have']);
    expect(ahead.unknown[0]?.fix).toContain("a budget caps");
  });

  it("of children for each item are unknown where their kind does not say over what", () => {
    const made = many((g) => asks(g, "ask"));
    const nodes = made.graph.nodes.map(({ behaviour: { forecast: _forecast, ...behaviour }, ...node }) => ({ ...node, behaviour }));
    const ahead = outlook({ ...made, graph: { ...made.graph, nodes } }, { list: ["a"] }, { prices });
    expect(ahead.children).toMatchObject([{ path: "all", count: { low: 0, high: null } }]);
  });

  it("of rounds are one at least, and as many as there may be", () => {
    const made = contract("rounds", {
      inputs: { start: z.string() },
      define: (g, { start }) =>
        g.repeat("again", { from: start, as: "last", child: (g: GraphBuilder) => asks(g, "ask"), until: never, max: 4 }),
    });
    const forecast = { type: "rounds", from: "from", as: "last", atMost: 4 } as const;
    expect(outlook(completed(made, "again", { forecast }), {}, { prices }).cost.calls).toEqual({ low: 1, high: 4 });
  });

  it("with a cache are priced from all of the input read from it to all of it written; a long one has its own rates", () => {
    const price = {
      input: 10,
      output: 100,
      cacheRead: 1,
      cacheWrite: { "5m": 12, "1h": 20 },
      above: [{ inputTokens: 150, input: 40, output: 200 }],
    };
    const made = contract("cached", {
      inputs: {},
      define: (g) => g.llm("ask", { needs: {}, prompt: fixed, model: "m:x", output: z.object({ a: z.string() }), maxOutputTokens: 100 }),
    });
    const { cost } = outlook(made, {}, { prices: { ...prices, models: { "m:x": price } } });
    expect(usd(outlook(made, {}, { prices })).high).toBeNull();
    expect(cost.usd.low).toBeCloseTo(100e-6, 9);
    // The repair sends 200 tokens, which is more than 150.
    expect(cost.usd.high).toBeCloseTo((100 * 20 + 100 * 100 + 200 * 40 + 100 * 200) / 1e6, 9);
  });

  it("are known where all that fills a prompt file is given", () => {
    const prompt = parsePrompt(`---\ninputs:\n  topic: string\n---\n${"x".repeat(40)}{{topic}}`, { name: "p", file: "p.prompt.md" });
    const made = contract("filled", {
      inputs: { topic: z.string() },
      define: (g, { topic }) => g.llm("ask", { needs: { topic }, prompt, model: "m:cheap", maxOutputTokens: 10 }),
    });
    expect(messages(outlook(made, {}, { prices }))).toEqual(['how long the prompt of "ask" is: it is filled in the run']);
    const ahead = outlook(made, { topic: "y".repeat(400) }, { prices });
    expect(ahead.unknown).toEqual([]);
    expect(ahead.cost.inputTokens.low).toBeGreaterThanOrEqual(110);
    expect(ahead.cost.inputTokens.high).toBe(ahead.cost.inputTokens.low);
  });

  it("that are many weigh more than a few, and what is never asked is not told as unknown", () => {
    const made = contract("weights", {
      inputs: { list: z.array(z.string()) },
      define: (g, { list }) => ({
        once: asks(g, "once", "m:one"),
        all: g.collection("all", { over: list, as: "item", key: never, each: (g) => asks(g, "ask", "m:many") }),
      }),
    });
    expect(messages(outlook(made, { list: ["a", "b"] }))).toEqual(["the price of m:many", "the price of m:one"]);
    expect(messages(outlook(made, { list: [] }))).toEqual(["the price of m:one"]);
  });

  it("whose prices are old are told as doubtful, each model once", () => {
    const made = contract("old", { inputs: {}, define: (g) => ({ a: asks(g, "a"), b: asks(g, "b"), c: asks(g, "c", "m:dear") }) });
    const later = { asOf: "2027-05-01", source: "newer", models: { "m:dear": { input: 1, output: 1 } } };
    const { doubts } = outlook(made, {}, { prices: [prices, later], now: Date.UTC(2027, 5, 1) });
    expect(doubts).toMatchObject([{ code: "price_old", model: "m:cheap", asOf: "2026-11-21", ageDays: 192 }]);
    expect(outlook(made, {}, { prices, now: Date.UTC(2026, 11, 1) }).doubts).toEqual([]);
    expect(outlook(made, {}, { prices }).doubts).toEqual([]);
  });

  it("that call tools are as many as there may be turns, each sending all before it with one result as long as it may be", () => {
    const look = tool("look", { description: "looks", input: z.object({}), resultLimit: 4_000, run: () => "x" });
    const made = contract("agent", {
      inputs: {},
      define: (g) => g.llm("work", { needs: {}, prompt: fixed, model: "m:cheap", maxOutputTokens: 10, maxTurns: 3, tools: [look] }),
    });
    const ahead = outlook(made, {}, { prices });
    expect(ahead.modelCalls).toMatchObject([{ calls: { low: 1, high: 3 }, outputTokens: { low: 0, high: 30 } }]);
    // 100, then 100 + 10 + 1,000, then 100 + 20 + 2,000.
    expect(ahead.cost.inputTokens).toEqual({ low: 100, high: 100 + 1_110 + 2_120 });
    expect(usd(ahead).high).toBeCloseTo((3_330 + 30 * 10) / 1e6, 12);
  });

  it("of several models cost what the cheapest costs at least, and at most what the dearest does", () => {
    const ask = (models: readonly string[]) =>
      contract("chain", { inputs: {}, define: (g) => g.llm("ask", { needs: {}, prompt: fixed, models, maxOutputTokens: 1_000 }) });
    const cost = usd(outlook(ask(["m:dear", "m:cheap"]), {}, { prices }));
    expect([cost.low, cost.high]).toEqual([100e-6, 101_000e-6].map((each) => expect.closeTo(each, 9) as number));
    const unknown = outlook(ask(["m:cheap", "m:new"]), {}, { prices });
    expect([usd(unknown).high, messages(unknown)]).toEqual([null, ["the price of m:new"]]);
  });

  it("under a budget of the contract are told with it", () => {
    const made = contract("capped", { budget: { usd: 0.5, turns: 20 }, inputs: {}, define: (g) => asks(g, "ask") });
    const ahead = outlook(made, {}, { prices });
    expect(ahead.budget).toEqual({ usd: 0.5, turns: 20 });
    expect(outlookText(ahead)).toContain("  no more than $0.5, 20 calls: the budget of the contract\n");
  });
});
