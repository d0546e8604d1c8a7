// Programs of many editions one after the other over one ledger, against what the latest values come to: sources in two versions, rules that are others, raised and lowered at will,
// programs that derive nothing and write the derived store as a plain one, rules that fail for a while, and processes that close before they have come to all.

import { createRuntime, defineStore, derive, type Derived, type Kindling, memoryLedger } from "kindling";
import { expect, it } from "vitest";
import { z } from "zod";
import { fc } from "../fast-check.ts";

const HISTORIES = 60;

const older = defineStore("shifts", { schema: z.object({ day: z.string(), hours: z.number() }) });
const newer = defineStore("shifts", {
  version: 2,
  schema: z.object({ day: z.string(), hours: z.number(), place: z.string() }),
  upcast: { 1: (value) => ({ day: "", hours: 0, ...(value as object), place: "" }) },
});
/** Later than all rules, so that it may write over what they gave. */
const plain = defineStore("sums", {
  schema: z.number(),
  version: 7,
  upcast: Object.fromEntries([1, 2, 3, 4, 5, 6].map((version) => [version, (value) => value])),
});

const rule = fc.record({
  from: fc.constantFrom<1 | 2>(1, 2),
  way: fc.constantFrom("compute", "reduce", "remove"),
  byDay: fc.boolean(),
  /** While it does, it refuses what has three hours. */
  fails: fc.boolean(),
});
type Rule = typeof rule extends fc.Arbitrary<infer R> ? R : never;

const WAYS = ["compute", "reduce", "remove"];

/** Every rule has a version of its own. */
function sumsOf({ from, way, byDay, fails }: Rule): Derived<number> {
  const take = (hours: number): number => {
    if (fails && hours === 3) throw new Error("three hours");
    return hours;
  };
  const common = {
    schema: z.number(),
    from: from === 1 ? older : newer,
    key: ({ day, hours }: Shift) => groupOf(byDay, { day, hours }),
    version: 1 + 2 * WAYS.indexOf(way) + Number(byDay),
  };
  const add = (sum: number, { hours }: Shift): number => sum + take(hours);
  const remove = (sum: number, { hours }: Shift): number => sum - hours;
  if (way === "compute")
    return derive("sums", { ...common, compute: (facts) => facts.reduce((sum, { value }) => sum + take(value.hours), 0) });
  return derive("sums", { ...common, reduce: { initial: 0, add, ...(way === "remove" ? { remove } : {}) } });
}

interface Shift {
  readonly day: string;
  readonly hours: number;
}

function groupOf(byDay: boolean, { day, hours }: Shift): string {
  return byDay ? day : hours > 2 ? "long" : "short";
}

const change = fc.record({
  key: fc.constantFrom("a", "b", "c"),
  day: fc.constantFrom("mon", "tue"),
  hours: fc.integer({ min: 0, max: 4 }),
  isRemoved: fc.boolean(),
});
const edition = fc.record({
  rule,
  does: fc.constantFrom("derives", "derives", "derives", "closes early", "writes it"),
  changes: fc.array(change, { maxLength: 5 }),
});

/** Writes what an edition may write, and gives what stands there then. */
async function carryOut(kindling: Kindling, from: 1 | 2, changes: readonly (Shift & { key: string; isRemoved: boolean })[], model: Model) {
  for (const { key, day, hours, isRemoved } of changes) {
    const write = isRemoved
      ? older.remove(key)
      : from === 1
        ? older.write(key, { day, hours })
        : newer.write(key, { day, hours, place: "here" });
    const isTooNew = !isRemoved && (model.get(key)?.version ?? 0) > from;
    const outcome = await kindling.record([write]).then(
      () => "done",
      ({ code }: { code: string }) => code,
    );
    expect(outcome).toBe(isTooNew ? "value_too_new" : "done");
    if (isRemoved) model.delete(key);
    else if (!isTooNew) model.set(key, { day, hours, version: from });
  }
}

type Model = Map<string, Shift & { readonly version: number }>;

function sumsIn(model: Model, byDay: boolean): unknown {
  const groups = Map.groupBy(model.values(), (shift) => groupOf(byDay, shift));
  return Object.fromEntries([...groups].map(([key, shifts]) => [key, shifts.reduce((sum, { hours }) => sum + hours, 0)]));
}

it("each edition that can read its sources has derived what they come to, whatever those before it did", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(edition, { minLength: 2, maxLength: 7 }), async (editions) => {
      const ledger = memoryLedger();
      const model: Model = new Map();
      for (const { rule: said, does, changes } of editions) {
        const sums = sumsOf(said);
        await using kindling = await createRuntime({ contracts: [], stores: does === "writes it" ? [plain] : [sums], ledger });
        if (does === "writes it") await kindling.record([plain.write("mon", 500), plain.write("long", 500), plain.remove("tue")]);
        await carryOut(kindling, said.from, changes, model);
        if (does !== "derives") continue;
        const [status] = await kindling.derivations.settle();
        if (said.fails || [...model.values()].some(({ version }) => version > said.from)) continue;
        const there = (await kindling.store(sums).list()).items.map(({ key, value }) => [key, value]);
        expect([status?.failed, Object.fromEntries(there)]).toEqual([0, sumsIn(model, said.byDay)]);
      }
    }),
    { numRuns: HISTORIES },
  );
});
