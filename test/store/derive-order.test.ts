// In which order a rule is given what belongs to a key: the same while it is followed as when everything is derived anew.

import { defineHistory, defineStore, derive, type Kindling, memoryLedger } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { openKindling } from "../host/open-host.ts";

const steps = defineHistory("steps", {
  schema: z.object({ part: z.string(), number: z.number() }),
  partitionBy: ({ part }) => part,
});
const people = defineStore("people", { schema: z.object({ city: z.string(), name: z.string() }), retention: { last: 1 } });

const all = z.array(z.number());
const names = z.array(z.string());
const told = derive("told", { schema: all, from: steps, key: () => "all", compute: (facts) => facts.map(({ value }) => value.number) });
const counted = derive("counted", {
  schema: all,
  from: steps,
  key: () => "all",
  reduce: { initial: [], add: (numbers, { number }) => [...numbers, number] },
});
const lived = derive("lived", {
  schema: names,
  from: people,
  key: ({ city }) => city,
  compute: (facts) => facts.map(({ value }) => value.name),
});
const came = derive("came", {
  schema: names,
  from: people,
  key: ({ city }) => city,
  reduce: {
    initial: [],
    add: (list, { name }) => [...list, name],
    remove: (list, { name }) => list.filter((other) => other !== name),
  },
});
const stores = [steps, people, told, counted, lived, came];

/** What is there, and by which facts. */
async function standing(kindling: Kindling) {
  await kindling.derivations.settle();
  const facts = [
    await kindling.store(told).get("all"),
    await kindling.store(counted).get("all"),
    await kindling.store(lived).get("Ulm"),
    await kindling.store(came).get("Ulm"),
  ];
  return { values: facts.map((fact) => fact?.value), ids: facts.map((fact) => fact?.id) };
}

describe("what is derived from events of several parts, and from values that move", () => {
  it("is the same when it is derived anew: events in the order of the ledger, values by when their keys were first written", async () => {
    await using kindling = await openKindling({ contracts: [], stores });
    const numbers = Array.from({ length: 120 }, (_, number) => number);
    // Parts of which one goes on behind the beginning of the others, and takes several pages.
    for (const number of numbers) await kindling.history(steps).append({ part: `p${number % 2 === 0 ? 0 : number % 7}`, number });
    const moves = [
      ["c", "Ulm"],
      ["b", "Ulm"],
      ["a", "Bonn"],
      ["c", "Bonn"],
      ["a", "Ulm"],
      ["c", "Ulm"],
    ] as const;
    for (const [name, city] of moves) await kindling.store(people).write(name, { city, name });

    const before = await standing(kindling);
    expect(before.values).toEqual([numbers, numbers, ["c", "b", "a"], ["b", "a", "c"]]);
    await kindling.derivations.rebuild();
    expect(await standing(kindling)).toEqual(before);

    // What was written again stands elsewhere in the log.
    await kindling.compactFacts({ stores: [people] });
    await kindling.derivations.rebuild();
    expect(await standing(kindling)).toEqual(before);
  });
});

describe("a store of many keys that is derived anew", () => {
  it("records how far it is and nothing else, where every key is made of what it was made of", async () => {
    const memory = memoryLedger();
    let ledger: Ledger | undefined;
    const place = { ...memory, open: async (options: Parameters<typeof memory.open>[0]) => (ledger = await memory.open(options)) };
    await using kindling = await openKindling({ contracts: [], stores, ledger: place });
    const here = Array.from({ length: 100 }, (_, number) => people.write(`p${number}`, { city: `c${number % 40}`, name: "Ada" }));
    await kindling.record(here);
    await kindling.derivations.settle();
    const before = ledger?.position ?? 0;
    await kindling.derivations.rebuild("lived");
    expect((ledger?.position ?? 0) - before).toBeLessThanOrEqual(4);
  });

  it("records a fault once, however often the same is tried again", async () => {
    const wrong = derive("lived", {
      schema: z.number(),
      from: people,
      key: ({ city }) => city,
      compute: () => {
        throw new Error("not today");
      },
    });
    const memory = memoryLedger();
    let ledger: Ledger | undefined;
    const place = { ...memory, open: async (options: Parameters<typeof memory.open>[0]) => (ledger = await memory.open(options)) };
    await using kindling = await openKindling({ contracts: [], stores: [wrong], ledger: place });
    await kindling.record(Array.from({ length: 40 }, (_, number) => people.write(`p${number}`, { city: `c${number}`, name: "Ada" })));
    expect(await kindling.derivations.settle()).toMatchObject([{ failed: 40 }]);
    const before = ledger?.position ?? 0;
    expect(await kindling.derivations.retry("lived")).toMatchObject([{ failed: 40 }]);
    expect((ledger?.position ?? 0) - before).toBeLessThanOrEqual(2);
  });
});
