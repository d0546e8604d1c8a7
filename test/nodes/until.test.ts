// A repeat whose end is data: matchers of what a round gave.

import { contract, createRuntime, DefinitionError, memoryLedger } from "kindling";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";

async function resultOf(until: object, max = 20): Promise<unknown> {
  const doubling = contract("doubling", {
    inputs: { n: z.number() },
    define: (g, { n }) =>
      g.repeat("again", {
        from: n,
        as: "n",
        child: (g, { n }) => g.map("twice", n, (value) => value * 2),
        until,
        max,
      }),
  });
  const kindling = await createRuntime({ contracts: [doubling], ledger: memoryLedger() });
  onTestFinished(() => kindling.close());
  return (await kindling.start(doubling, { n: 1 })).result();
}

describe("until as data", () => {
  it("ends with the first round whose value fits", async () => {
    expect(await resultOf({ is: { min: 10 } })).toBe(16);
    expect(await resultOf({ is: { in: [4, 8] } })).toBe(4);
  });

  it("ends with the first round whose members all fit", async () => {
    const counting = contract("counting", {
      inputs: {},
      define: (g) =>
        g.repeat("again", {
          from: g.const<{ n: number; half: number }>("start", { n: 0, half: 0 }),
          as: "state",
          child: (g, { state }) => g.map("next", state, ({ n }) => ({ n: n + 1, half: n / 2 })),
          until: { where: { n: { min: 3 }, half: { in: [2, 3] } } },
          max: 20,
        }),
    });
    const kindling = await createRuntime({ contracts: [counting], ledger: memoryLedger() });
    onTestFinished(() => kindling.close());
    expect(await (await kindling.start(counting, {})).result()).toEqual({ n: 5, half: 2 });
  });

  it("is not fitted by a value without the members", async () => {
    await expect(resultOf({ where: { n: { min: 1 } } }, 2)).rejects.toThrow("after 2 rounds");
  });

  it.each([{}, { where: {} }, { is: { eq: 1 }, where: { n: { eq: 1 } } }, { is: { minimum: 1 } }, { where: { n: 5 } }, 7])(
    "%j is refused",
    async (until) => {
      await expect(resultOf(until as object)).rejects.toThrow(DefinitionError);
    },
  );
});
