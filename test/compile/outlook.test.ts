// What is known of a run before there is one. Nothing of the contract runs for it, and what cannot be known is said to be unknown.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { outlookText } from "../../src/compile/outlook-text.ts";
import { outlook, type Outlook } from "../../src/compile/outlook.ts";
import { contract } from "../../src/dsl/contract.ts";
import type { Contract } from "../../src/graph/contract.ts";
import { defineExecutor } from "../../src/graph/executor.ts";
import type { Node } from "../../src/graph/node.ts";
import type { PriceTable } from "../../src/model/price.ts";
import { parsePrompt } from "../../src/model/prompt.ts";
import type { GraphBuilder } from "../../src/nodes/index.ts";
import type { Schema } from "../../src/schema.ts";
import { completed } from "./completed.ts";

const prices: PriceTable = {
  asOf: "2026-11-21",
  source: "test",
  models: { "m:dear": { input: 10, output: 100 }, "m:cheap": { input: 1, output: 10 } },
};
const items = { forecast: { type: "items", over: "over", as: "item" } } as const;

/** Its text is known as a whole: 100 tokens. */
const fixed = parsePrompt("x".repeat(400), { name: "fixed", file: "fixed.prompt.md" });
const asks = (g: GraphBuilder, name: string, model = "m:cheap", maxOutputTokens = 1_000) =>
  g.llm(name, { needs: {}, prompt: fixed, model, maxOutputTokens });

const never = (): never => {
  throw new Error("nothing of the author's runs for an outlook");
};

describe("inputs", () => {
  const made = contract("inputs", {
    inputs: {
      topic: z.string().min(3),
      langs: z.array(z.object({ id: z.string() })),
      words: z.int().default(5),
      note: z.string().optional(),
    },
    define: (_g, handles) => handles,
  });
  // Callers without types give anything.
  const untyped = made as unknown as Contract<Readonly<Record<string, unknown>>, unknown>;

  it("are told apart: given, left out as they may be, missing, and invalid with every place", () => {
    expect(outlook(made).inputs).toEqual({ given: [], defaulted: ["words", "note"], missing: ["topic", "langs"], invalid: [] });
    const told = outlook(untyped, { topic: "it", langs: [{ id: "de" }, { id: 5 }], words: 7, nte: "x" }).inputs;
    expect(told).toMatchObject({ given: ["words"], defaulted: ["note"], missing: [] });
    expect(told.invalid.map(({ at }) => at)).toEqual(["topic", "langs[1].id", "nte"]);
    expect(told.invalid[2]?.message).toContain('Did you mean "note"?');
  });

  it("that are no object, or no JSON, are invalid", () => {
    expect(outlook(untyped, [] as unknown as {}).inputs.invalid).toEqual([{ at: "", message: "inputs must be an object" }]);
    const dated = contract("dated", { inputs: { at: z.date() }, define: (_g, { at }) => at });
    expect(outlook(dated, { at: new Date(0) }).inputs.invalid).toMatchObject([{ at: "at", message: /Date/ }]);
  });

  it("whose schema takes its time count as given, and nothing is waited for", async () => {
    const slow: Schema<string> = { "~standard": { version: 1, vendor: "slow", validate: () => Promise.reject(new Error("no")) } };
    const later = contract("later", { inputs: { topic: slow }, define: (_g, { topic }) => topic });
    expect(outlook(later, { topic: "rain" }).inputs).toMatchObject({ given: ["topic"], invalid: [] });
    expect(outlook(later).inputs).toMatchObject({ missing: ["topic"] });
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("order", () => {
  const made = contract("order", {
    inputs: { topic: z.string(), extra: z.string() },
    define(g, { topic, extra }) {
      const left = g.compute("left", { needs: { topic }, run: never });
      const right = g.compute("right", { needs: { extra }, run: never });
      const mode = g.const("mode", 1);
      g.compute("unneeded", { needs: { left }, run: never });
      const both = g.compose("both", {
        needs: { left, right },
        child: (g, { left, right }) => {
          const joined = g.compute("joined", { needs: { left, right }, run: never });
          return g.compute("trimmed", { needs: { joined }, run: never });
        },
      });
      const sole = g.compute("sole", { needs: { mode }, run: never });
      return {
        last: g.compute("last", { needs: { both, sole }, run: never }),
        ordered: g.compute("ordered", { needs: {}, after: [both], run: never }),
      };
    },
  });
  const { order, levels, ready, blocked } = outlook(made, { topic: "rain" });

  it("is one in which they can run; inputs, literals and what never runs are not in it", () => {
    expect(order).toEqual(["left", "right", "both", "both/joined", "both/trimmed", "sole", "last", "ordered"]);
  });

  it("by steps puts side by side what can be, a child's nodes within the time of their own", () => {
    expect(levels).toEqual([["left", "right", "sole"], ["both"], ["both/joined"], ["both/trimmed"], ["last", "ordered"]]);
  });

  it("begins with what is ready; the others wait for nodes, down to the inputs that are missing", () => {
    expect(ready).toEqual(["left", "sole"]);
    expect(blocked).toEqual([
      { path: "right", waitsFor: ["extra"], inputs: ["extra"] },
      { path: "both", waitsFor: ["left", "right"], inputs: ["extra"] },
      { path: "last", waitsFor: ["both", "sole"], inputs: ["extra"] },
      { path: "ordered", waitsFor: ["both"], inputs: ["extra"] },
    ]);
    expect(outlook(made, { topic: "rain", extra: "snow" }).ready).toEqual(["left", "right", "sole"]);
  });
});

describe("what it waits for, does and touches", () => {
  const rates = defineExecutor({
    key: "bank.rates",
    input: z.object({ topic: z.string() }),
    output: z.number(),
    capabilities: ["net:bank.example", "fs:read"],
    run: never,
  });
  const made = contract("world", {
    inputs: { topic: z.string() },
    define(g, { topic }) {
      const rate = g.lookup("rate", { needs: { topic }, run: rates });
      const fed = g.await("fed", { event: "fed", schema: z.string(), timeout: "2h" });
      const gate = g.await("gate", { event: "decided", schema: z.string(), by: "human", show: { rate }, roles: ["editor"] });
      const pause = g.sleep("pause", { for: "1h" });
      g.effect("sent", { needs: { rate }, run: never });
      return { fed, gate, pause };
    },
  });
  const ahead = outlook(made);

  it("is listed by path", () => {
    expect(ahead.awaits).toMatchObject([
      { path: "fed", event: "fed", gate: null, timeoutMs: 7_200_000, shows: [] },
      { path: "gate", event: "decided", gate: { assurance: "outOfBand", roles: ["editor"] }, timeoutMs: null, shows: ["rate"] },
    ]);
    expect(ahead.lookups).toEqual([{ path: "rate", kind: "lookup", times: { low: 1, high: 1 } }]);
    expect(ahead.sleeps.map(({ path }) => path)).toEqual(["pause"]);
    expect(ahead.effects.map(({ path }) => path)).toEqual(["sent"]);
    expect(ahead.executors).toMatchObject([{ path: "rate", executor: "bank.rates" }]);
    expect(ahead.capabilities).toEqual(["fs:read", "net:bank.example"]);
    expect(ahead.modelCalls).toEqual([]);
    expect(ahead.cost.usd).toEqual({ low: 0, high: 0 });
  });
});

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
    const reasons = ["the price of m:new", 'which model "unnamed" asks', 'how long the prompt of "coded" is'];
    expect(ahead.modelCalls.map(({ unknown }) => unknown)).toEqual(reasons);
    expect(ahead.unknown).toEqual(reasons);
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
    const made = completed(
      many((g) => asks(g, "ask")),
      "all",
      items,
    );
    const known = outlook(made, { list: ["a", "b", "c"] }, { prices });
    expect(known.cost.calls).toEqual({ low: 3, high: 3 });
    expect(known.children).toMatchObject([{ path: "all", count: { low: 3, high: 3 }, cases: [] }]);
    expect(known.modelCalls).toMatchObject([{ path: "all[*]/ask", times: { low: 3, high: 3 } }]);
    expect(usd(outlook(made, { list: [] }, { prices }))).toEqual({ low: 0, high: 0 });
    const unknown = outlook(made, {}, { prices });
    expect(unknown.cost.calls).toEqual({ low: 0, high: null });
    expect(unknown.unknown).toEqual(['how many children "all" will have']);
  });

  it("are multiplied through children, and a list is followed into them", () => {
    const inner = completed(
      many((g) => asks(g, "ask")),
      "all",
      items,
    );
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
    const ahead = outlook(completed(outer, "twice", items), { list: ["a", "b", "c"] }, { prices });
    expect(ahead.cost.calls).toEqual({ low: 6, high: 6 });
    expect(ahead.modelCalls[0]).toMatchObject({ path: "twice[*]/part/all[*]/ask", times: { low: 6, high: 6 } });
    expect(ahead.children.map(({ path, contracts }) => [path, contracts])).toEqual([
      ["twice", []],
      ["twice[*]/part", ["many"]],
      ["twice[*]/part/all", []],
    ]);
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
});

describe("size", () => {
  it("20,000 nodes are looked at in seconds", () => {
    const made = contract("long", {
      inputs: { topic: z.string() },
      define(g, { topic }) {
        let last = topic;
        for (let index = 0; index < 20_000; index++) last = g.compute(`n${index}`, { needs: { last, topic }, run: never });
        return last;
      },
    });
    const started = performance.now();
    const ahead = outlook(made);
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(ahead.levels).toHaveLength(20_000);
    expect(ahead.blocked.every(({ inputs }) => inputs.length === 1)).toBe(true);
    expect(outlookText(ahead).split("\n").length).toBeLessThan(120);
  });

  it("contracts that double with every level end at the limit, and then no most is claimed", () => {
    const inputs = { topic: z.string() };
    let last: Contract<{ readonly topic: string }, string> = contract("base", { inputs, define: (g) => asks(g, "ask") });
    for (let level = 0; level < 30; level++) {
      const child = last;
      last = contract(`level-${level}`, {
        inputs,
        define: (g, needs) =>
          g.compute("both", { needs: { a: g.compose("a", { needs, child }), b: g.compose("b", { needs, child }) }, run: never }),
      });
    }
    const ahead = outlook(last, { topic: "rain" }, { prices });
    expect(ahead.isComplete).toBe(false);
    expect(ahead.order).toHaveLength(100_000);
    expect(ahead.cost.calls.high).toBeNull();
    expect(ahead.unknown[0]).toBe("more nodes than can be listed");
    expect(outlookText(ahead)).toContain("more nodes than can be listed");
  });
});
