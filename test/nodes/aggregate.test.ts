// One value out of many items.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type GraphBuilder, type Node } from "../../src/index.ts";
import { defineExecutor } from "../../src/graph/executor.ts";
import { findingsOf, lines } from "../dsl/findings-of.ts";
import { behaviourOf, failureIn, resultOf } from "./outcome.ts";

const Item = z.object({ amount: z.number(), group: z.string(), open: z.boolean() });
type Item = z.infer<typeof Item>;

const items: Item[] = [
  { amount: 3, group: "a", open: true },
  { amount: -1, group: "b", open: false },
  { amount: 4, group: "a", open: true },
];

/** A contract of one aggregate over a list. */
const over = <T>(declare: (g: GraphBuilder, items: Node<Item[]>) => Node<T>) =>
  contract("over", { inputs: { items: z.array(Item) }, define: (g, { items }) => declare(g, items) });

/** The same over values the schema of `items` would refuse. */
const overAny = <T>(declare: (g: GraphBuilder, items: Node<Item[]>) => Node<T>) =>
  contract("over-any", { inputs: { items: z.custom<Item[]>(() => true) }, define: (g, { items }) => declare(g, items) });

describe("over a list", () => {
  const all = contract("all", {
    inputs: { items: z.array(Item) },
    define: (g, { items }) => ({
      count: g.aggregate("count", items, { count: true }),
      open: g.aggregate("open", items, { count: "open" }),
      small: g.aggregate("small", items, { count: ({ amount }) => amount < 4 }),
      sum: g.aggregate("sum", items, { sum: "amount" }),
      double: g.aggregate("double", items, { sum: ({ amount }) => amount * 2 }),
      average: g.aggregate("average", items, { average: "amount" }),
      min: g.aggregate("min", items, { min: ({ amount }) => amount }),
      max: g.aggregate("max", items, { max: "amount" }),
      groups: g.aggregate("groups", items, { groupCount: "group" }),
      text: g.aggregate("text", items, { fold: { from: "", with: (soFar, { group }) => soFar + group } }),
    }),
  });

  it("counts, sums, averages, compares, groups and folds, by field or by function", async () => {
    expect(await resultOf(all, { items })).toEqual({
      count: 3,
      open: 2,
      small: 2,
      sum: 6,
      double: 12,
      average: 2,
      min: -1,
      max: 4,
      groups: { a: 2, b: 1 },
      text: "aba",
    });
  });

  it("of no items sums to 0 and has no average, no least and no greatest", async () => {
    expect(await resultOf(all, { items: [] })).toEqual({
      count: 0,
      open: 0,
      small: 0,
      sum: 0,
      double: 0,
      average: null,
      min: null,
      max: null,
      groups: {},
      text: "",
    });
  });

  it("sums without losing what rounding cuts off on the way", async () => {
    const total = contract("total", {
      inputs: { items: z.array(z.number()) },
      define: (g, { items }) => g.aggregate("x", items, { sum: (item) => item }),
    });
    expect(await resultOf(total, { items: Array.from({ length: 10 }, () => 0.1) })).toBe(1);
    expect(await resultOf(total, { items: [1, 1e100, 1, -1e100] })).toBe(2);
  });

  it("begins every fold with a copy, so a step may change it in place", async () => {
    const names = over((g, items) =>
      g.aggregate("x", items, {
        fold: {
          from: { names: [] as string[] },
          with: (soFar, { group }) => {
            soFar.names.push(group);
            return soFar;
          },
        },
      }),
    );
    expect(await resultOf(names, { items })).toEqual({ names: ["a", "b", "a"] });
    expect(await resultOf(names, { items })).toEqual({ names: ["a", "b", "a"] });
    expect(behaviourOf(names, "x").detail).toMatchObject({ fold: { from: { names: [] } } });
  });

  it("of a hundred thousand items needs no deep stack", async () => {
    const most = over((g, items) => g.aggregate("x", items, { max: "amount" }));
    const many = Array.from({ length: 100_000 }, (_, amount) => ({ amount, group: "", open: true }));
    expect(await resultOf(most, { items: many })).toBe(99_999);
  });
});

describe("over the result of a collection", () => {
  const amounts = (g: GraphBuilder, items: Node<Item[]>) =>
    g.collection("amounts", {
      over: items,
      as: "item",
      key: ({ amount }) => String(amount),
      each: (g, { item }) =>
        g.map("amount", item, ({ amount, open }) => {
          if (!open) throw new Error("closed");
          return amount;
        }),
    });

  it("takes its successes, in the order of its keys", async () => {
    const folded = over((g, items) =>
      g.aggregate("x", amounts(g, items), { fold: { from: [] as number[], with: (soFar, amount) => [...soFar, amount] } }),
    );
    // Keys that look like numbers: an object would give them in another order.
    expect(await resultOf(folded, { items: [{ amount: 20, group: "", open: true }, ...items] })).toEqual([20, 3, 4]);
  });

  it("tells the key of an item that is no number", async () => {
    const bad = over((g, items) => g.aggregate("x", amounts(g, items), { sum: (amount) => (amount === 4 ? Number.NaN : amount) }));
    expect(await failureIn(bad, { items: items.slice(2) })).toMatchObject({
      code: "bad_item_value",
      retryable: false,
      message: 'aggregate "x": sum wants a finite number, and item "4" is NaN',
      details: { item: "4" },
    });
  });
});

describe("an item that does not fit fails the node", () => {
  const failed = async (options: object, items: unknown) =>
    (
      await failureIn(
        overAny((g, items) => g.aggregate("x", items, options)),
        { items: items as Item[] },
      )
    ).message;

  it("with its index, what was wanted and what it is", async () => {
    expect(await failed({ sum: "amount" }, [items[0], { amount: "12" }])).toBe(
      'aggregate "x": sum wants a finite number, and "amount" of item 1 is "12"',
    );
    expect(await failed({ min: "amount" }, [null])).toBe('aggregate "x": min wants a finite number, and "amount" of item 0 is missing');
    expect(await failed({ max: "toString" }, [{}])).toMatch(/"toString" of item 0 is missing$/);
    expect(await failed({ average: async () => 1 }, [1])).toBe('aggregate "x": average wants a finite number, and item 0 is a promise');
    expect(await failed({ count: () => 1 }, [1])).toBe('aggregate "x": count wants true or false, and item 0 is 1');
    expect(await failed({ groupCount: "amount" }, items)).toBe('aggregate "x": groupCount wants a text, and "amount" of item 0 is 3');
  });

  it("and so does a sum that no number can hold", async () => {
    expect(await failed({ sum: "amount" }, [{ amount: 1e308 }, { amount: 1e308 }])).toBe(
      'aggregate "x": the sum is too large for a number',
    );
  });

  it("and so does what is no list", async () => {
    expect(await failed({ count: true }, { items: [] })).toBe(
      'aggregate "x": its items must be a list or the result of a collection, and it got an object',
    );
  });
});

describe("a definition", () => {
  const found = (options: object) => lines(findingsOf(() => over((g, items) => g.aggregate("x", items, options))));

  it("says exactly one thing to make of the items", () => {
    expect(found({})).toEqual(["bad_option x: says nothing to make of the items"]);
    expect(found({ sum: "amount", max: "amount" })).toEqual(['bad_option x: has "sum" and "max"']);
  });

  it("says it with a function or a field, and folds from JSON with a function", () => {
    expect(found({ sum: 1 })).toEqual(["bad_option x: sum is of type number"]);
    expect(found({ sum: true })).toEqual(["bad_option x: sum is of type boolean"]);
    expect(found({ groupCount: "" })).toEqual(["bad_option x: groupCount is empty"]);
    expect(found({ fold: { with: () => 1 } })).toEqual(["bad_option x: fold.from is undefined; use null for no value"]);
    expect(found({ fold: { from: { a: new Map() } } })).toEqual([
      "bad_option x: fold.from.a is a Map, which JSON would change; use plain objects and lists",
      "bad_option x: fold.with is of type undefined",
    ]);
    const handle = () => over((g, items) => g.aggregate("x", items, { fold: { from: { items }, with: (soFar) => soFar } }));
    expect(lines(findingsOf(handle))).toEqual(['handle_as_value x: fold.from.items is the handle "items"']);
  });

  it("takes no executor, least of all one that touches the world", () => {
    const made = (capabilities: string[]) =>
      defineExecutor({ key: "amount.of", input: Item, output: z.number(), capabilities, run: ({ amount }) => amount });
    expect(found({ sum: made([]) })).toEqual(['bad_option x: sum is the executor "amount.of", and must be a function of the item alone']);
    expect(found({ sum: made(["fs:read"]) })).toEqual([
      'capability_denied x: sum is the executor "amount.of", which has "fs:read", and this kind touches nothing outside',
    ]);
  });

  it("keeps fields as data and functions as source text in its fingerprint", () => {
    const detail = (options: object) =>
      behaviourOf(
        over((g, items) => g.aggregate("x", items, options)),
        "x",
      ).detail;
    expect(detail({ sum: "amount" })).toEqual({ sum: { field: "amount" } });
    expect(detail({ count: true })).toEqual({ count: true });
    expect(detail({ max: (item: Item) => item.amount })).toEqual({ max: "(item) => item.amount" });
  });
});
