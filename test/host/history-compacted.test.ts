// Histories that are compacted while they start runs and answer awaits: what is written again is no new event, and what was given up is none any more.

import { contract, defineHistory, type Kindling, type LedgerPlace, memoryLedger } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling, until } from "./open-host.ts";

const calls = defineHistory("calls", {
  schema: z.object({ customer: z.string(), minutes: z.number() }),
  partitionBy: ({ customer }) => customer,
  retention: { last: 1 },
});
const started = (name: string, from: "now" | "beginning") =>
  contract(name, {
    inputs: { minutes: z.number() },
    start: { on: calls, from, inputs: ({ minutes }) => ({ minutes }) },
    define: (g, { minutes }) => g.compute("twice", { needs: { minutes }, run: ({ minutes }) => minutes * 2 }),
  });
const waiting = contract("waiting", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define: (g) => g.map("minutes", g.await("call", { on: calls, correlate: { id: "customer" }, timeout: "1d" }), ({ minutes }) => minutes),
});

const resultsOf = async (kindling: Kindling, name: string): Promise<readonly unknown[]> => {
  const { items } = await kindling.list({ contract: name, status: "succeeded" });
  return Promise.all(items.toReversed().map(async ({ id }) => (await kindling.run(id)).result()));
};

async function called(ledger: LedgerPlace, minutes: readonly number[]): Promise<void> {
  await using before = await openKindling({ contracts: [], ledger });
  for (const each of minutes) await before.history(calls).append({ customer: "ada", minutes: each });
}

describe("a history that is compacted", () => {
  it("starts no run and answers no await by the event that is written again", async () => {
    const ledger = memoryLedger();
    await called(ledger, [1, 2, 3]);
    await using kindling = await openKindling({ contracts: [started("late", "now"), waiting], ledger, stores: [calls] });
    const run = await kindling.start(waiting, { id: "ada" });
    expect((await kindling.compactFacts()).receipts).toMatchObject([{ facts: 2 }]);
    await kindling.history(calls).append({ customer: "ada", minutes: 4 });
    expect(await run.result()).toBe(4);
    await until(async () => (await resultsOf(kindling, "late")).length > 0);
    expect(await resultsOf(kindling, "late")).toEqual([8]);
  });

  it("starts runs by what is left, where nobody had looked at it before", async () => {
    const ledger = memoryLedger();
    await called(ledger, [1, 2, 3]);
    const before = await openKindling({ contracts: [], ledger, stores: [calls] });
    await before.compactFacts();
    await before.close();
    await using kindling = await openKindling({ contracts: [started("all", "beginning")], ledger });
    await kindling.history(calls).append({ customer: "ada", minutes: 4 });
    await until(async () => (await resultsOf(kindling, "all")).length > 1);
    expect(await resultsOf(kindling, "all")).toEqual([6, 8]);
  });
});

describe("an event of before a run", () => {
  it("does not answer it, also where it is looked at only after the run began", async () => {
    const ledger = memoryLedger();
    await (await openKindling({ contracts: [waiting], ledger })).close();
    await called(ledger, [1, 2, 3]);
    await using kindling = await openKindling({ contracts: [waiting], ledger });
    const run = await kindling.start(waiting, { id: "ada" });
    await kindling.history(calls).append({ customer: "ada", minutes: 4 });
    expect(await run.result()).toBe(4);
  });
});
