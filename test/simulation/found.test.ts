// The smallest examples of what the random graphs found first: children that come back, and runs that failed and go on.

import { contract } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { nextTurn } from "../host/open-host.ts";
import { broken, open, rest } from "./small-examples.ts";

/** A call that waits until it is let go. */
function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}

describe("children that come back", () => {
  const list = contract("list", {
    inputs: { items: z.array(z.string()) },
    define: (g, { items }) =>
      g.collection("each", {
        over: items,
        as: "item",
        key: (item) => item.slice(0, 1),
        each: (g, { item }) => g.lookup("read", { needs: { item }, run: ({ item }) => item.toUpperCase() }),
      }),
  });

  it("F1: rounds after one that is different are made anew, and the run ends", async () => {
    const rounds = contract("rounds", {
      inputs: { from: z.number() },
      define: (g, { from }) =>
        g.repeat("twice", {
          from,
          as: "n",
          child: (g, { n }) => g.map("next", n, (n) => n + 1),
          until: (_n, round) => round === 2,
          max: 2,
        }),
    });
    const run = await (await open(rounds)).start(rounds, { from: 0 });
    await rest(run);
    await run.update({ from: 10 });
    expect((await rest(run)).outputs).toBe(12);
  });

  it("F2: an item that was gone and is there again with something else in it is made of that", async () => {
    const run = await (await open(list)).start(list, { items: ["a1"] });
    for (const items of [[], ["a2"]]) {
      await rest(run);
      await run.update({ items });
    }
    await rest(run);
    expect((await run.result()).successes).toEqual({ a: "A2" });
  });

  it("F3: an item that waited, was gone and is there again waits again", async () => {
    const asks = contract("asks", {
      inputs: { items: z.array(z.string()) },
      define: (g, { items }) =>
        g.collection("each", {
          over: items,
          as: "item",
          key: (item) => item,
          each: (g, { item }) => g.await("ask", { event: "answered", schema: z.string(), show: { item } }),
        }),
    });
    const run = await (await open(asks)).start(asks, { items: ["a", "b"] });
    for (const items of [["b"], ["a", "b"]]) {
      await rest(run);
      await run.update({ items });
    }
    expect((await rest(run)).awaits.map(({ path }) => path).toSorted()).toEqual(["each[a]/ask", "each[b]/ask"]);
  });

  it("F4: rounds that touched the world are not taken over once the round before gives something else", async () => {
    const rounds = contract("rounds", {
      inputs: { from: z.number() },
      define: (g, { from }) =>
        g.repeat("twice", {
          from,
          as: "n",
          child: (g, { n }) => g.lookup("next", { needs: { n }, run: ({ n }) => n + 1 }),
          until: (_n, round) => round === 2,
          max: 2,
        }),
    });
    const run = await (await open(rounds)).start(rounds, { from: 0 });
    await rest(run);
    await run.update({ from: 10 });
    expect((await rest(run)).outputs).toBe(12);
  });
});

describe("a run that failed and goes on", () => {
  it("F5: begins children again that were cancelled with it", async () => {
    let isBroken = true;
    const sides = contract("sides", {
      inputs: { n: z.number() },
      define(g, { n }) {
        const side = g.compose("side", {
          needs: { n },
          child: (g, { n }) => g.await("ask", { event: "answered", schema: z.string(), show: { n } }),
        });
        const other = g.lookup("other", {
          needs: { n },
          retry: { attempts: 1 },
          run: () => (isBroken ? broken() : "other"),
        });
        return { side, other };
      },
    });
    const kindling = await open(sides);
    const run = await kindling.start(sides, { n: 1 });
    expect((await rest(run)).status).toBe("failed");
    isBroken = false;
    await run.retry();
    expect((await rest(run)).awaits.map(({ path }) => path)).toEqual(["side/ask"]);
    await kindling.deliver({ event: "answered", run: run.id, payload: "yes" });
    expect((await rest(run)).outputs).toEqual({ side: "yes", other: "other" });
  });

  it("F6: goes on with nodes whose pause before a retry passed meanwhile", async () => {
    let isBroken = true;
    const flaky = contract("flaky", {
      inputs: { n: z.number() },
      define: (g, { n }) => {
        const run = () => (isBroken ? broken() : 1);
        return {
          slow: g.lookup("slow", { needs: { n }, retry: { attempts: 2, backoff: 500 }, run }),
          fast: g.lookup("fast", { needs: { n }, retry: { attempts: 1 }, run }),
        };
      },
    });
    const run = await (await open(flaky)).start(flaky, { n: 1 });
    expect((await rest(run)).status).toBe("failed");
    isBroken = false;
    await run.retry();
    expect((await rest(run)).outputs).toEqual({ slow: 1, fast: 1 });
  });

  it("F7: rests while it waits, though a child that failed is to be tried again later", async () => {
    const late = contract("late", {
      inputs: { n: z.number() },
      define(g, { n }) {
        const ask = g.await("ask", { event: "answered", schema: z.number(), show: { n } });
        return g.compose("part", {
          needs: { ask },
          child: (g, { ask }) =>
            g.lookup("read", {
              needs: { ask },
              retry: { attempts: 1 },
              run: ({ ask }) => (ask === 1 ? broken() : ask),
            }),
        });
      },
    });
    const kindling = await open(late);
    const run = await kindling.start(late, { n: 1 });
    await rest(run);
    await kindling.deliver({ event: "answered", run: run.id, payload: 1 });
    expect((await rest(run)).status).toBe("failed");
    await run.update({ n: 2 });
    expect((await rest(run)).status).toBe("waiting");
    await kindling.deliver({ event: "answered", run: run.id, payload: 2 });
    expect((await rest(run)).outputs).toBe(2);
  });

  it("F8: says where it failed also after an update that has nothing to do with that", async () => {
    const two = contract("two", {
      inputs: { a: z.number(), b: z.number() },
      define: (g, { a, b }) => ({
        fails: g.map("fails", a, broken),
        works: g.map("works", b, (b) => b),
      }),
    });
    const run = await (await open(two)).start(two, { a: 1, b: 1 });
    const { error } = await rest(run);
    await run.update({ b: 2 });
    expect((await rest(run)).error).toEqual(error);
  });

  it("F9: by an update before it had ended, does what it had left out meanwhile", async () => {
    const [first, second] = [gate(), gate()];
    const left = contract("left", {
      inputs: { a: z.number(), b: z.number() },
      define(g, { a, b }) {
        const check = g.map("check", a, (a) => (a === 0 ? broken() : a));
        const one = g.compute("one", { needs: { b }, run: () => first.passed.then(() => 1) });
        const other = g.compute("other", { needs: { b }, run: () => second.passed.then(() => 2) });
        return { check, other, behind: g.map("behind", one, (one) => one) };
      },
    });
    const run = await (await open(left)).start(left, { a: 0, b: 0 });
    first.open();
    await nextTurn(5);
    await run.update({ a: 1 });
    second.open();
    expect((await rest(run)).outputs).toEqual({ check: 1, other: 2, behind: 1 });
  });
});
