// What is derived when facts it rests on are given up, erased or purged: no value is silently another one.

import { setImmediate as nextTurn } from "node:timers/promises";
import { createRuntime, defineHistory, defineStore, derive, type Kindling, memoryLedger, project } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { encryptedPlace } from "../host/erasable.ts";
import { openKindling } from "../host/open-host.ts";
import { fileLedger } from "../../src/ledger/file.ts";
import { FactKeeper } from "../../src/store/fact-keeper.ts";
import { FactWriter } from "../../src/store/fact-writer.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const calls = defineHistory("calls", {
  schema: z.object({ customer: z.string(), minutes: z.number() }),
  partitionBy: ({ customer }) => customer,
  retention: { last: 1 },
});
const other = defineHistory("other", { schema: z.number() });
const people = defineStore("people", { schema: z.object({ city: z.string() }) });

const minutes = derive("minutes", {
  schema: z.number(),
  from: calls,
  key: ({ customer }) => customer,
  reduce: { initial: 0, add: (sum, call) => sum + call.minutes },
});
const longest = derive("longest", {
  schema: z.number(),
  from: calls,
  key: ({ customer }) => customer,
  compute: (facts) => Math.max(...facts.map(({ value }) => value.minutes)),
});
const inhabitants = derive("inhabitants", {
  schema: z.number(),
  from: people,
  key: ({ city }) => city,
  compute: (facts) => facts.length,
});
const stores = [calls, people, minutes, longest, inhabitants];

async function call(kindling: Kindling, ...lengths: readonly number[]): Promise<void> {
  for (const length of lengths) await kindling.history(calls).append({ customer: "ada", minutes: length });
  await kindling.derivations.settle();
}

describe("what is derived from facts that are given up", () => {
  it("is not behind for those that are written again, by the word of a process that only reads", async () => {
    const place = fileLedger(`${await temporaryFolder()}/ledger`);
    const kindling = await openKindling({ contracts: [], stores, ledger: place });
    await using reader = await openKindling({ contracts: [], stores, ledger: place, access: "read" });
    await call(kindling, 1, 2, 3);
    expect((await kindling.compactFacts()).ready).toHaveLength(1);
    expect((await reader.derivations.status("minutes"))[0]).toMatchObject({ behind: 0 });
  });

  it("stays: an account goes on, and a value that would have to be computed from them says that it cannot", async () => {
    await using kindling = await openKindling({ contracts: [], stores });
    await call(kindling, 9, 4, 2);
    await kindling.compactFacts({ stores: [calls] });
    await call(kindling, 1);
    expect((await kindling.store(minutes).get("ada"))?.value).toBe(16);
    expect((await kindling.store(longest).get("ada"))?.value).toBe(9);
    expect(await kindling.derivations.status("longest")).toMatchObject([
      { failed: 1, faults: [{ key: "ada", failure: { code: "detail_unavailable" } }] },
    ]);
    expect(await kindling.derivations.status("minutes")).toMatchObject([{ failed: 0 }]);
  });

  it("takes them in before they go", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow = derive("first", {
      schema: z.number(),
      from: calls,
      key: ({ customer }) => customer,
      compute: async (facts) => {
        await promise;
        return facts.length;
      },
    });
    await using kindling = await openKindling({ contracts: [], stores: [calls, slow, minutes] });
    for (const length of [9, 4, 2]) await kindling.history(calls).append({ customer: "ada", minutes: length });
    const compacted = kindling.compactFacts({ stores: [calls] });
    for (let turn = 0; turn < 100; turn++) await nextTurn();
    resolve();
    expect((await compacted).receipts).toMatchObject([{ facts: 2 }]);
    expect(await kindling.derivations.settle()).toMatchObject([{ failed: 0 }, { failed: 0 }]);
    expect((await kindling.store(minutes).get("ada"))?.value).toBe(15);
  });

  it("is not replaced by what is left of them when everything is derived anew", async () => {
    await using kindling = await openKindling({ contracts: [], stores });
    await call(kindling, 9, 4, 2);
    await kindling.compactFacts({ stores: [calls] });
    const statuses = await kindling.derivations.rebuild();
    expect(statuses.find(({ name }) => name === "minutes")).toMatchObject({
      faults: [{ key: "ada", failure: { code: "detail_unavailable" } }],
    });
    expect((await kindling.store(minutes).get("ada"))?.value).toBe(15);
    expect((await kindling.store(longest).get("ada"))?.value).toBe(9);
  });

  it("is made of what stands where nobody can say any more what they were, in place of looking for them for ever", async () => {
    const ledger = fileLedger(`${await temporaryFolder()}/ledger`);
    const kindling = await createRuntime({ contracts: [], stores, ledger });
    await kindling.store(people).write("p1", { city: "Ulm" });
    await kindling.derivations.settle();
    await kindling.close();
    const without = await createRuntime({ contracts: [], stores: [people], ledger });
    const { id } = await without.store(people).write("p1", { city: "Bonn" });
    await without.store(people).write("p1", { city: "Kiel" });
    await without.store(people).write("p2", { city: "Kiel" });
    await without.pruneFacts({ ids: [id], reason: "asked for" });
    await without.close();
    await using later = await openKindling({ contracts: [], stores, ledger });
    expect(await later.derivations.settle("inhabitants")).toMatchObject([{ behind: 0, failed: 0 }]);
    expect((await later.store(inhabitants).list()).items.map(({ key, value }) => [key, value])).toEqual([["Kiel", 2]]);
  });
});

describe("what is derived from facts that are gone from the disk", () => {
  const place = async () => fileLedger(`${await temporaryFolder()}/ledger`, { segmentBytes: 4_000 });
  const sum = (count: number) => (count * (count - 1)) / 2;

  it("goes on after a restart where all of it had been taken in", async () => {
    const ledger = await place();
    const kindling = await createRuntime({ contracts: [], stores, ledger });
    await kindling.record(Array.from({ length: 100 }, (_, length) => calls.append({ customer: "ada", minutes: length })));
    await kindling.derivations.settle();
    for (let n = 0; n < 30; n++) await kindling.history(other).append(n);
    await kindling.compactFacts({ stores: [calls] });
    const purged = await kindling.purgeFacts();
    expect(purged.ledger?.removed.commits).toBeGreaterThan(20);
    await kindling.close();

    await using later = await openKindling({ contracts: [], stores, ledger });
    await call(later, 7);
    expect((await later.store(minutes).get("ada"))?.value).toBe(sum(100) + 7);
    expect(await later.derivations.status("minutes")).toMatchObject([{ failed: 0 }]);
  });

  it("goes on where the log does not tell of some that are kept", async () => {
    const ledger = await place();
    const kindling = await createRuntime({ contracts: [], stores, ledger });
    await kindling.record(Array.from({ length: 100 }, (_, length) => calls.append({ customer: "ada", minutes: length })));
    await kindling.compactFacts({ stores: [calls] });
    await kindling.close();
    const without = await createRuntime({ contracts: [], stores: [calls], ledger });
    for (let n = 0; n < 100; n++) await without.history(calls).append({ customer: n % 2 === 0 ? "ada" : "bob", minutes: 1 });
    expect((await without.purgeFacts()).ledger).toMatchObject({ oldest: expect.toSatisfy((oldest: number) => oldest > 200) });
    await without.close();

    await using later = await openKindling({ contracts: [], stores, ledger });
    await call(later, 7);
    expect((await later.store(minutes).get("ada"))?.value).toBe(sum(100) + 57);
    expect((await later.store(minutes).get("bob"))?.value).toBe(50);
    expect(await later.derivations.status("minutes")).toMatchObject([{ failed: 0 }]);
  });

  it("says so where some had not been taken in", async () => {
    const ledger = await place();
    const kindling = await createRuntime({ contracts: [], stores, ledger });
    await call(kindling, 1, 2, 3);
    await kindling.close();
    const without = await createRuntime({ contracts: [], stores: [calls], ledger });
    for (let length = 0; length < 40; length++) await without.history(calls).append({ customer: "ada", minutes: length });
    await without.compactFacts({ stores: [calls] });
    expect((await without.purgeFacts()).ledger?.removed.commits).toBeGreaterThan(20);
    await without.close();

    await using later = await openKindling({ contracts: [], stores, ledger });
    expect(await later.derivations.settle("minutes")).toMatchObject([
      { faults: [{ key: "ada", failure: { code: "detail_unavailable" } }] },
    ]);
    expect((await later.store(minutes).get("ada"))?.value).toBe(6);
  });
});

describe("what is derived from a key that is erased", () => {
  it("is made anew of what is left, over a restart too", async () => {
    const { place } = await encryptedPlace();
    const kindling = await createRuntime({ contracts: [], stores, ledger: place });
    await kindling.store(people).write("p1", { city: "Ulm" });
    await kindling.store(people).write("p2", { city: "Ulm" });
    await kindling.store(people).write("p3", { city: "Bonn" });
    await kindling.derivations.settle();
    await kindling.eraseFacts({ store: people, key: "p1", reason: "asked for" });
    await kindling.eraseFacts({ store: people, key: "p3", reason: "asked for" });
    await kindling.close();
    await using later = await openKindling({ contracts: [], stores, ledger: place });
    await later.derivations.settle();
    expect((await later.store(inhabitants).list()).items.map(({ key, value }) => [key, value])).toEqual([["Ulm", 1]]);
    await later.store(people).write("p1", { city: "Ulm" });
    await later.derivations.settle();
    expect((await later.store(inhabitants).get("Ulm"))?.value).toBe(2);
  });

  it("and erased with it is made of what comes then", async () => {
    const { place } = await encryptedPlace();
    await using kindling = await openKindling({ contracts: [], stores, ledger: place });
    await kindling.store(people).write("p1", { city: "Bonn" });
    await kindling.derivations.settle();
    await kindling.eraseFacts({ store: people, key: "p1", reason: "asked for", derived: true });
    await kindling.derivations.settle();
    await kindling.store(people).write("p1", { city: "Ulm" });
    await kindling.store(people).write("p2", { city: "Bonn" });
    await kindling.derivations.settle();
    const counted = (await kindling.store(inhabitants).list()).items.map(({ key, value }) => [key, value]);
    expect(Object.fromEntries(counted)).toEqual({ Bonn: 1, Ulm: 1 });
  });
});

describe("an erasure of what values were derived from", () => {
  it("by a process that does not derive has them made anew by the next one that does", async () => {
    const { place } = await encryptedPlace();
    const first = await createRuntime({ contracts: [], stores, ledger: place });
    await first.store(people).write("p1", { city: "Ulm" });
    await first.store(people).write("p2", { city: "Ulm" });
    await first.derivations.settle();
    await first.close();
    const other = await createRuntime({ contracts: [], stores: [people], ledger: place });
    await other.eraseFacts({ store: people, key: "p1", reason: "asked for" });
    await other.close();
    await using later = await openKindling({ contracts: [], stores, ledger: place });
    await later.derivations.settle();
    expect((await later.store(inhabitants).get("Ulm"))?.value).toBe(1);
  });

  it("that was cut short behind the last value is followed by another one", async () => {
    const { place } = await encryptedPlace();
    {
      await using first = await openKindling({ contracts: [], stores, ledger: place });
      await first.store(people).write("p1", { city: "Ulm" });
      await first.store(people).write("p2", { city: "Ulm" });
      await first.derivations.settle();
    }
    {
      await using ledger = await place.open({ access: "write" });
      const lost = (): Promise<void> => Promise.reject(new Error("killed"));
      const keeper = new FactKeeper(ledger, new FactWriter(ledger), () => 0, { takenUpTo: () => ledger.position, lost });
      const order = { verb: "erase", kind: "store", store: "people", key: "p1", derived: false, reason: "asked for" } as const;
      await expect(keeper.keep(order)).rejects.toThrow("killed");
    }
    await using later = await openKindling({ contracts: [], stores, ledger: place });
    await later.derivations.settle();
    expect((await later.store(inhabitants).get("Ulm"))?.value).toBe(1);
  });
});

describe("a projection", () => {
  it("that had not come to facts which are gone from the disk says so, and from where on it is when it is made anew", async () => {
    const place = fileLedger(`${await temporaryFolder()}/ledger`, { segmentBytes: 4_000 });
    await using kindling = await openKindling({ contracts: [], stores: [calls], ledger: place });
    const count = project("count", { from: { calls }, schema: z.number(), initial: 0, fold: { calls: (before) => before + 1 } });
    await kindling.projection(count).rebuild();
    for (let length = 0; length < 40; length++) await call(kindling, length);
    await kindling.compactFacts({ stores: [calls] });
    const { ledger } = await kindling.purgeFacts();
    expect(ledger?.removed.commits).toBeGreaterThan(20);
    await expect(kindling.projection(count).get()).rejects.toMatchObject({ code: "projection_behind" });
    const anew = await kindling.projection(count).rebuild();
    expect(anew.state).toBeLessThan(20);
    expect(anew.since).toBeGreaterThan(20);
  });
});

describe("the order of facts", () => {
  it("is that of the ledger when a clock goes back", async () => {
    let now = Date.UTC(2026, 10, 21);
    const clock = { now: () => now, at: () => ({ cancel: () => {} }) };
    await using kindling = await openKindling({ contracts: [], ledger: memoryLedger(), clock });
    const store = kindling.store(people);
    const first = await store.write("p1", { city: "Ulm" });
    now -= 3_600_000;
    const second = await store.write("p1", { city: "Bonn" });
    expect(second.time).toBe(first.time);
    expect((await store.get("p1"))?.value.city).toBe("Bonn");
    expect((await store.get("p1", { asOf: { position: first.position } }))?.value.city).toBe("Ulm");
    now += 7_200_000;
    expect((await store.get("p1", { asOf: { time: first.time } }))?.value.city).toBe("Bonn");
    expect((await store.history("p1")).items.map(({ number }) => number)).toEqual([1, 2]);
  });
});
