// Facts of the application, as a program writes and reads them: stores by key, on the ledger of the runs.

import { fileLedger, memoryLedger, defineHistory, defineStore, type Kindling, type LedgerPlace } from "kindling";
import { manualClock } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const customers = defineStore("customers", {
  schema: z.object({ name: z.string(), city: z.string().nullable(), tags: z.array(z.string()).default([]) }),
  indexes: { city: ({ city }) => city, tag: ({ tags }) => tags, "in-town": ({ city }) => (city === "Bonn" ? true : undefined) },
});
const notes = defineStore("notes", { schema: z.string().nullable() });
const calls = defineHistory("calls", {
  schema: z.object({ customer: z.string(), minutes: z.number() }),
  partitionBy: ({ customer }) => customer,
});
const log = defineHistory("log", { schema: z.string() });

const START = Date.UTC(2026, 10, 21, 12);

async function open(ledger: LedgerPlace = memoryLedger(), clock = manualClock(START)): Promise<Kindling> {
  return openKindling({ contracts: [], ledger, clock });
}

const ada = { name: "Ada", city: "Bonn", tags: ["new"] };

describe("a store", () => {
  it("gives the latest value of a key as a fact that says where it stands and what it rests on", async () => {
    await using kindling = await open();
    const store = kindling.store(customers);
    const first = await store.write("c1", ada, { producer: { kind: "person", name: "cli:ada" } });
    const second = await store.write("c1", { ...ada, city: "Köln" }, { causedBy: [first.id] });
    const fact = await store.get("c1");
    expect(fact).toEqual({
      id: second.id,
      store: "customers",
      key: "c1",
      number: 2,
      position: second.position,
      time: START,
      validFrom: START,
      act: "written",
      hash: second.hash,
      previous: first.id,
      causes: [first.id],
      producer: undefined,
      version: 1,
      value: { ...ada, city: "Köln" },
    });
    expect(first).toMatchObject({ number: 1, previous: null, producer: { kind: "person", name: "cli:ada" }, repeated: false });
    expect(first.id).toMatch(/^store:customers:c1@1#[0-9a-f]{16}$/);
  });

  it("tells a value of null from none, and a key that was removed from one that never was only by its history", async () => {
    await using kindling = await open();
    const store = kindling.store(notes);
    await store.write("n", null);
    expect(await store.get("n")).toMatchObject({ value: null });
    await store.remove("n");
    expect(await store.get("n")).toBeUndefined();
    expect(await store.get("other")).toBeUndefined();
    expect((await store.history("n")).items.map(({ act }) => act)).toEqual(["written", "removed"]);
    expect((await store.history("other")).items).toEqual([]);
    expect((await store.list()).items).toEqual([]);
  });

  it("refuses a write that expects something else, says how the key stands, and records nothing", async () => {
    await using kindling = await open();
    const store = kindling.store(notes);
    const first = await store.write("n", "a", { expect: "absent" });
    await expect(store.write("n", "b", { expect: "absent" })).rejects.toMatchObject({
      code: "write_conflict",
      details: { current: first.id, present: true },
      message: `notes: "n" was expected to have no value, and is ${first.id}`,
    });
    const second = await store.write("n", "b", { expect: first.id });
    await expect(store.remove("n", { expect: first.id })).rejects.toMatchObject({
      code: "write_conflict",
      details: { current: second.id },
    });
    await store.remove("n", { expect: second.id });
    expect(await store.write("n", "c", { expect: "absent" })).toMatchObject({ number: 4 });
  });

  it("lets one of many who expect the same fact have it", async () => {
    await using kindling = await open(fileLedger(await temporaryFolder()));
    const store = kindling.store(notes);
    const { id } = await store.write("n", "0");
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => store.write("n", `${index}`, { expect: id })));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await store.history("n")).items).toHaveLength(2);
  });

  it("takes writes to one key at once, each on top of the one before", async () => {
    await using kindling = await open(fileLedger(await temporaryFolder()));
    const store = kindling.store(notes);
    const receipts = await Promise.all(Array.from({ length: 50 }, (_, index) => store.write("n", `${index}`)));
    expect(receipts.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    expect(receipts.slice(1).map(({ previous }) => previous)).toEqual(receipts.slice(0, -1).map(({ id }) => id));
  });

  it("is read as it was recorded at any time or position, and as it held in the world", async () => {
    const clock = manualClock(START);
    await using kindling = await open(memoryLedger(), clock);
    const store = kindling.store(notes);
    const first = await store.write("n", "Monday's", { validFrom: "2026-11-16" });
    clock.advance(1_000);
    const second = await store.write("n", "Wednesday's", { validFrom: "2026-11-18T00:00:00+00:00" });
    clock.advance(1_000);
    const late = await store.write("n", "Tuesday's, told late", { validFrom: new Date(Date.UTC(2026, 10, 17)) });
    const value = async (options: Parameters<typeof store.get>[1]) => (await store.get("n", options))?.value;
    expect(await value({})).toBe("Tuesday's, told late");
    expect(await value({ asOf: { time: START } })).toBe("Monday's");
    expect(await value({ asOf: { time: START + 1_500 } })).toBe("Wednesday's");
    expect(await value({ asOf: { position: first.position } })).toBe("Monday's");
    expect(await value({ validAt: "2026-11-17T12:00:00Z" })).toBe("Tuesday's, told late");
    expect(await value({ validAt: "2026-11-17T12:00:00Z", asOf: { time: START + 1_500 } })).toBe("Monday's");
    expect(await value({ validAt: Date.UTC(2026, 10, 20) })).toBe("Wednesday's");
    expect(await value({ validAt: "2026-11-15" })).toBeUndefined();
    expect(await value({ asOf: { time: START - 1 } })).toBeUndefined();
    expect(late.position).toBe(second.position + 1);
  });

  it("finds values by its indexes, and forgets them there when they change", async () => {
    await using kindling = await open();
    const store = kindling.store(customers);
    await kindling.record([
      customers.write("c1", ada),
      customers.write("c2", { name: "Bob", city: null, tags: ["new", "big"] }),
      customers.write("c3", { name: "Cyd", city: "Bonn", tags: [] }),
    ]);
    const keys = async (...args: Parameters<typeof store.query>) => (await store.query(...args)).items.map(({ key }) => key);
    expect(await keys("city", "Bonn")).toEqual(["c1", "c3"]);
    expect(await keys("city", null)).toEqual(["c2"]);
    expect(await keys("tag", "new")).toEqual(["c1", "c2"]);
    expect(await keys("in-town", true)).toEqual(["c1", "c3"]);
    const { position } = await store.write("c1", { ...ada, city: "Köln" });
    await store.remove("c3");
    expect(await keys("city", "Bonn")).toEqual([]);
    expect(await keys("city", "Köln")).toEqual(["c1"]);
    expect(await keys("city", "Bonn", { asOf: { position: position - 1 } })).toEqual(["c1", "c3"]);
    expect(await keys("city", "Bonn", { asOf: { position } })).toEqual(["c3"]);
    expect((await store.list()).items.map(({ key }) => key)).toEqual(["c1", "c2"]);
  });

  it("gives long lists page by page, either way round", async () => {
    await using kindling = await open();
    const store = kindling.store(notes);
    await kindling.record(Array.from({ length: 25 }, (_, index) => notes.write(`n${index}`, `${index}`)));
    for (const newestFirst of [false, true]) {
      const seen: string[] = [];
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const page = await store.list({ limit: 10, newestFirst, ...(cursor === undefined ? {} : { cursor }) });
        seen.push(...page.items.map(({ key }) => key));
        cursor = page.cursor;
      }
      const all = Array.from({ length: 25 }, (_, index) => `n${index}`);
      expect(seen).toEqual(newestFirst ? all.toReversed() : all);
    }
    for (let index = 0; index < 7; index++) await store.write("n0", `again ${index}`);
    const { items, cursor = "" } = await store.history("n0", { limit: 3, newestFirst: true });
    expect(items.map(({ number }) => number)).toEqual([8, 7, 6]);
    expect((await store.history("n0", { limit: 3, newestFirst: true, cursor })).items.map(({ number }) => number)).toEqual([5, 4, 3]);
    expect((await store.history("n0", { limit: 8 })).cursor).toBeUndefined();
  });

  it("reads values of older versions as the newest, and leaves what is recorded as it is", async () => {
    const place = memoryLedger();
    const old = defineStore("people", { schema: z.object({ name: z.string() }) });
    {
      await using kindling = await open(place);
      await kindling.store(old).write("p", { name: "Ada Lovelace" });
    }
    const now = defineStore("people", {
      version: 3,
      schema: z.object({ first: z.string(), last: z.string(), known: z.boolean() }),
      upcast: {
        1: (value) => {
          const [first = "", last = ""] = (value as { name: string }).name.split(" ");
          return { first, last };
        },
        2: (value) => ({ ...(value as object), known: true }),
      },
      indexes: { last: ({ last }) => last },
    });
    await using kindling = await open(place);
    expect(await kindling.store(now).get("p")).toMatchObject({ version: 1, value: { first: "Ada", last: "Lovelace", known: true } });
    expect((await kindling.store(old).get("p"))?.value).toEqual({ name: "Ada Lovelace" });
    await kindling.store(now).write("p", { first: "Ada", last: "King", known: true });
    await expect(kindling.store(old).get("p")).rejects.toMatchObject({ code: "value_too_new" });
    expect((await kindling.store(now).history("p")).items.map((fact) => fact.act === "written" && fact.value.last)).toEqual([
      "Lovelace",
      "King",
    ]);
  });
});

describe("several changes as one", () => {
  it("are all recorded, or none of them", async () => {
    await using kindling = await open();
    const { facts } = await kindling.record([
      customers.write("c1", ada),
      calls.append({ customer: "c1", minutes: 3 }),
      notes.remove("none"),
    ]);
    expect(facts.map(({ position }) => position)).toEqual([1, 2, 3]);
    await expect(
      kindling.record([customers.write("c2", ada), notes.write("n", "x", { expect: facts[0]?.id ?? "" })]),
    ).rejects.toMatchObject({ code: "write_conflict" });
    expect(await kindling.store(customers).get("c2")).toBeUndefined();
    const { facts: twice } = await kindling.record([notes.write("n", "1"), notes.write("n", "2")]);
    expect(twice[1]?.previous).toBe(twice[0]?.id);
    expect(await kindling.record([])).toEqual({ facts: [], repeated: false });
  });

  it("give the first receipt again for the same idempotency key, also at once and in a later process, and refuse other changes under it", async () => {
    const place = fileLedger(await temporaryFolder());
    let first: Awaited<ReturnType<Kindling["record"]>>;
    {
      await using kindling = await open(place);
      const attempts = await Promise.all(
        [1, 2, 3].map(() => kindling.record([notes.write("n", "x"), log.append("y")], { idempotencyKey: "k" })),
      );
      expect(attempts.map(({ repeated }) => repeated)).toEqual([false, true, true]);
      [first] = attempts as [typeof first];
      for (const again of attempts) expect(again.facts).toEqual(first.facts);
      await kindling.store(notes).write("n", "later");
    }
    await using kindling = await open(place, manualClock(START + 60_000));
    expect(await kindling.record([notes.write("n", "x"), log.append("y")], { idempotencyKey: "k" })).toEqual({ ...first, repeated: true });
    expect((await kindling.store(notes).get("n"))?.value).toBe("later");
    await expect(kindling.store(notes).write("n", "z", { idempotencyKey: "k" })).rejects.toMatchObject({
      code: "idempotency_conflict",
      details: { recorded: first.facts.map(({ id }) => id) },
    });
    expect((await kindling.history(log).read()).items).toHaveLength(1);
  });
});

describe("another process", () => {
  it("reads what the writer records, and writes through it", async () => {
    const place = fileLedger(await temporaryFolder());
    await using writer = await open(place);
    await using other = await openKindling({ contracts: [], ledger: place, access: "shared" });
    const first = await writer.store(customers).write("c1", ada);
    expect((await other.store(customers).get("c1"))?.id).toBe(first.id);
    const second = await other.store(customers).write("c1", { ...ada, name: "Ada L." }, { expect: first.id });
    expect((await writer.store(customers).query("tag", "new")).items.map(({ id }) => id)).toEqual([second.id]);
    await expect(other.store(customers).write("c1", ada, { expect: first.id })).rejects.toMatchObject({ code: "write_conflict" });
    await using reader = await openKindling({ contracts: [], ledger: place, access: "read" });
    expect((await reader.store(customers).get("c1"))?.value.name).toBe("Ada L.");
    await expect(reader.store(customers).write("c1", ada)).rejects.toMatchObject({ code: "ledger_read_only" });
  });
});

describe("beside runs", () => {
  it("are no runs: lists, changes and verification pass over them", async () => {
    await using kindling = await open(fileLedger(await temporaryFolder()));
    await kindling.store(customers).write("c1", ada);
    expect((await kindling.list()).items).toEqual([]);
    const changes: unknown[] = [];
    for await (const change of kindling.changes()) changes.push(change);
    expect(changes).toEqual([]);
    expect(await kindling.verify()).toMatchObject({ ok: true, faults: [] });
  });
});
