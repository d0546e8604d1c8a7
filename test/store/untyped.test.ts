// What programs without types hand in for definitions and options: refused at the door with a cure, and never a TypeError of what stands behind it.

import {
  contract,
  createRuntime,
  defineBoundary,
  defineHistory,
  defineStore,
  derive,
  InputError,
  historyTools,
  type Kindling,
  memoryLedger,
  project,
  storeTools,
} from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";

const people = defineStore("people", { schema: z.string(), indexes: { name: (name) => name } });
const calls = defineHistory("calls", { schema: z.string() });
const count = derive("count", { schema: z.number(), from: calls, key: (who) => who, compute: (facts) => facts.length });
const sum = project("sum", { from: { calls }, schema: z.number(), initial: 0, fold: { calls: (sum) => sum + 1 } });
const day = defineBoundary("day", { schema: z.number(), covers: () => ({ all: { of: calls } }), result: ({ all }) => all.length });
const at = { subject: "team", period: "monday" };

/** Whatever a caller without types passes. */
const wild = (value: unknown): never => value as never;
const JUNK: readonly unknown[] = [undefined, null, 5, "people", [], {}, () => 1];
/** What is no object of options, and was not left out either. */
const NO_OPTIONS: readonly unknown[] = [null, 5, "people", [], () => 1];

/** What a call is refused with. */
async function refusal(call: () => unknown): Promise<unknown> {
  try {
    const given: unknown = await call();
    return `gave ${typeof given}`;
  } catch (error) {
    return error instanceof InputError && error.fix !== undefined ? error.code : error;
  }
}

async function read(feed: AsyncIterable<unknown>): Promise<number> {
  let read = 0;
  for await (const _each of feed) read += 1;
  return read;
}

describe("a definition", () => {
  it.each<[string, (value: never) => unknown]>([
    ["the options of a store", (value) => defineStore("n", value)],
    ["the options of a history", (value) => defineHistory("n", value)],
    ["the options of a derived store", (value) => derive("n", value)],
    ["the options of a projection", (value) => project("n", value)],
    ["the options of a boundary", (value) => defineBoundary("n", value)],
    ["what a store is derived from", (value) => derive("n", { schema: z.number(), from: value, key: () => "a", compute: () => 1 })],
    [
      "what a projection is made of",
      (value) => project("n", { schema: z.number(), from: { a: value }, initial: 0, fold: wild({ a: () => 0 }) }),
    ],
    ["the store of tools", (value) => storeTools(value, {})],
    ["the history of tools", (value) => historyTools(value, {})],
  ])("is refused for what is none as %s", async (_case, define) => {
    for (const junk of JUNK) expect(await refusal(() => define(wild(junk)))).toMatch(/^bad_/);
  });

  it.each(["indexes", "relations", "upcast"])("says that %s is no object, in place of passing over it", async (option) => {
    for (const junk of NO_OPTIONS)
      expect(await refusal(() => defineStore("n", wild({ schema: z.string(), [option]: junk })))).toBe("bad_options");
  });

  it("of another kind is refused, in place of finding nothing", async () => {
    await using kindling = await openKindling({ contracts: [] });
    expect(() => kindling.store(wild(calls))).toThrow('kindling.store: "calls" is a history, and no store');
    expect(() => kindling.store(wild("people"))).toThrow('kindling.store: "people" is no store');
    expect(() => kindling.history(wild(people))).toThrow('kindling.history: "people" is a store, and no history');
    expect(() => kindling.projection(wild(people))).toThrow('kindling.projection: "people" is a store, and no projection');
    expect(() => kindling.boundaries(wild(people))).toThrow('kindling.boundaries: "people" is a store, and no boundary');
    for (const junk of JUNK) {
      expect(await refusal(() => kindling.store(wild(junk)))).toBe("bad_store");
      expect(await refusal(() => kindling.history(wild(junk)))).toBe("bad_store");
      expect(await refusal(() => kindling.projection(wild(junk)))).toBe("bad_store");
      expect(await refusal(() => kindling.boundaries(wild(junk)))).toBe("bad_store");
    }
  });

  it("of another kind is a finding of the contract that reads or records it, with the cure", () => {
    const reading = (): unknown =>
      contract("c", { inputs: { id: z.string() }, define: (g, { id }) => g.read("a", wild(calls), { key: id }) });
    expect(reading).toThrow('g.read: "calls" is a history, and no store');
    expect(reading).toThrow("a history is for kindling.history");
    expect(() => contract("c", { inputs: { id: z.string() }, define: (g, { id }) => g.read("a", wild(undefined), { key: id }) })).toThrow(
      "g.read: undefined is no store",
    );
    expect(() =>
      contract("c", { inputs: { id: z.string() }, define: (g, { id }) => g.write("a", wild(count), { key: id, value: wild(id) }) }),
    ).toThrow("count is derived, so nobody writes it");
    expect(() => contract("c", { inputs: {}, define: (g) => g.append("a", calls, wild(undefined)) })).toThrow(
      "g.append: an object is wanted, and undefined was given",
    );
  });

  it("is what a runtime takes as a store, and a list of them", async () => {
    for (const stores of [null, 5, "people", {}, [null], ["people"], [{}], [sum], [day]])
      expect(await refusal(() => createRuntime({ contracts: [], ledger: memoryLedger(), stores: wild(stores) }))).toMatch(/^bad_/);
  });
});

it.each<[object, string]>([
  [{ ledger: memoryLedger() }, "no_contracts"],
  [{ contracts: [people], ledger: memoryLedger() }, "no_contract"],
  [{ contracts: [] }, "no_ledger"],
])("a runtime tells what it cannot be made without: %o is refused with %s", async (options, code) => {
  await expect(createRuntime(wild(options))).rejects.toMatchObject({ code, fix: expect.stringMatching(/\w/) });
});

describe("changes that are none", () => {
  it.each<[string, unknown, string]>([
    ["nothing", undefined, "record: undefined is no list of changes"],
    ["a change outside of a list", people.write("a", "Ada"), "record: an object is no list of changes"],
    ["null in the list", [people.write("a", "Ada"), null], "record: changes[1] is null, and no change"],
    ["a receipt", [{ id: "store:people:a@1#0011223344556677" }], "record: changes[0] is an object, and no change"],
    ["a write that is waited for", [Promise.resolve()], "record: changes[0] is an object, and no change"],
  ])("are refused for %s, and nothing is recorded", async (_case, changes, message) => {
    await using kindling = await openKindling({ contracts: [] });
    await expect(kindling.record(wild(changes))).rejects.toMatchObject({ code: "bad_changes", message });
    expect(await kindling.storeNames()).toEqual([]);
  });
});

describe("options that are none", () => {
  const CALLS: Readonly<Record<string, (kindling: Kindling, junk: never) => unknown>> = {
    record: (kindling, junk) => kindling.record([people.write("a", "Ada")], junk),
    "store.write": (kindling, junk) => kindling.store(people).write("a", "Ada", junk),
    "store.remove": (kindling, junk) => kindling.store(people).remove("a", junk),
    "store.get": (kindling, junk) => kindling.store(people).get("a", junk),
    "store.history": (kindling, junk) => kindling.store(people).history("a", junk),
    "store.list": (kindling, junk) => kindling.store(people).list(junk),
    "store.query": (kindling, junk) => kindling.store(people).query("name", "Ada", junk),
    "store.watch": (kindling, junk) => read(kindling.store(people).watch("name", "Ada", junk)),
    "history.append": (kindling, junk) => kindling.history(calls).append("Ada", junk),
    "history.read": (kindling, junk) => kindling.history(calls).read(junk),
    "history.partitions": (kindling, junk) => kindling.history(calls).partitions(junk),
    "projection.get": (kindling, junk) => kindling.projection(sum).get(junk),
    "boundaries.list": (kindling, junk) => kindling.boundaries(day).list(junk),
    "boundaries.settle": (kindling, junk) => kindling.boundaries(day).settle(at, junk),
    "boundaries.replay": (kindling, junk) => kindling.boundaries(day).replay(at, junk),
    "boundaries.compact": (kindling, junk) => kindling.boundaries(day).compact(junk),
    factChanges: (kindling, junk) => read(kindling.factChanges(junk)),
    activity: (kindling, junk) => kindling.activity(junk),
    lineage: (kindling, junk) => kindling.lineage("run_x", junk),
    resolve: (kindling, junk) => kindling.resolve("run_x:1", junk),
    stats: (kindling, junk) => kindling.stats(junk),
    compactFacts: (kindling, junk) => kindling.compactFacts(junk),
    pruneFacts: (kindling, junk) => kindling.pruneFacts(junk),
    purgeFacts: (kindling, junk) => kindling.purgeFacts(junk),
    eraseFacts: (kindling, junk) => kindling.eraseFacts(junk),
    factReceipts: (kindling, junk) => kindling.factReceipts(junk),
    exportFacts: (kindling, junk) => read(kindling.exportFacts(junk)),
    importFacts: (kindling, junk) => kindling.importFacts([], junk),
  };

  it.each(Object.keys(CALLS))("are refused by %s", async (name) => {
    await using kindling = await openKindling({ contracts: [] });
    for (const junk of NO_OPTIONS) expect(await refusal(() => CALLS[name]?.(kindling, wild(junk)))).toBe("bad_options");
  });

  it("are one text where a list is wanted, or a word that there is not", async () => {
    await using kindling = await openKindling({ contracts: [] });
    const { id } = await kindling.store(people).write("a", "Ada");
    expect(await refusal(() => read(kindling.factChanges({ stores: wild("people") })))).toBe("bad_options");
    expect(await refusal(() => kindling.activity({ stores: wild("people") }))).toBe("bad_options");
    expect(await refusal(() => read(kindling.exportFacts({ stores: wild("people") })))).toBe("bad_options");
    expect(await refusal(() => kindling.lineage(id, { direction: wild("effect") }))).toBe("bad_options");
    expect(await refusal(() => kindling.resolve(id, { fidelity: wild("Boundary") }))).toBe("bad_options");
  });
});

describe("what gives up facts", () => {
  it.each(["compactFacts", "purgeFacts"] as const)("takes no option of %s that is misspelt: a plan would be carried out", async (verb) => {
    await using kindling = await openKindling({ contracts: [] });
    const said = kindling[verb](wild({ dryrun: true }));
    await expect(said).rejects.toMatchObject({ message: `${verb}: there is no option "dryrun"`, fix: 'Did you mean "dryRun"?' });
    expect(await refusal(() => kindling[verb](wild({ dryRun: "yes" })))).toBe("bad_options");
    expect((await kindling.factReceipts()).items).toEqual([]);
  });
});

describe("an id that is none", () => {
  it.each(["fact", "factRef", "resolve", "lineage"] as const)("is refused by %s", async (call) => {
    await using kindling = await openKindling({ contracts: [] });
    for (const junk of [undefined, null, 5, {}]) expect(await refusal(() => kindling[call](wild(junk)))).toBe("bad_fact_id");
  });
});

it("what an index or partitionBy throws is told with its store and its name, and nothing is recorded", async () => {
  await using kindling = await openKindling({ contracts: [] });
  const fail = (): never => {
    throw new Error("no city");
  };
  const cities = defineStore("cities", { schema: z.string(), indexes: { city: fail } });
  const visits = defineHistory("visits", { schema: z.string(), partitionBy: fail });
  await expect(kindling.store(cities).write("a", "x")).rejects.toMatchObject({
    code: "bad_index_value",
    message: 'cities: the index "city" threw: no city',
  });
  await expect(kindling.history(visits).append("x")).rejects.toMatchObject({
    code: "bad_key",
    message: "visits: partitionBy threw: no city",
  });
  expect(await kindling.storeNames()).toEqual([]);
});
