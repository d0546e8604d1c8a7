// One part of a value, by key or by path.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type CollectionResult, type GraphBuilder, type Node } from "../../src/index.ts";
import { findingsOf, lines } from "../dsl/findings-of.ts";
import { behaviourOf, failureIn, resultOf } from "./outcome.ts";

const Customer = z.object({
  name: z.string(),
  note: z.string().nullable().optional(),
  address: z.object({ city: z.string().optional() }).nullable(),
  lines: z.array(z.object({ amount: z.number() })),
});
type Customer = z.infer<typeof Customer>;

const ada: Customer = { name: "Ada", address: { city: "Paris" }, lines: [{ amount: 3 }, { amount: 4 }] };

/** A contract of one projection. */
const part = <T>(declare: (g: GraphBuilder, customer: Node<Customer>) => Node<T>) =>
  contract("part", { inputs: { customer: Customer }, define: (g, { customer }) => declare(g, customer) });

describe("a part", () => {
  it("is taken by its key, or by a path of keys and indexes", async () => {
    const parts = contract("parts", {
      inputs: { customer: Customer },
      define: (g, { customer }) => ({
        name: g.project("name", customer, "name"),
        city: g.project("city", customer, ["address", "city"]),
        second: g.project("second", customer, ["lines", 1, "amount"]),
        lines: g.project("lines", customer, ["lines"]),
      }),
    });
    expect(await resultOf(parts, { customer: ada })).toEqual({ name: "Ada", city: "Paris", second: 4, lines: ada.lines });
  });

  it("that is there and null is a value, also where there is a default", async () => {
    const note = part((g, customer) => g.project("note", customer, "note", { default: "none" }));
    expect(await resultOf(note, { customer: { ...ada, note: null } })).toBeNull();
    expect(await resultOf(note, { customer: ada })).toBe("none");
  });

  it("that is missing anywhere on the path gives the default, which is looked into no further", async () => {
    const city = part((g, customer) => g.project("city", customer, ["address", "city"], { default: { city: "of the default" } }));
    expect(await resultOf(city, { customer: { ...ada, address: {} } })).toEqual({ city: "of the default" });
    expect(await resultOf(city, { customer: { ...ada, address: null } })).toEqual({ city: "of the default" });
    const nothing = part((g, customer) => g.project("third", customer, ["lines", 2, "amount"], { default: null }));
    expect(await resultOf(nothing, { customer: ada })).toBeNull();
  });

  it("that is missing without a default fails, and tells the part, the path and what is there", async () => {
    const city = part((g, customer) => g.project("city", customer, ["address", "city"]));
    expect(await failureIn(city, { customer: { ...ada, address: null } })).toMatchObject({
      code: "part_missing",
      retryable: false,
      message: 'project "city": no "city" for "address.city", since "address" is null',
      details: { path: ["address", "city"], missing: "city" },
    });
    expect((await failureIn(city, { customer: { ...ada, address: {} } })).message).toMatch(/since "address" is empty$/);
    const amount = part((g, customer) => g.project("amount", customer, ["lines", 2, "amount"]));
    expect((await failureIn(amount, { customer: ada })).message).toBe(
      'project "amount": no 2 for "lines[2].amount", since "lines" has 2 items',
    );
    const note = part((g, customer) => g.project("note", customer, "note"));
    expect((await failureIn(note, { customer: ada })).message).toMatch(/no "note" for "note", since the value has none\. /);
  });

  it("is nothing that objects and lists merely inherit or have besides their members", async () => {
    for (const key of ["toString", "constructor", "__proto__"]) {
      const inherited = part((g, customer) => g.project("x", customer, key as "name", { default: "none" }));
      expect(await resultOf(inherited, { customer: ada })).toBe("none");
    }
    const length = part((g, customer) => g.project("x", customer, ["lines", "length" as never], { default: "none" }));
    expect(await resultOf(length, { customer: ada })).toBe("none");
  });
});

describe("the result of a collection", () => {
  const item = (g: GraphBuilder, { line }: { readonly line: Node<{ amount: number }> }) => g.map("amount", line, ({ amount }) => amount);
  const each = (g: GraphBuilder, lines: Node<Customer["lines"]>): Node<CollectionResult<number>> =>
    g.collection("each", { over: lines, as: "line", key: ({ amount }) => `k${amount}`, each: item });

  it("has parts too", async () => {
    const one = part((g, customer) => g.project("one", each(g, g.project("lines", customer, "lines")), ["successes", "k4"]));
    expect(await resultOf(one, { customer: ada })).toBe(4);
  });

  it("is the same result when it is the part", async () => {
    const whole = part((g, customer) => {
      const both = g.compose("both", {
        needs: { lines: g.project("lines", customer, "lines") },
        child: (g, { lines }) => ({ amounts: each(g, lines) }),
      });
      return g.map("got", g.project("amounts", both, "amounts"), (amounts) => [amounts.get("k3"), amounts.summary.total]);
    });
    expect(await resultOf(whole, { customer: ada })).toEqual([3, 2]);
  });
});

describe("a definition", () => {
  it("is told when the path or the default mean nothing", () => {
    const found = (path: unknown, options: object = {}) =>
      lines(findingsOf(() => part((g, customer) => g.project("x", customer, path as "name", options))));
    expect(found([])).toEqual(["bad_option x: its path is empty"]);
    expect(found(["lines", -1])).toEqual(["bad_option x: its path has -1"]);
    expect(found(["lines", 0.5])).toEqual(["bad_option x: its path has 0.5"]);
    expect(found([undefined])).toEqual(["bad_option x: its path has a step of type undefined"]);
    expect(found({ key: "name" })).toEqual(["bad_option x: its path has a step of type object"]);
    expect(found("name", { default: new Date(0) })).toEqual([
      "bad_option x: default is a Date, which JSON would change; use .toISOString()",
    ]);
    const handle = () => part((g, customer) => g.project("x", customer, "name", { default: [customer] }));
    expect(lines(findingsOf(handle))).toEqual(['handle_as_value x: default[0] is the handle "customer"']);
  });

  it("has path and default as data in its fingerprint", () => {
    const amount = part((g, customer) => g.project("x", customer, ["lines", 0, "amount"], { default: 0 }));
    expect(behaviourOf(amount, "x")).toMatchObject({
      detail: { path: ["lines", 0, "amount"], default: 0 },
      picture: { lines: ["lines[0].amount"] },
    });
    expect(
      behaviourOf(
        part((g, customer) => g.project("x", customer, "name")),
        "x",
      ).detail,
    ).toEqual({ path: ["name"] });
  });
});
