// Children: how they fail, wait, are resumed one by one, and what a crash between two of them leaves.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type GraphBuilder, type Node } from "../../src/index.ts";
import { memoryLedger } from "../../src/testing.ts";
import { checks } from "./contracts.ts";
import { logOf } from "./ledgers.ts";
import { model } from "./models.ts";
import { containing, nextTurn, openKindling, until } from "./open-host.ts";

const divide = (mode: "collect" | "failFast") =>
  contract("divide", {
    inputs: { list: z.array(z.number()) },
    define: (g, { list }) =>
      g.collection("results", {
        over: list,
        as: "item",
        key: String,
        mode,
        each: (inner, { item }) =>
          inner.compute("quotient", {
            needs: { item },
            run: ({ item }) => {
              if (item === 0) throw new Error("division by zero");
              return 12 / item;
            },
          }),
      }),
  });

describe("a collection", () => {
  it("collects failures beside successes, in the order of its items", async () => {
    const kindling = await openKindling({ contracts: [divide("collect")] });
    const run = await kindling.start("divide", { list: [3, 0, 4] });
    expect(await run.result()).toMatchObject({
      items: [
        { key: "3", value: 4 },
        { key: "0", status: "failed", error: { code: "threw" } },
        { key: "4", value: 3 },
      ],
    });
  });

  it("that fails fast fails with the first failure, and says where", async () => {
    const kindling = await openKindling({ contracts: [divide("failFast")] });
    const run = await kindling.start("divide", { list: [3, 0, 4] });
    await expect(run.result()).rejects.toThrow("results[0]/quotient: division by zero");
  });

  it("of nothing is there at once", async () => {
    const kindling = await openKindling({ contracts: [divide("collect")] });
    expect(await (await kindling.start("divide", { list: [] })).result()).toMatchObject({ keys: [], items: [], summary: { total: 0 } });
  });

  it("with two items of one key fails and names the key", async () => {
    const kindling = await openKindling({ contracts: [divide("collect")] });
    const run = await kindling.start("divide", { list: [3, 3] });
    await expect(run.result()).rejects.toThrow('the key "3" of item 1 is there already');
  });

  it("that fails fast ends items that wait, and they leave the inbox", async () => {
    const mixed = contract("mixed", {
      inputs: { list: z.array(z.string()) },
      define: (g, { list }) =>
        g.collection("each", {
          over: list,
          as: "item",
          key: (item) => item,
          mode: "failFast",
          each(inner, { item }) {
            const answer = inner.await("answer", { event: "answered", schema: z.string(), show: { item } });
            return inner.compute("check", {
              needs: { answer },
              run: ({ answer }) => {
                if (answer === "bad") throw new Error("bad answer");
                return answer;
              },
            });
          },
        }),
    });
    const kindling = await openKindling({ contracts: [mixed] });
    const run = await kindling.start(mixed, { list: ["a", "b", "c"] });
    await kindling.deliver({ event: "answered", run: run.id, path: "each[b]/answer", payload: "bad" });
    await expect(run.result()).rejects.toThrow("each[b]/check: bad answer");
    await until(async () => (await kindling.inbox()).length === 0);
  });

  it("keeps no more items in flight than it says; waiting ones do not count", async () => {
    let atOnce = 0;
    let most = 0;
    const windowed = contract("windowed", {
      inputs: { list: z.array(z.number()) },
      define: (g, { list }) =>
        g.collection("each", {
          over: list,
          as: "item",
          key: String,
          concurrency: 3,
          each(inner, { item }) {
            const slow = inner.compute("slow", {
              needs: { item },
              run: async ({ item }) => {
                most = Math.max(most, (atOnce += 1));
                await nextTurn(2);
                atOnce -= 1;
                return item;
              },
            });
            return inner.await("check", { event: "checked", schema: z.number(), show: { slow } });
          },
        }),
    });
    const kindling = await openKindling({ contracts: [windowed] });
    const run = await kindling.start(windowed, { list: Array.from({ length: 20 }, (_, index) => index) });
    expect((await run.settled()).awaits).toHaveLength(20);
    expect(most).toBe(3);
  });

  it("of 10,000 trivial items takes few commits", async () => {
    const fan = contract("fan", {
      inputs: { count: z.number() },
      define(g, { count }) {
        const list = g.compute("list", { needs: { count }, run: ({ count }) => Array.from({ length: count }, (_, index) => index) });
        return g.collection("double", {
          over: list,
          as: "item",
          key: String,
          each: (inner, { item }) => inner.compute("twice", { needs: { item }, run: ({ item }) => item * 2 }),
        });
      },
    });
    const place = memoryLedger();
    const kindling = await openKindling({ contracts: [fan], ledger: place });
    await (await kindling.start(fan, { count: 1_000 })).result();
    await (await kindling.start(fan, { count: 10_000 })).result();
    const { entries } = await logOf(place);
    expect(entries.length).toBeLessThan(100);
    const characters = entries.reduce((sum, entry) => sum + JSON.stringify(entry).length, 0);
    expect(characters).toBeLessThan(4_000_000);
  });

  it("of many waiting items is settled in about linear time", async () => {
    const kindling = await openKindling({ contracts: [checks], models: [model("done")] });
    const timeOf = async (count: number) => {
      const startedAt = performance.now();
      await (await kindling.start(checks, { langs: Array.from({ length: count }, (_, index) => `lang${index}`) })).settled();
      return performance.now() - startedAt;
    };
    await timeOf(100);
    const [few, many] = [await timeOf(200), await timeOf(2_000)];
    expect(many).toBeLessThan(Math.max(few, 20) * 40);
  });
});

describe("children of children", () => {
  it("may be nested twenty deep, and a failure at the bottom names the whole path", async () => {
    const nest = (g: GraphBuilder, value: Node<number>, depth: number): Node<number> =>
      depth === 0
        ? g.compute("end", {
            needs: { value },
            run: ({ value }) => {
              if (value < 0) throw new Error("negative");
              return value + 1;
            },
          })
        : g.compose("in", { needs: { value }, child: (inner, { value }) => nest(inner, value, depth - 1) });
    const deep = contract("deep", { inputs: { value: z.number() }, define: (g, { value }) => nest(g, value, 20) });
    const kindling = await openKindling({ contracts: [deep] });
    expect(await (await kindling.start(deep, { value: 1 })).result()).toBe(2);
    await expect((await kindling.start(deep, { value: -1 })).result()).rejects.toThrow(`${"in/".repeat(20)}end: negative`);
  });

  it("that are contracts have their inputs checked", async () => {
    const strict = contract("strict", {
      inputs: { item: z.number().positive() },
      define: (g, { item }) => g.compute("same", { needs: { item }, run: ({ item }) => item }),
    });
    const outer = contract("outer", {
      inputs: { list: z.array(z.number()) },
      define: (g, { list }) => g.collection("each", { over: list, as: "item", key: String, each: strict }),
    });
    const kindling = await openKindling({ contracts: [outer] });
    expect(await (await kindling.start(outer, { list: [1, -1] })).result()).toMatchObject({
      items: [
        { status: "succeeded" },
        { status: "failed", error: { code: "invalid_inputs", message: containing('each[-1]: contract "strict": item') } },
      ],
    });
  });

  it("spend money that counts for the root", async () => {
    const paid = contract("paid", {
      inputs: { list: z.array(z.string()) },
      define: (g, { list }) =>
        g.collection("each", {
          over: list,
          as: "item",
          key: (item) => item,
          each: (inner, { item }) => inner.llm("ask", { needs: { item }, prompt: ({ item }) => item, model: "scripted:x" }),
        }),
    });
    const kindling = await openKindling({ contracts: [paid], models: [model({ content: [{ type: "text", text: "x" }], costUsd: 0.25 })] });
    const run = await kindling.start(paid, { list: ["a", "b"] });
    await run.result();
    expect((await run.get()).spending).toMatchObject({ calls: 2, knownUsd: 0.5 });
  });
});
