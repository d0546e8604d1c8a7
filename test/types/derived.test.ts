// What is inferred for values that are derived from others, asserted: this file compiles only when the types are exactly these.

import { contract, type Node } from "kindling";
import { expect, it } from "vitest";
import { z } from "zod";
import { defineExecutor, type Executor } from "../../src/graph/executor.ts";
import type { Matcher } from "../../src/nodes/matcher.ts";

type Equal<A, B> = (<G>() => G extends A ? 1 : 2) extends <G>() => G extends B ? 1 : 2 ? true : false;

/** Compiles only for two equal types. */
function same<_T extends true>(): void {}

type ValueOf<H> = H extends Node<infer T> ? T : never;

const Line = z.object({ sku: z.string(), amount: z.number(), open: z.boolean() });
const Customer = z.object({
  name: z.string(),
  note: z.string().optional(),
  address: z.object({ city: z.string(), zip: z.string().nullable() }).nullable(),
  lines: z.array(Line),
  pair: z.tuple([z.string(), z.number()]),
  counts: z.record(z.string(), z.number()),
});
const Shape = z.union([
  z.object({ kind: z.literal("circle"), radius: z.number() }),
  z.object({ kind: z.literal("label"), text: z.string() }),
]);

const rate = defineExecutor({
  key: "tax.rate",
  input: z.object({ name: z.string(), year: z.number().default(2026) }),
  output: z.object({ rate: z.number() }),
  run: ({ name, year }) => {
    same<Equal<typeof year, number>>();
    return { rate: name.length / year };
  },
});
const size = defineExecutor({ key: "text.size", input: z.string(), output: z.number(), run: async (text) => text.length });
const named = defineExecutor({
  key: "is.named",
  input: z.object({ name: z.string() }),
  output: z.boolean(),
  run: ({ name }) => name !== "",
});

it("a projection has the type of its part, as exactly as the path is", () => {
  contract("projected", {
    inputs: { customer: Customer, shape: Shape },
    define(g, { customer, shape }) {
      const name = g.project("name", customer, "name");
      const city = g.project("city", customer, ["address", "city"]);
      const zip = g.project("zip", customer, ["address", "zip"]);
      const amount = g.project("amount", customer, ["lines", 0, "amount"]);
      const first = g.project("first", customer, ["pair", 0]);
      const count = g.project("count", customer, ["counts", "any"]);
      const lines = g.project("lines", customer, ["lines"]);
      const address = g.project("address", customer, "address");
      same<Equal<typeof name, Node<string>>>();
      same<Equal<ValueOf<typeof city>, string>>();
      same<Equal<ValueOf<typeof zip>, string | null>>();
      same<Equal<ValueOf<typeof amount>, number>>();
      same<Equal<ValueOf<typeof first>, string>>();
      same<Equal<ValueOf<typeof count>, number>>();
      same<Equal<ValueOf<typeof lines>, z.infer<typeof Line>[]>>();
      same<Equal<ValueOf<typeof address>, { city: string; zip: string | null } | null>>();

      const note = g.project("note", customer, "note");
      const kind = g.project("kind", shape, "kind");
      const radius = g.project("radius", shape, "radius");
      same<Equal<ValueOf<typeof note>, string>>();
      same<Equal<ValueOf<typeof kind>, "circle" | "label">>();
      same<Equal<ValueOf<typeof radius>, number>>();
      return { name, city };
    },
  });
});

it("a default's type is joined, and the place of a projection changes nothing", () => {
  contract("defaulted", {
    inputs: { customer: Customer },
    define(g, { customer }) {
      const note = g.project("note", customer, "note", { default: null, description: "what they said" });
      const level = g.project("level", customer, ["counts", "level"], { default: "none" });
      same<Equal<ValueOf<typeof note>, string | null>>();
      same<Equal<ValueOf<typeof level>, number | "none">>();
      const nested = g.compute("nested", {
        needs: { city: g.project("city", customer, ["address", "city"]), lines: g.project("lines", customer, "lines") },
        run: ({ city, lines }) => {
          same<Equal<typeof city, string>>();
          return [city, lines[0]?.sku];
        },
      });
      return { note, level, nested };
    },
  });
});

it("an aggregate has the type of what it makes, over lists and over collections", () => {
  contract("aggregated", {
    inputs: { lines: z.array(Line) },
    define(g, { lines }) {
      const count = g.aggregate("count", lines, { count: true });
      const open = g.aggregate("open", lines, { count: "open" });
      const sum = g.aggregate("sum", lines, { sum: ({ amount }) => amount * 2, tags: ["money"] });
      const average = g.aggregate("average", lines, { average: "amount" });
      const min = g.aggregate("min", lines, { min: (line) => (same<Equal<typeof line, z.infer<typeof Line>>>(), line.amount) });
      const groups = g.aggregate("groups", lines, { groupCount: "sku" });
      const byFunction = g.aggregate("by-function", lines, { groupCount: ({ sku }) => sku.slice(0, 2) });
      const total = g.aggregate("total", lines, { fold: { from: 0, with: (soFar, { amount }) => soFar + amount } });
      const skus = g.aggregate("skus", lines, { fold: { from: [] as string[], with: (soFar, { sku }) => [...soFar, sku] } });
      same<Equal<ValueOf<typeof count>, number>>();
      same<Equal<ValueOf<typeof open>, number>>();
      same<Equal<typeof sum, Node<number>>>();
      same<Equal<ValueOf<typeof average>, number | null>>();
      same<Equal<ValueOf<typeof min>, number | null>>();
      same<Equal<ValueOf<typeof groups>, Readonly<Record<string, number>>>>();
      same<Equal<ValueOf<typeof byFunction>, Readonly<Record<string, number>>>>();
      same<Equal<ValueOf<typeof total>, number>>();
      same<Equal<ValueOf<typeof skus>, string[]>>();

      const each = g.collection("each", {
        over: lines,
        as: "line",
        key: ({ sku }) => sku,
        each: (g, { line }) => g.map("size", line, ({ sku }) => sku.length),
      });
      const longest = g.aggregate("longest", each, { max: (length) => (same<Equal<typeof length, number>>(), length) });
      same<Equal<ValueOf<typeof longest>, number | null>>();

      const nested = g.map(
        "nested",
        g.aggregate("inner", lines, { sum: "amount" }),
        (total) => (same<Equal<typeof total, number>>(), total),
      );
      const needed = g.compute("needed", {
        needs: { total: g.aggregate("needed-total", lines, { sum: "amount" }) },
        run: ({ total }) => (same<Equal<typeof total, number>>(), total),
      });
      return { count, sum, average, groups, total, longest, nested, needed };
    },
  });
});

it("an executor gives its output to whatever runs it, and takes its input with the defaults left out", () => {
  same<Equal<typeof rate, Executor<{ name: string; year?: number | undefined }, { rate: number }>>>();
  contract("executed", {
    inputs: { name: z.string() },
    define(g, { name }) {
      const computed = g.compute("computed", { needs: { name }, run: rate });
      const read = g.lookup("read", { needs: { name }, run: rate, resource: "tax" });
      const mapped = g.map("mapped", name, size);
      const checked = g.guard("checked", { needs: { name }, check: named });
      same<Equal<ValueOf<typeof computed>, { rate: number }>>();
      same<Equal<ValueOf<typeof read>, { rate: number }>>();
      same<Equal<ValueOf<typeof mapped>, number>>();
      same<Equal<ValueOf<typeof checked>, true>>();
      return { computed, read, mapped, checked };
    },
  });
});

it("maps and lookups give what their functions give, awaited; a guard gives true", () => {
  const kept = contract("kept", {
    inputs: { name: z.string(), age: z.number() },
    define(g, { name, age }) {
      const long = g.map("long", name, async (text, { attempt }) => [text.length, attempt] as const);
      const found = g.lookup("found", { needs: { name }, run: async ({ name }, { signal }) => ({ name, stopped: signal.aborted }) });
      const adult = g.guard("adult", {
        needs: { age, name },
        where: { age: { min: 18 }, name: { matches: /^[A-Z]/u } },
        message: ({ age }) => `${age} is too young`,
      });
      const async = g.guard("async", { needs: { age }, check: async ({ age }) => age > 0 });
      same<Equal<ValueOf<typeof long>, readonly [number, number]>>();
      same<Equal<ValueOf<typeof found>, { name: string; stopped: boolean }>>();
      same<Equal<typeof adult, Node<true>>>();
      return { long, found, adult, async };
    },
  });
  expect(kept.graph.nodes).toHaveLength(6);
});

it("a matcher is for the value it looks at", () => {
  same<Equal<Extract<Matcher<"a" | "b" | null>, { readonly eq: unknown }>["eq"], "a" | "b" | null>>();
  same<Equal<{ readonly min: 1 } extends Matcher<number> ? true : false, true>>();
  same<Equal<{ readonly min: 1 } extends Matcher<string> ? true : false, false>>();
  same<Equal<{ readonly matches: RegExp } extends Matcher<boolean> ? true : false, false>>();
  same<Equal<Matcher<number> extends Matcher ? true : false, true>>();
});

it("a presenter takes its node's value and gives the node back, and what follows on success takes the outputs", () => {
  const shown = contract("shown", {
    inputs: { amount: z.number() },
    define(g, { amount }) {
      const total = g.present(amount, (value) => value.toFixed(2));
      return { total, name: g.const("name", "Ada") };
    },
    onSuccess: ({ total, name }) => `${name} ${total.toFixed()}`,
  });
  expect(Object.keys(shown.graph.present)).toEqual(["total"]);
  expect(shown.graph.present["total"]?.(1)).toBe("1.00");
});
