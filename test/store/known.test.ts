// Stores that a runtime knows by name, and those that a ledger holds.

import { createRuntime, defineHistory, defineStore, memoryLedger } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const people = defineStore("people", { schema: z.object({ city: z.string() }), version: 1, indexes: { city: ({ city }) => city } });
const calls = defineHistory("calls", { schema: z.object({ from: z.string() }), partitionBy: ({ from }) => from });

describe("stores by name", () => {
  it("are told with what agents need to ask of them", async () => {
    await using kindling = await createRuntime({ contracts: [], stores: [people, calls], ledger: memoryLedger() });
    expect(kindling.stores.map(({ kind, name, version, indexes }) => ({ kind, name, version, indexes }))).toEqual([
      { kind: "store", name: "people", version: 1, indexes: ["city"] },
      { kind: "history", name: "calls", version: 1, indexes: [] },
    ]);
    expect(kindling.stores[0]?.schema).toMatchObject({ properties: { city: { type: "string" } } });
  });

  it("are unique in a runtime", async () => {
    const twice = createRuntime({ contracts: [], stores: [people, defineHistory("people", { schema: z.null() })], ledger: memoryLedger() });
    await expect(twice).rejects.toMatchObject({ code: "duplicate_store", message: 'two stores or histories are named "people"' });
  });

  it("stand in the ledger from their first fact on, once, whoever wrote them", async () => {
    const place = memoryLedger();
    await using kindling = await createRuntime({ contracts: [], ledger: place });
    await Promise.all([
      kindling.record([people.write("a", { city: "Ulm" }), people.write("b", { city: "Ulm" })]),
      kindling.record([people.write("c", { city: "Bonn" }), calls.append({ from: "a" })]),
    ]);
    await kindling.store(people).remove("a");
    expect(await kindling.storeNames()).toEqual([
      { kind: "store", name: "people" },
      { kind: "history", name: "calls" },
    ]);
  });
});

it("a store that a runtime was given is not written by another definition of its name, whose values it could not read or find", async () => {
  const older = defineStore("people", { schema: z.object({ town: z.string() }) });
  await using kindling = await createRuntime({ contracts: [], stores: [people, calls], ledger: memoryLedger() });
  await expect(kindling.store(older).write("a", { town: "Ulm" })).rejects.toMatchObject({
    code: "other_definition",
    fix: expect.stringContaining("createRuntime({ stores })"),
  });
  const other = defineHistory("calls", { schema: z.number() });
  await expect(kindling.record([people.write("b", { city: "Ulm" }), other.append(5)])).rejects.toMatchObject({ code: "other_definition" });
  expect(await kindling.storeNames()).toEqual([]);
});
