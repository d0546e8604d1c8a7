// Derived stores: kept up with their sources, with the facts they were made of, whatever goes wrong on the way.

import {
  createRuntime,
  defineHistory,
  defineStore,
  derive,
  memoryLedger,
  type ComputeOptions,
  type Kindling,
  type LedgerPlace,
} from "kindling";
import { manualClock } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling, until } from "../host/open-host.ts";

const shifts = defineStore("shifts", { schema: z.object({ who: z.string(), day: z.string(), hours: z.number() }) });
const bookings = defineHistory("bookings", { schema: z.object({ day: z.string(), hours: z.number() }), partitionBy: ({ day }) => day });

const booked = derive("booked", {
  schema: z.number(),
  from: bookings,
  key: ({ day }) => day,
  reduce: { initial: 0, add: (sum, { hours }) => sum + hours },
});
const staffed = derive("staffed", {
  schema: z.number(),
  from: shifts,
  key: ({ day }) => day,
  reduce: { initial: 0, add: (sum, { hours }) => sum + hours, remove: (sum, { hours }) => sum - hours },
});
const team = derive("team", {
  schema: z.array(z.string()),
  from: shifts,
  key: ({ day }) => day,
  compute: (facts) => facts.map(({ value }) => value.who),
  indexes: { who: (names) => names },
});
const free = derive("free", {
  schema: z.object({ hours: z.number(), full: z.boolean() }),
  from: { staffed, booked },
  key: { staffed: (_hours, { key }) => key, booked: (_hours, { key }) => key },
  compute: ({ staffed: [staff], booked: [taken] }) => {
    const hours = (staff?.value ?? 0) - (taken?.value ?? 0);
    return { hours, full: hours <= 0 };
  },
  indexes: { full: ({ full }) => full },
});

async function open(ledger: LedgerPlace = memoryLedger(), stores = [booked, team, free]): Promise<Kindling> {
  return openKindling({ contracts: [], stores, ledger, clock: manualClock(Date.UTC(2026, 10, 21)) });
}

describe("a derived store", () => {
  it("is kept up with its sources, through a chain, and is read and queried like any other", async () => {
    await using kindling = await open();
    await kindling.store(shifts).write("s1", { who: "ada", day: "tue", hours: 8 });
    await kindling.store(shifts).write("s2", { who: "bob", day: "tue", hours: 4 });
    await kindling.history(bookings).append({ day: "tue", hours: 5 });
    await kindling.derivations.settle();
    expect((await kindling.store(free).get("tue"))?.value).toEqual({ hours: 7, full: false });
    expect((await kindling.store(team).get("tue"))?.value).toEqual(["ada", "bob"]);
    await kindling.history(bookings).append({ day: "tue", hours: 7 });
    await kindling.derivations.settle();
    expect((await kindling.store(free).query("full", true)).items.map(({ key }) => key)).toEqual(["tue"]);
    expect((await kindling.store(team).query("who", "bob")).items.map(({ key }) => key)).toEqual(["tue"]);
  });

  it("follows values that change, move to another key and go", async () => {
    await using kindling = await open();
    const store = kindling.store(shifts);
    await store.write("s1", { who: "ada", day: "tue", hours: 8 });
    await store.write("s2", { who: "bob", day: "tue", hours: 4 });
    await store.write("s1", { who: "ada", day: "wed", hours: 6 });
    await kindling.derivations.settle();
    const value = async (day: string) => [(await kindling.store(staffed).get(day))?.value, (await kindling.store(team).get(day))?.value];
    expect(await value("tue")).toEqual([4, ["bob"]]);
    expect(await value("wed")).toEqual([6, ["ada"]]);
    await store.remove("s2");
    await kindling.derivations.settle();
    expect(await value("tue")).toEqual([undefined, undefined]);
  });

  it("says of each value which facts it was made of, so that lineage goes through it both ways", async () => {
    await using kindling = await open();
    const shift = await kindling.store(shifts).write("s1", { who: "ada", day: "tue", hours: 8 });
    const booking = await kindling.history(bookings).append({ day: "tue", hours: 8 });
    await kindling.derivations.settle();
    const fact = await kindling.store(free).get("tue");
    expect(fact).toMatchObject({ producer: { kind: "derivation", name: "free" }, derivation: { version: 1, sources: 2 } });
    const { facts } = await kindling.lineage(fact?.id ?? "");
    expect(facts.map(({ id }) => id)).toEqual(expect.arrayContaining([shift.id, booking.id]));
    const effects = await kindling.lineage(booking.id, { direction: "effects" });
    expect(effects.facts.map(({ id }) => id)).toContain(fact?.id);
  });
});

it("an account that is null is one: it goes on from there, as when everything is derived anew", async () => {
  const known = derive("known", {
    schema: z.number().nullable(),
    from: defineHistory("steps", { schema: z.number() }),
    key: () => "all",
    reduce: { initial: 0, add: (sum: number | null, step) => (sum === null || step < 0 ? null : sum + step) },
  });
  await using kindling = await createRuntime({ contracts: [], stores: [known], ledger: memoryLedger() });
  const steps = kindling.history(defineHistory("steps", { schema: z.number() }));
  for (const step of [1, -1, 5]) {
    await steps.append(step);
    await kindling.derivations.settle();
  }
  expect((await kindling.store(known).get("all"))?.value).toBeNull();
});

const payments = defineHistory("payments", { schema: z.object({ to: z.string(), amount: z.number() }), partitionBy: ({ to }) => to });
const sound = { schema: z.number(), from: payments, key: ({ to }: { to: string }) => to };
const add = (sum: number, { amount }: { amount: number }): number => sum + amount;
const paid = derive("paid", { ...sound, reduce: { initial: 0, add } });

describe("a derived store whose rule fails", () => {
  const strict = derive("paid", {
    ...sound,
    reduce: {
      initial: 0,
      add: (sum, payment) => {
        if (payment.amount < 0) throw new Error(`below zero, by key sk-ant-api03-${"x".repeat(95)}`);
        return add(sum, payment);
      },
    },
  });

  it("keeps the writes and the other keys, says what is wrong without secrets, and misses nothing afterwards", async () => {
    const ledger = memoryLedger();
    const kindling = await createRuntime({ contracts: [], stores: [strict], ledger });
    const history = kindling.history(payments);
    await kindling.record([
      ...[5, -2, 1].map((amount) => payments.append({ to: "ada", amount })),
      payments.append({ to: "bob", amount: 3 }),
    ]);
    const [status] = await kindling.derivations.settle();
    expect(status).toMatchObject({ name: "paid", failed: 1, faults: [{ key: "ada", failure: { code: "derivation_threw" } }] });
    expect(JSON.stringify(status)).toContain("below zero");
    expect(JSON.stringify(status)).not.toContain("sk-ant-api03");
    expect((await kindling.store(strict).list()).items.map(({ key, value }) => [key, value])).toEqual([["bob", 3]]);
    expect((await history.read({ partition: "ada" })).items).toHaveLength(3);
    await kindling.close();
    await using later = await createRuntime({ contracts: [], stores: [paid], ledger });
    expect(await later.derivations.settle()).toMatchObject([{ failed: 0, faults: [] }]);
    expect((await later.store(paid).get("ada"))?.value).toBe(4);
  });

  it("tells facts of which it cannot say to which key they belong, and takes them in when that is mended", async () => {
    const ledger = memoryLedger();
    const lost = derive("paid", { ...sound, key: ({ to }) => `${to}\n`, reduce: { initial: 0, add } });
    const kindling = await createRuntime({ contracts: [], stores: [lost], ledger });
    await kindling.history(payments).append({ to: "ada", amount: 5 });
    expect(await kindling.derivations.settle()).toMatchObject([{ failed: 1, faults: [{ key: "", failure: { code: "bad_key" } }] }]);
    await kindling.close();
    await using later = await createRuntime({ contracts: [], stores: [paid], ledger });
    expect(await later.derivations.settle()).toMatchObject([{ failed: 0 }]);
    expect((await later.store(paid).get("ada"))?.value).toBe(5);
  });

  it("gives up on a computation that takes longer than it may", async () => {
    const clock = manualClock(Date.UTC(2026, 10, 21));
    let isAsked = false;
    const slow = derive("slow", {
      ...sound,
      timeLimit: "2s",
      compute: () => {
        isAsked = true;
        return new Promise<number>(() => {});
      },
    });
    await using kindling = await openKindling({ contracts: [], stores: [slow], clock });
    await kindling.history(payments).append({ to: "ada", amount: 5 });
    const settled = kindling.derivations.settle();
    await until(() => isAsked);
    clock.advance(2_000);
    expect(await settled).toMatchObject([{ faults: [{ key: "ada", failure: { code: "derivation_timed_out" } }] }]);
  });

  it("refuses values that do not fit its own schema", async () => {
    const wrong = derive("wrong", { ...sound, compute: () => "five" as unknown as number });
    await using kindling = await openKindling({ contracts: [], stores: [wrong] });
    await kindling.history(payments).append({ to: "ada", amount: 5 });
    expect(await kindling.derivations.settle()).toMatchObject([{ faults: [{ failure: { code: "bad_value" } }] }]);
  });
});

describe("what is derived is refused", () => {
  it("to be written", async () => {
    await using kindling = await open();
    const plain = defineStore("free", { schema: z.unknown() });
    await expect(kindling.store(plain).write("tue", 1)).rejects.toMatchObject({ code: "store_is_derived" });
    const named = kindling.storeNamed("free");
    await expect(named?.kind === "store" ? named.handle.remove("tue") : undefined).rejects.toMatchObject({ code: "store_is_derived" });
    expect((await kindling.store(plain).list()).items).toEqual([]);
  });

  it("to follow from itself", async () => {
    const b = defineStore("b", { schema: z.number() });
    const key = (_value: number, fact: { readonly key: string }): string => fact.key;
    const a = derive("a", { schema: z.number(), from: b, key, compute: ([fact]) => fact?.value });
    const again = derive("b", { schema: z.number(), from: a, key, compute: ([fact]) => fact?.value });
    await expect(createRuntime({ contracts: [], stores: [again], ledger: memoryLedger() })).rejects.toMatchObject({
      code: "derivation_cycle",
      message: '"b" is derived from itself: b from a from b',
    });
  });

  it.each<readonly [string, object, string]>([
    ["no rule", {}, "says neither compute nor reduce"],
    ["two rules", { compute: () => 1, reduce: { initial: 0, add } }, "says both compute and reduce"],
    ["no key", { key: "to", compute: () => 1 }, "key is no function"],
    ["no source", { from: {}, compute: () => 1 }, "has nothing to be derived from"],
    ["a source that is none", { from: { a: 1 }, key: { a: () => "a" }, compute: () => 1 }, "from.a is no store"],
  ])("with %s", (_case, options, message) => {
    // Who has no types passes what they like.
    expect(() => derive("x", { ...sound, ...options } as unknown as ComputeOptions<unknown, number>)).toThrow(message);
  });

  it("with a time limit that is none", async () => {
    const bad = derive("bad", { ...sound, timeLimit: "soon" as "1s", compute: () => 1 });
    await expect(createRuntime({ contracts: [], stores: [bad], ledger: memoryLedger() })).rejects.toMatchObject({ code: "bad_time_limit" });
  });

  it("by a name that nobody derives", async () => {
    await using kindling = await open();
    await expect(kindling.derivations.rebuild("fre")).rejects.toMatchObject({
      code: "unknown_derivation",
      fix: expect.stringContaining("free"),
    });
  });
});
