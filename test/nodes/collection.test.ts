// Collections: where items and keys come from, what goes wrong with them, and what the outcome tells.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type CollectionResult, type Node } from "../../src/index.ts";
import { findingsOf, lines } from "../dsl/findings-of.ts";
import { containing, openKindling } from "../host/open-host.ts";

const Item = z.object({ id: z.string(), amount: z.number() });
const item = (id: string, amount = 1) => ({ id, amount });

/** Halves what is even and fails for what is odd, over whatever it is given. */
const halves = (options: { key?: unknown; mode?: "collect" | "failFast" } = { key: "id" }) =>
  contract("halves", {
    inputs: { over: z.unknown() },
    define: (g, { over }) =>
      g.collection("each", {
        over: over as Node<never>,
        as: "item",
        ...(options as { key: (item: unknown) => string }),
        each: (g, { item }) =>
          g.compute("half", {
            needs: { item },
            run: ({ item }) => {
              const { amount } = item as z.infer<typeof Item>;
              if (amount % 2 === 1) throw new Error(`${amount} is odd`);
              return amount / 2;
            },
          }),
      }),
  });

async function outcome(contract: ReturnType<typeof halves>, over: unknown): Promise<CollectionResult<number>> {
  const kindling = await openKindling({ contracts: [contract] });
  return (await kindling.start(contract, { over })).result();
}

async function errorOf(contract: ReturnType<typeof halves>, over: unknown): Promise<unknown> {
  const kindling = await openKindling({ contracts: [contract] });
  return (await (await kindling.start(contract, { over })).settled()).error;
}

describe("the items of a collection", () => {
  it("are those of a list, with the text of a member as key", async () => {
    const result = await outcome(halves(), [item("b", 4), item("a", 2)]);
    expect(result.keys).toEqual(["b", "a"]);
    expect(result.successes).toEqual({ b: 2, a: 1 });
  });

  it("are the members of a record, with their names as keys, in its order", async () => {
    const result = await outcome(halves({}), { fr: item("x", 8), de: item("y", 4), 7: item("z", 3), toString: item("t", 2) });
    expect(result.keys).toEqual(["7", "fr", "de", "toString"]);
    expect(result.get("toString")).toBe(1);
    expect(result.failures["7"]?.message).toBe("each[7]/half: 3 is odd");
  });

  it("may be one, or none, of either", async () => {
    expect((await outcome(halves(), [item("only", 2)])).successes).toEqual({ only: 1 });
    expect((await outcome(halves(), [])).summary).toEqual({ total: 0, succeeded: 0, failed: 0, pending: 0, status: "succeeded" });
    expect((await outcome(halves({}), {})).keys).toEqual([]);
  });

  it("cannot be taken from anything else", async () => {
    for (const [over, shown] of [
      ["text", "a string"],
      [7, "7"],
      [null, "null"],
      [true, "true"],
    ] as const) {
      for (const options of [{}, { key: "id" }]) {
        expect(await errorOf(halves(options), over)).toMatchObject({
          code: "not_a_list",
          message: `each: collection "each": over must be a list or a record, and it is ${shown}`,
        });
      }
    }
  });

  it("are not those of another collection's outcome, which has more than its successes", async () => {
    const chained = contract("chained", {
      inputs: { list: z.array(z.string()) },
      define(g, { list }) {
        const first = g.collection("first", { over: list, as: "item", key: (item) => item, each: (_g, { item }) => item });
        // @ts-expect-error an outcome is no list and no record
        return g.collection("second", { over: first, as: "item", each: (_g, { item }) => item });
      },
    });
    const kindling = await openKindling({ contracts: [chained] });
    expect((await (await kindling.start(chained, { list: ["a"] })).settled()).error).toMatchObject({
      code: "not_a_list",
      message: containing("it is the outcome of a collection"),
    });
  });

  it("are one member of that outcome when it is projected", async () => {
    const chained = contract("chained", {
      inputs: { list: z.array(z.string()) },
      define(g, { list }) {
        const first = g.collection("first", {
          over: list,
          as: "item",
          key: (item) => item,
          each: (g, { item }) => g.compute("length", { needs: { item }, run: ({ item }) => item.length }),
        });
        const lengths = g.project("lengths", first, "successes");
        return g.collection("second", { over: lengths, as: "length", each: (_g, { length }) => length });
      },
    });
    const kindling = await openKindling({ contracts: [chained] });
    expect((await (await kindling.start(chained, { list: ["a", "bcd"] })).result()).successes).toEqual({ a: 1, bcd: 3 });
  });
});

describe("a key", () => {
  it("is needed for a list, and refused for a record", async () => {
    expect(await errorOf(halves({}), [item("a")])).toMatchObject({
      code: "bad_item_key",
      message: containing("over is a list, and there is no key"),
    });
    expect(await errorOf(halves({ key: "id" }), { a: item("a") })).toMatchObject({
      code: "bad_item_key",
      message: containing("over is a record, and key is given"),
    });
  });

  it("is a text of 1 to 200 characters, unique, and there", async () => {
    const byKey = (key: unknown) => errorOf(halves({ key: () => key }), [item("a")]);
    for (const [key, shown] of [
      ["", '""'],
      [undefined, "undefined"],
      [7, "7"],
      [{}, "an object"],
      [Promise.resolve("a"), "a promise"],
      ["x".repeat(201), "a text of 201 characters"],
    ] as const) {
      expect(await byKey(key)).toMatchObject({ code: "bad_item_key", message: `each: collection "each": the key of item 0 is ${shown}` });
    }
    expect(await errorOf(halves(), [item("a"), item("b"), item("a")])).toMatchObject({
      code: "duplicate_item_key",
      message: 'each: collection "each": the key "a" of item 2 is there already',
    });
    expect(await errorOf(halves({ key: "ids" }), [item("a")])).toMatchObject({
      code: "bad_item_key",
      message: 'each: collection "each": item 0 has no "ids" to take its key from',
      fix: 'Did you mean "id"?',
    });
    expect(await errorOf(halves({ key: "id" }), ["a"])).toMatchObject({ code: "bad_item_key", fix: "It is a string." });
    expect(await errorOf(halves({}), { "": item("a") })).toMatchObject({
      code: "bad_item_key",
      message: containing('the name of a member is ""'),
    });
  });

  it("that throws fails the node, with what was thrown", async () => {
    const key = () => {
      throw new Error("no key today");
    };
    expect(await errorOf(halves({ key }), [item("a")])).toMatchObject({
      code: "threw",
      message: "each: key threw at item 0: no key today",
    });
  });

  it("is a function or the name of a member", () => {
    for (const [key, shown] of [
      [7, "of type number"],
      ["", "empty"],
      [null, "of type null"],
    ] as const) {
      expect(lines(findingsOf(() => halves({ key })))).toEqual([`bad_option each: key is ${shown}`]);
    }
  });

  it("may read a collection inside its item", async () => {
    const nested = contract("nested", {
      inputs: { groups: z.record(z.string(), z.array(z.string())) },
      define(g, { groups }) {
        const inner = g.collection("inner", {
          over: groups,
          as: "group",
          each: (g, { group }) =>
            g.collection("members", { over: group, as: "member", key: (member) => member, each: (_g, { member }) => member }),
        });
        const list = g.compute("list", { needs: { inner }, run: ({ inner }) => inner.keys.length });
        const outcomes = g.project("outcomes", inner, "items");
        const again = g.collection("again", {
          over: outcomes,
          as: "outcome",
          key: (outcome) => (outcome.status === "succeeded" ? (outcome.value.keys[0] ?? "none") : outcome.key),
          each: (g, { outcome }) =>
            g.compute("size", {
              needs: { outcome },
              run: ({ outcome }) => (outcome.status === "succeeded" ? outcome.value.keys.length : 0),
            }),
        });
        return { inner, list, again };
      },
    });
    const kindling = await openKindling({ contracts: [nested] });
    const { inner, again } = await (await kindling.start(nested, { groups: { x: ["a", "b"], y: ["c"] } })).result();
    expect(inner.get("x")?.keys).toEqual(["a", "b"]);
    expect(again.successes).toEqual({ a: 2, c: 1 });
  });
});

describe("the outcome of a collection", () => {
  it("tells how many items ended how, and how it stands as a whole", async () => {
    const statusOf = async (...amounts: readonly number[]) =>
      (
        await outcome(
          halves(),
          amounts.map((amount, index) => item(`${index}`, amount)),
        )
      ).summary;
    expect(await statusOf(2, 4)).toEqual({ total: 2, succeeded: 2, failed: 0, pending: 0, status: "succeeded" });
    expect(await statusOf(2, 3)).toEqual({ total: 2, succeeded: 1, failed: 1, pending: 0, status: "partial_failure" });
    expect(await statusOf(1, 3)).toEqual({ total: 2, succeeded: 0, failed: 2, pending: 0, status: "failed" });
  });

  it("has no pending items once it is finished, and keeps the order of the source", async () => {
    const { pending, items } = await outcome(halves(), [item("b", 2), item("c", 1), item("a", 4)]);
    expect(pending).toEqual([]);
    expect(items.map(({ key, status }) => `${key} ${status}`)).toEqual(["b succeeded", "c failed", "a succeeded"]);
  });

  it("fails with the first failure when told to", async () => {
    expect(await errorOf(halves({ key: "id", mode: "failFast" }), [item("a", 2), item("b", 3)])).toMatchObject({
      message: "each[b]/half: 3 is odd",
    });
  });
});
