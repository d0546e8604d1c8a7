// What is known of a run before there is one. Nothing of the contract runs for it, and what cannot be known is said to be unknown.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { outlookText } from "../../src/compile/outlook-text.ts";
import { outlook } from "../../src/compile/outlook.ts";
import { contract } from "../../src/dsl/contract.ts";
import type { Contract } from "../../src/graph/contract.ts";
import { defineExecutor } from "../../src/graph/executor.ts";
import { parsePrompt } from "../../src/model/prompt.ts";
import type { Schema } from "../../src/schema.ts";

/** Its text is known as a whole. */
const fixed = parsePrompt("Write.", { name: "fixed", file: "fixed.prompt.md" });

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

describe("size", () => {
  it("20,000 nodes are looked at", () => {
    const made = contract("long", {
      inputs: { topic: z.string() },
      define(g, { topic }) {
        let last = topic;
        for (let index = 0; index < 20_000; index++) last = g.compute(`n${index}`, { needs: { last, topic }, run: never });
        return last;
      },
    });
    const ahead = outlook(made);
    expect(ahead.levels).toHaveLength(20_000);
    expect(ahead.blocked.every(({ inputs }) => inputs.length === 1)).toBe(true);
    expect(outlookText(ahead).split("\n").length).toBeLessThan(120);
  });

  it("contracts that double with every level end at the limit, and then no most is claimed", () => {
    const inputs = { topic: z.string() };
    let last: Contract<{ readonly topic: string }, string> = contract("base", {
      inputs,
      define: (g) => g.llm("ask", { needs: {}, prompt: fixed }),
    });
    for (let level = 0; level < 30; level++) {
      const child = last;
      last = contract(`level-${level}`, {
        inputs,
        define: (g, needs) =>
          g.compute("both", { needs: { a: g.compose("a", { needs, child }), b: g.compose("b", { needs, child }) }, run: never }),
      });
    }
    const ahead = outlook(last, { topic: "rain" });
    expect(ahead.isComplete).toBe(false);
    expect(ahead.order).toHaveLength(100_000);
    expect(ahead.cost.calls.high).toBeNull();
    expect(ahead.unknown[0]?.message).toBe("more nodes than can be listed");
    expect(outlookText(ahead)).toContain("more nodes than can be listed");
  });
});
