// Erasing a subject: what was ever said of a key is unreadable for everybody, what rests on it is told and goes on request, and the key can be written anew.

import { defineBoundary, defineHistory, defineStore, type Kindling, memoryLedger } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { ErasedTree } from "../../src/ledger/ledger.ts";
import { orderOf } from "../../src/store/change.ts";
import { restingOn } from "../../src/store/erase-facts.ts";
import { FactKeeper } from "../../src/store/fact-keeper.ts";
import { FactWriter } from "../../src/store/fact-writer.ts";
import { child, encryptedPlace, endedRun, file } from "../host/erasable.ts";
import { openKindling } from "../host/open-host.ts";

const NAME = "Zwetschke-of-Vienna";
const people = defineStore("people", {
  schema: z.object({ name: z.string(), text: z.string().optional() }),
  indexes: { name: ({ name }) => name },
  retention: { last: 2 },
});
const letters = defineHistory("letters", { schema: z.object({ to: z.string(), text: z.string() }), partitionBy: ({ to }) => to });
const totals = defineStore("totals", { schema: z.number() });
const ada = { id: "cli:ada", assurance: "outOfBand" } as const;

async function story(kindling: Kindling): Promise<{ readonly person: string; readonly letter: string; readonly total: string }> {
  const person = await kindling.store(people).write("p1", { name: NAME });
  await kindling.store(people).write("p1", { name: NAME, text: `${NAME} ${"long".repeat(20_000)}` });
  const letter = await kindling.history(letters).append({ to: "p1", text: `Dear ${NAME}` }, { causedBy: [person.id] });
  const total = await kindling.store(totals).write("letters", 1, { causedBy: [letter.id] });
  return { person: person.id, letter: letter.id, total: total.id };
}

describe("erasing facts", () => {
  it("makes a key unreadable, says who asked and why, tells what was derived, and lets it be written anew", async () => {
    const { place } = await encryptedPlace();
    await using kindling = await openKindling({ contracts: [], ledger: place });
    await using reader = await openKindling({ contracts: [], ledger: place, access: "read" });
    const ids = await story(kindling);
    const request = { store: people, key: "p1", reason: "she asked", actor: ada } as const;
    const plan = await kindling.eraseFacts({ ...request, dryRun: true });
    expect(plan).toMatchObject({
      ready: [{ store: "people", key: "p1", facts: 2 }],
      blocked: [
        { kind: "history", store: "letters", key: "p1", reason: "derived" },
        { kind: "store", store: "totals", key: "letters", reason: "derived" },
      ],
    });
    const { receipts } = await kindling.eraseFacts({ ...request, plan: plan.hash });
    expect(receipts).toMatchObject([{ kind: "erase", store: "people", subject: "p1", reason: "she asked", actor: ada, keys: 1, facts: 2 }]);
    expect(JSON.stringify(receipts)).not.toContain(NAME);
    for (const each of [kindling, reader]) {
      expect(await each.store(people).get("p1")).toBeUndefined();
      expect((await each.store(people).history("p1")).items).toEqual([]);
      expect((await each.store(people).query("name", NAME)).items).toEqual([]);
      expect((await each.store(people).list()).items).toEqual([]);
      expect(await each.resolve(ids.person)).toEqual({ status: "erased", id: ids.person, receipt: receipts[0] });
      expect(await each.fact(ids.person)).toBeUndefined();
      expect((await each.lineage(ids.letter)).missing).toEqual([ids.person]);
      expect((await each.fact(ids.letter))?.value).toEqual({ to: "p1", text: `Dear ${NAME}` });
    }
    const anew = await kindling.store(people).write("p1", { name: "Somebody else" }, { expect: "absent" });
    expect(await kindling.store(people).get("p1")).toMatchObject({ id: anew.id, value: { name: "Somebody else" }, previous: null });
    expect((await kindling.store(people).history("p1")).items.map(({ id }) => id)).toEqual([anew.id]);
    expect(await kindling.resolve(ids.person)).toMatchObject({ status: "erased" });
    expect((await kindling.verify()).ok).toBe(true);
  });

  it("takes what was derived from it along where that is asked for, also of a past that was cut", async () => {
    const { place } = await encryptedPlace();
    const open = (): Promise<Kindling> => openKindling({ contracts: [], ledger: place, stores: [people] });
    let ids: Awaited<ReturnType<typeof story>>;
    {
      await using kindling = await open();
      ids = await story(kindling);
      await kindling.store(people).write("p1", { name: NAME });
      await kindling.compactFacts();
      expect(await kindling.resolve(ids.person)).toMatchObject({ status: "detail_unavailable" });
      const { receipts } = await kindling.eraseFacts({ store: people, key: "p1", reason: "she asked", derived: true });
      expect(receipts).toMatchObject([{ keys: 3 }]);
    }
    await using kindling = await open();
    for (const id of Object.values(ids))
      expect(await kindling.resolve(id)).toMatchObject({ status: "erased", receipt: { reason: "she asked" } });
    expect((await kindling.history(letters).partitions()).items).toEqual([]);
    // It can be compacted again when it has a past again.
    for (const name of ["a", "b", "c"]) await kindling.store(people).write("p1", { name });
    await kindling.compactFacts();
    expect((await kindling.store(people).history("p1")).items).toMatchObject([{ value: { name: "b" } }, { value: { name: "c" } }]);
    expect(await kindling.resolve(ids.person)).toMatchObject({ status: "erased" });
    await kindling.eraseFacts({ store: people, key: "p1", reason: "again" });
    expect(await kindling.store(people).get("p1")).toBeUndefined();
    expect((await kindling.factReceipts({ kind: "erase" })).items.map(({ reason }) => reason)).toEqual(["again", "she asked"]);
  });

  it("gives what is written behind many facts that were compacted and erased once", async () => {
    const { place } = await encryptedPlace();
    await using kindling = await openKindling({ contracts: [], ledger: place });
    const store = kindling.store(people);
    const erased: string[] = [];
    for (let n = 0; n < 101; n++) erased.push((await store.write("p1", { name: NAME })).id);
    await kindling.compactFacts({ stores: [people] });
    await kindling.eraseFacts({ store: people, key: "p1", reason: "she asked" });
    const anew = [await store.write("p1", { name: "a" }), await store.write("p1", { name: "b" })].map(({ id }) => id);
    expect((await store.history("p1", { limit: 100 })).items.map(({ id }) => id)).toEqual(anew);
    expect((await store.history("p1", { limit: 100, newestFirst: true })).items.map(({ id }) => id)).toEqual(anew.toReversed());
    expect((await kindling.resolve(erased[100] ?? "")).status).toBe("erased");
  });

  it("counts no facts of a key that were erased before it was written anew: in figures, in plans, after a cut, and when it is erased again", async () => {
    const { place } = await encryptedPlace();
    await using kindling = await openKindling({ contracts: [], ledger: place, stores: [people] });
    const recorded = kindling.recordedStore({ kind: "store", name: "people" });
    const figures = async () => [(await recorded.size()).facts, (await recorded.keys()).items.map(({ facts }) => facts)];
    await story(kindling);
    await kindling.store(people).write("p1", { name: "third" });
    await kindling.compactFacts({ stores: [people] });
    expect(await figures()).toEqual([2, [2]]);
    await kindling.eraseFacts({ store: people, key: "p1", reason: "she asked" });
    for (const name of ["a", "b"]) await kindling.store(people).write("p1", { name });
    expect(await figures()).toEqual([2, [2]]);
    expect((await kindling.compactFacts({ stores: [people], dryRun: true })).ready).toEqual([]);
    await kindling.store(people).write("p1", { name: "c" });
    expect((await kindling.compactFacts({ stores: [people] })).ready).toMatchObject([{ key: "p1", facts: 1 }]);
    expect(await figures()).toEqual([2, [2]]);
    await kindling.store(people).write("p1", { name: "d" });
    const { receipts } = await kindling.eraseFacts({ store: people, key: "p1", reason: "again" });
    expect(receipts).toMatchObject([{ kind: "erase", keys: 1, facts: 4 }]);
    expect((await kindling.verify()).ok).toBe(true);
  });

  it("that was cut short is completed by the next process that writes", async () => {
    const { place } = await encryptedPlace();
    let id: string;
    {
      await using ledger = await place.open({ access: "write" });
      const writer = new FactWriter(ledger);
      const { facts } = await writer.record({ orders: [await orderOf(people.write("p1", { name: NAME }))] });
      id = facts[0]?.id ?? "";
      const erase = ledger.erase.bind(ledger);
      Object.assign(ledger, {
        erase: (trees: readonly ErasedTree[]) => (trees.length === 0 ? erase(trees) : Promise.reject(new Error("killed"))),
      });
      const order = { verb: "erase", kind: "store", store: "people", key: "p1", derived: false, reason: "she asked" } as const;
      await expect(new FactKeeper(ledger, writer, () => 0).keep(order)).rejects.toThrow("killed");
    }
    await using kindling = await openKindling({ contracts: [], ledger: place });
    expect(await kindling.store(people).get("p1")).toBeUndefined();
    expect(await kindling.resolve(id)).toMatchObject({ status: "erased", receipt: { status: "done", reason: "she asked" } });
  });

  it("leaves the result of a boundary that rested on the key, and says how it is told where it cannot be made again", async () => {
    const month = defineBoundary("month", {
      schema: z.number(),
      covers: ({ subject }) => ({ sent: { of: letters, key: subject } }),
      result: ({ sent }) => sent.length,
    });
    const { place } = await encryptedPlace();
    await using kindling = await openKindling({ contracts: [], ledger: place });
    const at = { subject: "p1", period: "2026-11" };
    await kindling.history(letters).append({ to: "p1", text: "Dear" });
    const months = kindling.boundaries(month);
    await months.close(at);
    await kindling.eraseFacts({ store: letters, key: "p1", reason: "she asked" });
    expect(await months.replay(at)).toMatchObject({ result: 1 });
    await expect(months.replay(at, { fidelity: "raw" })).rejects.toMatchObject({
      code: "detail_unavailable",
      fix: "Ask for the result as it was recorded: replay(at).",
    });
  });

  it("needs an encrypted ledger, a reason and a key, and has nothing to do where there is nothing", async () => {
    await using plain = await openKindling({ contracts: [], ledger: memoryLedger() });
    await plain.store(people).write("p1", { name: NAME });
    await expect(plain.eraseFacts({ store: people, key: "p1", reason: "x" })).rejects.toMatchObject({ code: "ledger_not_encrypted" });
    expect((await plain.factReceipts()).items).toEqual([]);
    await expect(plain.eraseFacts({ store: people, key: "", reason: "x" })).rejects.toMatchObject({ code: "bad_key" });
    const { place } = await encryptedPlace();
    await using kindling = await openKindling({ contracts: [], ledger: place });
    expect(await kindling.eraseFacts({ store: people, key: "p1", reason: "x" })).toMatchObject({ receipts: [], ready: [] });
  });

  it("of a run tells which facts rest on it", async () => {
    const { place } = await encryptedPlace();
    await using kindling = await openKindling({ contracts: [file, child], ledger: place });
    const run = await endedRun(kindling);
    const fact = await kindling.store(people).write("p1", { name: NAME }, { causedBy: [`${run}:1`] });
    expect(await kindling.erase(run, { reason: "she asked" })).toMatchObject({ run, restingFacts: { count: 1, ids: [fact.id] } });
    expect((await kindling.erased()).items[0]).not.toHaveProperty("restingFacts");
    expect((await kindling.fact(fact.id))?.value).toEqual({ name: NAME });
  });

  it("finds what rests on a key behind however many others, and says where there are more than may go at once", async () => {
    const ledger = await memoryLedger().open({ access: "write" });
    const writer = new FactWriter(ledger);
    const record = async (key: string, causedBy: readonly string[]) =>
      (await writer.record({ orders: [await orderOf(totals.write(key, 1, { causedBy }))] })).facts[0]?.id ?? "";
    const subject = await record("subject", []);
    let last = "";
    for (let from = 0; from < 10_000; from += 500) {
      const keys = Array.from({ length: 500 }, (_, n) => totals.write(`t${from + n}`, 1, { causedBy: [subject] }));
      const { facts } = await writer.record({ orders: await Promise.all(keys.map((change) => orderOf(change))) });
      last = facts.at(-1)?.id ?? "";
    }
    await record("behind", [await record("between", [last])]);
    const { streams, isWhole } = await restingOn(ledger, "store:totals:subject");
    expect([streams.size, isWhole, streams.has("store:totals:behind")]).toEqual([10_002, true, true]);
    expect((await restingOn(ledger, "store:totals:subject", 10_001)).isWhole).toBe(false);
  });
});
