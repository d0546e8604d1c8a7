// Stores that a runtime knows by name, and those that a ledger holds.

import { contract, createRuntime, defineHistory, defineStore, derive, memoryLedger } from "kindling";
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

describe("a contract or a derived store that means another definition than its runtime was given", () => {
  const older = defineStore("people", { schema: z.object({ town: z.string() }) });
  const otherCalls = defineHistory("calls", { schema: z.number() });

  it("is told when the runtime is made: where it writes, where it reads, in a child, by its start, by what it is derived from", async () => {
    const write = contract("write", {
      inputs: { town: z.string() },
      define: (g, { town }) => g.write("person", older, { needs: { town }, key: () => "a", value: ({ town }) => ({ town }) }),
    });
    const inner = contract("inner", { inputs: { id: z.string() }, define: (g, { id }) => g.read("person", older, { key: id }) });
    const read = contract("read", {
      inputs: { id: z.string() },
      start: { on: otherCalls, inputs: () => ({ id: "a" }) },
      define: (g, { id }) => g.compose("person", { needs: { id }, child: inner }),
    });
    const towns = derive("towns", { schema: z.number(), from: older, key: ({ town }) => town, compute: (facts) => facts.length });
    const error = await createRuntime({ contracts: [write, read], stores: [people, calls, towns], ledger: memoryLedger() }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: "other_definition",
      fix: expect.stringContaining("Define each store once"),
      details: {
        others: [
          { by: 'contract "read", start', store: "calls" },
          { by: 'contract "write", node "person"', store: "people" },
          { by: 'contract "inner", node "person"', store: "people" },
          { by: 'derived store "towns"', store: "people" },
        ],
      },
    });
  });

  it("is none where the runtime was not given the store, or given the same", async () => {
    const read = contract("read", { inputs: { id: z.string() }, define: (g, { id }) => g.read("person", people, { key: id }) });
    for (const stores of [[], [people, calls]]) {
      await using kindling = await createRuntime({ contracts: [read], stores, ledger: memoryLedger() });
      expect(kindling.stores.length).toBe(stores.length);
    }
  });

  it("one of the same schema that lacks an index is another one, too", async () => {
    const bare = defineStore("people", { schema: people.schema });
    await using kindling = await createRuntime({ contracts: [], stores: [people], ledger: memoryLedger() });
    await expect(kindling.store(bare).write("a", { city: "Ulm" })).rejects.toMatchObject({
      code: "other_definition",
      message: expect.stringContaining("differs in indexes"),
    });
  });

  it("one of the same schema that keeps its events in other parts is another one, too", async () => {
    const whole = defineHistory("calls", { schema: calls.schema });
    const reversed = defineHistory("calls", { schema: calls.schema, partitionBy: ({ from }) => `to ${from}` });
    await using kindling = await createRuntime({ contracts: [], stores: [calls], ledger: memoryLedger() });
    for (const other of [whole, reversed])
      await expect(kindling.history(other).append({ from: "a" })).rejects.toMatchObject({
        code: "other_definition",
        details: { differs: ["partitionBy"] },
      });
    await kindling.history(calls).append({ from: "a" });
    expect(await kindling.history(calls).partitions()).toMatchObject({ items: ["a"] });
  });
});
