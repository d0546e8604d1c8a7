// Rounds of a child on its own outcome.

import { contract, createRuntime, type GraphBuilder, memoryLedger, type Node } from "kindling";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";

// Literals whose types are wider than themselves.
const zero = (g: GraphBuilder): Node<number> => g.const("zero", 0);
const nothing = (g: GraphBuilder): Node<string> => g.const("nothing", "");

async function runtime(...contracts: Parameters<typeof createRuntime>[0]["contracts"]) {
  const kindling = await createRuntime({ contracts, ledger: memoryLedger() });
  onTestFinished(() => kindling.close());
  return kindling;
}

const doubling = (max: number, onMax?: "fail" | "take") =>
  contract("doubling", {
    inputs: { start: z.number(), factor: z.number() },
    define(g, { start, factor }) {
      return g.repeat("grow", {
        from: start,
        as: "size",
        with: { factor },
        child: (g, { size, factor }) => g.compute("next", { needs: { size, factor }, run: ({ size, factor }) => size * factor }),
        until: (size) => size >= 100,
        max,
        ...(onMax === undefined ? {} : { onMax }),
      });
    },
  });

describe("repeat", () => {
  it("runs rounds on what the one before gave, until the condition holds", async () => {
    const grow = doubling(20);
    const kindling = await runtime(grow);
    const run = await kindling.start(grow, { start: 3, factor: 2 });
    expect(await run.result()).toBe(192);
    const facts = await run.facts();
    expect(facts.filter(({ type }) => type === "child.settled")).toHaveLength(6);
  });

  it("fails when max rounds are not enough, and says how to go on", async () => {
    const grow = doubling(3);
    const kindling = await runtime(grow);
    const run = await kindling.start(grow, { start: 3, factor: 2 });
    const view = await run.settled();
    expect(view.status).toBe("failed");
    expect(view.error).toMatchObject({ code: "repeat_exhausted", fix: expect.stringContaining("onMax") });
  });

  it("takes what the last round gave where that is wanted", async () => {
    const grow = doubling(3, "take");
    const kindling = await runtime(grow);
    expect(await (await kindling.start(grow, { start: 3, factor: 2 })).result()).toBe(24);
  });

  it("asks the condition once a round, with the number of the round", async () => {
    const asked: number[] = [];
    const counted = contract("counted", {
      inputs: {},
      define: (g) =>
        g.repeat("again", {
          from: zero(g),
          as: "n",
          child: (g, { n }) => g.compute("plus", { needs: { n }, run: ({ n }) => n + 1 }),
          until: (n, round) => {
            asked.push(round);
            return n === 3;
          },
          max: 10,
        }),
    });
    const kindling = await runtime(counted);
    expect(await (await kindling.start(counted, {})).result()).toBe(3);
    expect(asked).toEqual([1, 2, 3]);
  });

  it("waits within a round, and goes on with the next one when the event has come", async () => {
    const asking = contract("asking", {
      inputs: {},
      define: (g) =>
        g.repeat("ask", {
          from: nothing(g),
          as: "before",
          child: (g, { before }) => g.await("answer", { event: "answered", schema: z.string(), show: { before } }),
          until: (answer) => answer === "enough",
          max: 5,
        }),
    });
    const kindling = await runtime(asking);
    const run = await kindling.start(asking, {});
    for (const payload of ["more", "more still", "enough"]) {
      expect((await run.settled()).status).toBe("waiting");
      expect(await kindling.deliver({ event: "answered", run: run.id, payload })).toMatchObject({ status: "delivered" });
    }
    expect(await run.result()).toBe("enough");
  });

  it.each([
    [() => 1 as never, "not_a_boolean"],
    [
      () => {
        throw new Error("until broke");
      },
      "threw",
    ],
  ])("fails its node when the condition gives no answer", async (until, code) => {
    const broken = contract("broken", {
      inputs: {},
      define: (g) => g.repeat("again", { from: g.const("zero", 0), as: "n", child: (_g, { n }) => n, until, max: 3 }),
    });
    const kindling = await runtime(broken);
    const view = await (await kindling.start(broken, {})).settled();
    expect(view.error?.code).toBe(code);
  });

  it.each([0, 1.5, 10_001, Number.NaN])("refuses max %s", (max) => {
    expect(() =>
      contract("bad", {
        inputs: {},
        define: (g) => g.repeat("again", { from: g.const("zero", 0), as: "n", child: (_g, { n }) => n, until: () => true, max }),
      }),
    ).toThrow(/max is/);
  });
});
