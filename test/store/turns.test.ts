// Questions about many keys: everything else in the process has its turn while they are answered.

import { defineHistory, defineStore, derive, type Kindling, memoryLedger } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { restingOn } from "../../src/store/erase-facts.ts";
import { notesStream } from "../../src/store/names.ts";
import { openKindling } from "../host/open-host.ts";

const parcels = defineStore("parcels", { schema: z.number(), indexes: { weight: (weight) => weight }, retention: { last: 1 } });

const events = defineHistory("events", { schema: z.number() });
const count = derive("count", {
  schema: z.number(),
  from: { events },
  key: { events: () => "all" },
  compute: ({ events: all }) => all.length,
});

const tags = derive("tags", {
  schema: z.number(),
  from: parcels,
  key: (_weight, { key }) => key,
  reduce: { initial: 0, add: (sum, weight) => sum + weight, remove: (sum, weight) => sum - weight },
});

async function filled(): Promise<Kindling> {
  const kindling = await openKindling({ contracts: [], ledger: memoryLedger(), stores: [parcels] });
  for (const from of [0, 500]) await kindling.record(Array.from({ length: 500 }, (_, n) => parcels.write(`p${from + n}`, n)));
  return kindling;
}

/** How often others had their turn meanwhile. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let [turns, isOver] = [0, false];
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await work();
  isOver = true;
  return turns;
}

describe("others have their turn", () => {
  it.each<readonly [string, (kindling: Kindling) => Promise<unknown>]>([
    ["a large page is read", (kindling) => kindling.store(parcels).list({ limit: 1_000 })],
    ["a large part of an index is read", (kindling) => kindling.store(parcels).query("weight", { from: 0 }, { limit: 1_000 })],
    ["the past of an index is searched", (kindling) => kindling.store(parcels).query("weight", 7, { asOf: { position: 1_000 } })],
    ["stores are counted", (kindling) => kindling.stats()],
    ["a compaction is planned", (kindling) => kindling.compactFacts({ dryRun: true })],
  ])("while %s", async (_what, work) => {
    await using kindling = await filled();
    expect(await turnsDuring(() => work(kindling))).toBeGreaterThanOrEqual(3);
  });

  it("while a key is derived from many", async () => {
    await using kindling = await openKindling({ contracts: [], ledger: memoryLedger(), stores: [count] });
    for (let from = 0; from < 1_000; from += 500) await kindling.record(Array.from({ length: 500 }, (_, n) => events.append(from + n)));
    await kindling.derivations.settle();
    expect(await turnsDuring(() => kindling.derivations.rebuild("count"))).toBeGreaterThanOrEqual(3);
    expect((await kindling.store(count).get("all"))?.value).toBe(1_000);
  });

  it("while a store of many keys is derived anew, and comes out the same", async () => {
    await using kindling = await openKindling({ contracts: [], ledger: memoryLedger(), stores: [parcels, tags] });
    for (const from of [0, 500]) await kindling.record(Array.from({ length: 500 }, (_, n) => parcels.write(`p${from + n}`, n)));
    await kindling.derivations.settle();
    expect(await turnsDuring(() => kindling.derivations.rebuild("tags"))).toBeGreaterThanOrEqual(30);
  });

  it("while it is looked for what rests on a key", async () => {
    await using ledger = await memoryLedger().open({ access: "write" });
    const idOf = (key: string): string => `store:a:${key}@1#${"0".repeat(16)}`;
    const facts = Array.from({ length: 1_000 }, (_, n) => ({ type: "store.effect", cause: idOf("b"), effect: idOf(`${n}`) }));
    await ledger.append([{ run: notesStream("store:a:b"), expected: 0, facts }]);
    expect(await turnsDuring(() => restingOn(ledger, "store:a:b"))).toBeGreaterThanOrEqual(30);
  });
});
