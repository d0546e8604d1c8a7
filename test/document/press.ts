// Contracts with every kind and option that documents can hold, for tests of round trips.

import { contract, defineExecutor, type AnyContract } from "kindling";
import { z } from "zod";
import { parsePrompt } from "../../src/model/prompt.ts";

export const add = defineExecutor({
  key: "math.add",
  version: "2",
  input: z.object({ a: z.number(), b: z.number() }),
  output: z.number(),
  run: ({ a, b }) => a + b,
});
export const double = defineExecutor({ key: "math.double", input: z.number(), output: z.number(), pure: true, run: (value) => value * 2 });
export const listOf = defineExecutor({
  key: "lists.lines",
  input: z.object({ count: z.number() }),
  output: z.array(z.object({ id: z.string(), amount: z.number(), open: z.boolean() })),
  run: ({ count }) => Array.from({ length: count }, (_, index) => ({ id: `n${index}`, amount: index, open: index % 2 === 0 })),
});
export const read = defineExecutor({
  key: "crm.read",
  description: "Reads the name of a customer.",
  input: z.object({ a: z.number() }),
  output: z.string(),
  capabilities: ["net:crm.example"],
  run: ({ a }) => `customer ${a}`,
});
export const send = defineExecutor({
  key: "mail.send",
  input: z.object({ customer: z.string() }),
  output: z.object({ sent: z.string() }),
  capabilities: ["net:mail.example"],
  run: ({ customer }) => ({ sent: customer }),
});
export const isPositive = defineExecutor({
  key: "math.positive",
  input: z.object({ a: z.number() }),
  output: z.boolean(),
  run: ({ a }) => a > 0,
});

export const EXECUTORS = [add, double, listOf, read, send, isPositive];

export const archive = contract("archive", {
  version: "3",
  inputs: { a: z.number() },
  define: (g, { a }) => ({ archived: g.compute("archived", { needs: { a, b: a }, run: add }) }),
});

/** Contracts by what they show. */
export const CONTRACTS: Readonly<Record<string, AnyContract>> = {
  heading: contract("heading", {
    version: "7",
    description: "All that a contract may say.",
    inputs: {
      a: z.number().describe("A number."),
      b: z.number().default(3),
      c: z.string().optional(),
      order: z.object({ id: z.string(), note: z.string().default("none"), tags: z.array(z.string()).optional() }),
    },
    correlate: ["a"],
    early: { keepFor: "10m" },
    mcp: { expose: true },
    guards: { positive: { where: { a: { min: 0 } }, message: "a is negative" }, small: { where: { b: { max: 10 } } } },
    schedule: { cron: "0 9 * * MON", timezone: "Europe/Berlin", inputs: { a: 1, order: { id: "x" } }, missed: "none" },
    migrate: { from: ["5", "6"], nodes: { sum: "total" }, changed: { sum: "rerun" } },
    define(g, { a, b, c, order }) {
      const sum = g.compute("sum", {
        needs: { a, b },
        run: add,
        description: "The sum.",
        tags: ["money"],
        timeout: "10s",
        retry: { attempts: 3, backoff: "1s" },
      });
      return { sum, c, order };
    },
  }),
  values: contract("values", {
    inputs: { a: z.number(), b: z.number() },
    define(g, { a, b }) {
      const literal = g.const("literal", { list: [1, 2, { deep: null }], text: "x" });
      const doubled = g.map("doubled", a, double, { timeout: 1000 });
      const sum = g.scope("sums", (g) => {
        const first = g.compute("first", { needs: { a, b }, run: add });
        return g.scope("inner", (g) => g.compute("second", { needs: { a: first, b: doubled }, run: add, after: [literal] }));
      });
      const part = g.project("part", literal, ["list", 2, "deep"]);
      const text = g.project("text", literal, "text");
      const other = g.project("other", g.const<{ x: number; y?: number }>("record", { x: 1 }), "y", { default: 0 });
      return { sum, part, text, other };
    },
  }),
  lists: contract("lists", {
    inputs: { count: z.int() },
    define(g, { count }) {
      const list = g.compute("list", { needs: { count }, run: listOf });
      return {
        all: g.aggregate("all", list, { count: true }),
        open: g.aggregate("open", list, { count: "open" }),
        sum: g.aggregate("sum", list, { sum: "amount" }),
        average: g.aggregate("average", list, { average: "amount" }),
        min: g.aggregate("min", list, { min: "amount" }),
        max: g.aggregate("max", list, { max: "amount" }),
        groups: g.aggregate("groups", list, { groupCount: "id" }),
      };
    },
  }),
  checks: contract("checks", {
    inputs: { a: z.number(), word: z.string() },
    define(g, { a, word }) {
      g.guard("positive", { needs: { a }, check: isPositive, message: "not positive" });
      g.guard("fits", { needs: { a, word }, where: { a: { min: 1, max: 9 }, word: { matches: /^w/i } } });
      g.guard("among", { needs: { word }, where: { word: { in: ["world", "word"] } } });
      g.guard("plain", { needs: { word }, where: { word: { matches: "o" } } });
      return a;
    },
  }),
  world: contract("world", {
    inputs: { a: z.number() },
    define(g, { a }) {
      const customer = g.lookup("customer", { needs: { a }, run: read, resource: "crm", retry: { attempts: 2 } });
      const mail = g.effect("mail", { needs: { customer }, run: send, onUpdate: "again", resource: "mail", timeout: "1m" });
      return { customer, mail };
    },
  }),
  remote: contract("remote", {
    inputs: { a: z.number() },
    define: (g, { a }) =>
      g.remote("there", { url: "https://other.example", contract: "there", needs: { a }, output: z.object({ b: z.number() }), poll: "5s" }),
  }),
  model: contract("model", {
    inputs: { topic: z.string() },
    define(g, { topic }) {
      const prompt = parsePrompt("---\ninputs: { topic: string }\nmodel: x:y\n---\nWrite about {{topic}}.", {
        name: "write",
        file: "write.prompt.md",
      });
      const draft = g.llm("draft", { needs: { topic }, prompt, reasoning: "low", temperature: 0.5, maxOutputTokens: 100 });
      return {
        draft,
        rated: g.llm("rated", { needs: { topic: draft }, prompt, model: "a:b", output: z.object({ stars: z.int().min(1).max(5) }) }),
      };
    },
  }),
  waits: contract("waits", {
    inputs: { a: z.number(), at: z.string() },
    correlate: ["a"],
    define(g, { a, at }) {
      const gate = g.await("gate", {
        event: "decided",
        schema: z.object({ decision: z.enum(["yes", "no"]), note: z.string().nullable() }),
        show: { a },
        by: "human",
        assurance: "client",
        roles: ["editor"],
        notStarter: true,
        quorum: { people: 2, on: "decision", alone: ["no"] },
        timeout: "3d",
        remind: "1d",
        onTimeout: { value: { decision: "no", note: null } },
      });
      const plain = g.await("plain", { event: "came", schema: z.string(), timeout: 1000, onTimeout: "fail" });
      const slept = g.sleep("slept", { for: "1m", needs: { gate } });
      const until = g.sleep("until", { until: at });
      return { gate, plain, slept, until };
    },
  }),
  children: contract("children", {
    inputs: { a: z.number(), count: z.int(), word: z.enum(["small", "large"]), record: z.record(z.string(), z.number()) },
    define(g, { a, count, word, record }) {
      const chosen = g.branch("chosen", {
        needs: { word, a },
        on: "word",
        cases: {
          small: (g, { a }) => g.map("twice", a, double),
          large: archive,
        },
      });
      const sized = g.branch("sized", {
        needs: { a },
        on: "a",
        cases: { little: { when: { max: 3 }, run: (g) => g.const("size", "little") }, "7": (g) => g.const("size", "seven") },
        default: (g, { a }) => ({ a, size: g.const("size", "much") }),
      });
      const list = g.compute("list", { needs: { count }, run: listOf });
      const items = g.collection("items", {
        over: list,
        as: "line",
        key: "id",
        with: { a },
        each: (g, { line, a }) => ({ sum: g.compute("sum", { needs: { a, b: g.project("amount", line, "amount") }, run: add }) }),
        concurrency: 2,
        mode: "failFast",
      });
      const members = g.collection("members", { over: record, as: "a", each: archive });
      const composed = g.compose("composed", { needs: { a }, child: (g, { a }) => ({ twice: g.map("twice", a, double), same: a }) });
      const named = g.scope("inner", (g) => g.compose("named", { needs: { a: composed.output.twice }, child: archive }));
      void composed.output.same;
      const repeated = g.repeat("repeated", {
        from: a,
        as: "n",
        child: (g, { n }) => g.map("twice", n, double),
        until: { is: { min: 50 } },
        max: 20,
        onMax: "take",
      });
      const more = g.repeat("more", {
        from: g.const<{ a: number; b: number }>("start", { a: 1, b: 1 }),
        as: "state",
        with: { a },
        child: (g, { state, a }) => ({ a, b: g.compute("b", { needs: { a: g.project("last", state, "b"), b: a }, run: add }) }),
        until: { where: { b: { min: 10 } } },
        max: 50,
      });
      return { chosen, sized, items, members, twice: composed.output.twice, archived: named.output.archived, repeated, more };
    },
  }),
};
