// Where facts come from and what followed from them, over stores, histories and runs.

import { contract, defineHistory, defineStore, fileLedger, memoryLedger, type FactLineage, type Kindling } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { orderOf, type StoreChange } from "../../src/store/change.ts";
import { FactWriter } from "../../src/store/fact-writer.ts";
import { lineageOf } from "../../src/store/lineage.ts";
import { openKindling } from "../host/open-host.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const orders = defineStore("orders", { schema: z.string() });
const totals = defineStore("totals", { schema: z.number() });
const events = defineHistory("events", { schema: z.string() });
const ask = contract("ask", { inputs: { n: z.number() }, define: (g, { n }) => g.map("next", n, (n) => n + 1) });

const open = (): Promise<Kindling> => openKindling({ contracts: [ask], ledger: memoryLedger() });
const ids = ({ facts }: FactLineage): readonly string[] => facts.map(({ id }) => id);

/** Two events, an order that rests on both, a total that rests on the order, and one that rests on nothing. */
async function story(kindling: Kindling) {
  const [one, two] = [await kindling.history(events).append("call"), await kindling.history(events).append("mail")];
  const order = await kindling.store(orders).write("o1", "chairs", { causedBy: [one.id, two.id] });
  const total = await kindling.store(totals).write("t", 7, { causedBy: [order.id] });
  const other = await kindling.store(totals).write("t", 8);
  return { one, two, order, total, other };
}

describe("lineage", () => {
  it("tells what a fact rests on, nearest first", async () => {
    await using kindling = await open();
    const { one, two, order, total, other } = await story(kindling);
    const lineage = await kindling.lineage(total.id);
    expect(ids(lineage)).toEqual([total.id, order.id, one.id, two.id]);
    expect(lineage).toMatchObject({ isWhole: true, others: [], missing: [] });
    expect(lineage.links).toEqual([
      { cause: order.id, effect: total.id },
      { cause: one.id, effect: order.id },
      { cause: two.id, effect: order.id },
    ]);
    expect(JSON.stringify(lineage)).not.toContain("chairs");
    expect(ids(await kindling.lineage(other.id))).toEqual([other.id]);
  });

  it("tells what followed from a fact, over a restart", async () => {
    const place = fileLedger(await temporaryFolder());
    let made: Awaited<ReturnType<typeof story>>;
    {
      await using kindling = await openKindling({ contracts: [], ledger: place });
      made = await story(kindling);
    }
    await using kindling = await openKindling({ contracts: [], ledger: place });
    const { one, two, order, total } = made;
    expect(ids(await kindling.lineage(one.id, { direction: "effects" }))).toEqual([one.id, order.id, total.id]);
    expect(ids(await kindling.lineage(two.id, { direction: "effects", depth: 1 }))).toEqual([two.id, order.id]);
    expect(ids(await kindling.lineage(total.id, { direction: "effects" }))).toEqual([total.id]);
  });

  it("crosses from a run into the facts that rest on it", async () => {
    await using kindling = await open();
    const run = await kindling.start(ask, { n: 1 });
    await run.result();
    const [first] = await run.facts();
    const total = await kindling.store(totals).write("t", 2, { causedBy: [`${run.id}:2`] });
    const order = await kindling.store(orders).write("o", "x", { causedBy: [total.id] });
    expect((await kindling.lineage(order.id)).others).toEqual([`${run.id}:2`, `${run.id}:1`]);
    const effects = await kindling.lineage(run.id, { direction: "effects" });
    expect(ids(effects)).toEqual([total.id, order.id]);
    expect(effects.others).toEqual([run.id]);
    expect(first?.type).toBe("run.started");
  });

  it("says that it is not whole when it was cut off", async () => {
    await using kindling = await open();
    const { total, one } = await story(kindling);
    expect(await kindling.lineage(total.id, { depth: 1 })).toMatchObject({ isWhole: false });
    expect(await kindling.lineage(total.id, { limit: 3 })).toMatchObject({ isWhole: false, facts: { length: 3 } });
    expect(await kindling.lineage(one.id, { direction: "effects", limit: 2 })).toMatchObject({ isWhole: false });
    expect(await kindling.lineage(total.id, { depth: 3 })).toMatchObject({ isWhole: true });
  });

  it("has a proof that is the same for the same facts, and another one for others", async () => {
    const [first, second] = await Promise.all(
      [1, 2].map(async () => {
        await using kindling = await open();
        const { total } = await story(kindling);
        return await kindling.lineage(total.id);
      }),
    );
    expect(first?.proof).toMatch(/^[0-9a-f]{64}$/);
    expect(first?.proof).toBe(second?.proof);
    await using kindling = await open();
    await kindling.history(events).append("earlier");
    const { total } = await story(kindling);
    expect((await kindling.lineage(total.id)).proof).not.toBe(first?.proof);
  });

  it("takes many facts that rest on one at once, and one that rests on the same twice as one", async () => {
    await using kindling = await open();
    const cause = await kindling.history(events).append("all");
    const made = await Promise.all(
      Array.from({ length: 300 }, (_, n) => kindling.store(totals).write(`t${n}`, n, { causedBy: [cause.id, cause.id] })),
    );
    const effects = await kindling.lineage(cause.id, { direction: "effects", depth: 1 });
    expect(ids(effects).slice(1)).toEqual(made.map(({ id }) => id));
  });
});

describe("the lineage of a fact that was given up", () => {
  it("says so, and does not say that there is none", async () => {
    const brief = defineStore("brief", { schema: z.number(), retention: { last: 1 } });
    await using kindling = await open();
    const first = await kindling.store(brief).write("a", 1);
    await kindling.store(brief).write("a", 2, { causedBy: [first.id] });
    await kindling.compactFacts({ stores: [brief] });
    for (const direction of ["causes", "effects"] as const)
      await expect(kindling.lineage(first.id, { direction })).rejects.toMatchObject({ code: "detail_unavailable" });
  });
});

describe("a fact by its id", () => {
  it("is given as it was recorded, and is not what another ledger's id names", async () => {
    await using kindling = await open();
    const { order, total, other } = await story(kindling);
    expect(await kindling.fact(order.id)).toMatchObject({ id: order.id, value: "chairs", hash: order.hash, causes: order.causes });
    expect(await kindling.fact("store:orders:o1@2#0123456789abcdef")).toBeUndefined();
    expect(await kindling.fact("store:orders:nobody@1#0123456789abcdef")).toBeUndefined();
    await expect(kindling.fact("o1")).rejects.toMatchObject({ code: "bad_fact_id" });
    const forged = total.id.replace(/.{4}$/, "0000");
    await expect(kindling.fact(forged)).rejects.toMatchObject({ code: "fact_differs", details: { id: forged, found: total.id } });
    await expect(kindling.lineage("store:orders:nobody@1#0123456789abcdef")).rejects.toMatchObject({ code: "fact_not_found" });
    await expect(kindling.lineage("run_x")).rejects.toMatchObject({ code: "bad_fact_id" });
    await expect(kindling.lineage(other.id, { depth: 0 })).rejects.toMatchObject({ code: "bad_depth" });
    await expect(kindling.lineage(other.id, { limit: 1e9 })).rejects.toMatchObject({ code: "bad_limit" });
  });

  it("reads what is noted of a key once, however many of its facts are asked about, and tells no more of one than there may be", async () => {
    const ledger = await memoryLedger().open({ access: "write" });
    const writer = new FactWriter(ledger);
    const record = async (changes: readonly StoreChange[]) =>
      (await writer.record({ orders: await Promise.all(changes.map((change) => orderOf(change))) })).facts;
    const [first] = await record([orders.write("first", "x")]);
    const subject = first?.id ?? "";
    const sums = await record(Array.from({ length: 100 }, (_, n) => totals.write("sum", n, { causedBy: [subject] })));
    for (const { id, number } of sums) await record([orders.write(`o${number}`, "x", { causedBy: [id] })]);
    const read: string[] = [];
    const counting = new Proxy(ledger, {
      get: (of, name) => {
        const member: unknown = Reflect.get(of, name, of);
        if (typeof member !== "function") return member;
        return (...given: unknown[]) => {
          if (name === "read" && given[0] === "store-effects:store:totals:sum") read.push(name);
          return Reflect.apply(member, of, given) as unknown;
        };
      },
    });
    const lineage = await lineageOf(counting, subject, { direction: "effects" });
    expect([lineage.facts.length, lineage.links.length, lineage.isWhole]).toEqual([201, 200, true]);
    expect(read.length).toBeLessThan(10);
    const some = await lineageOf(ledger, subject, { direction: "effects", limit: 10 });
    expect([some.facts.length, some.isWhole]).toEqual([10, false]);
    expect(some.links.length).toBeLessThan(25);
  });
});
