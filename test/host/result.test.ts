// What `result` and callbacks get is what the types promise: a collection is a CollectionResult wherever it has come to.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, createRuntime, memoryLedger } from "../../src/index.ts";

const doubled = contract("doubled", {
  inputs: { numbers: z.array(z.number()) },
  define: (g, { numbers }) =>
    g.collection("items", {
      over: numbers,
      as: "number",
      key: String,
      each: (g, { number }) => g.compute("twice", { needs: { number }, run: ({ number }) => number * 2 }),
    }),
});

const nested = contract("nested", {
  inputs: { numbers: z.array(z.number()) },
  define(g, { numbers }) {
    const own = g.compose("own", { needs: { numbers }, child: doubled });
    const inside = g.compose("inside", {
      needs: { own },
      child: (g, { own }) => ({ same: own, count: g.compute("count", { needs: { own }, run: ({ own }) => own.summary.succeeded }) }),
    });
    const chosen = g.branch("chosen", {
      needs: { own },
      on: () => "it" as const,
      cases: { it: (g, { own }) => g.compute("first", { needs: { own }, run: ({ own }) => own.get("1") ?? 0 }) },
    });
    return { own, inside, chosen };
  },
});

describe("a collection's result", () => {
  it("has its methods in result()", async () => {
    await using kindling = await createRuntime({ contracts: [doubled], ledger: memoryLedger() });
    const result = await (await kindling.start(doubled, { numbers: [1, 2] })).result();
    expect(result.get("2")).toBe(4);
    expect(result.keys).toEqual(["1", "2"]);
    expect(JSON.parse(JSON.stringify(result))).toEqual({
      type: "collection",
      items: [
        { key: "1", status: "succeeded", value: 2 },
        { key: "2", status: "succeeded", value: 4 },
      ],
    });
  });

  it("has them behind a composed part, inside inline children, and in a case", async () => {
    await using kindling = await createRuntime({ contracts: [nested], ledger: memoryLedger() });
    const { own, inside, chosen } = await (await kindling.start(nested, { numbers: [1, 2, 3] })).result();
    expect(own.get("3")).toBe(6);
    expect(inside.same.successes).toEqual({ 1: 2, 2: 4, 3: 6 });
    expect(inside.count).toBe(3);
    expect(chosen).toBe(2);
  });
});
