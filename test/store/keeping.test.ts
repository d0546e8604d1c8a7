// What becomes of facts besides recording them: compacting, pruning, purging, with plans that can be read first and receipts before anything goes.

import { contract, defineHistory, defineStore, fileLedger, type Kindling, type LedgerPlace, memoryLedger } from "kindling";
import { manualClock } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const DAY = 86_400_000;
const START = Date.UTC(2026, 10, 1);
const calls = defineHistory("calls", {
  schema: z.object({ customer: z.string(), n: z.number() }),
  partitionBy: ({ customer }) => customer,
  retention: { window: "30d" },
});
const customers = defineStore("customers", {
  schema: z.object({ city: z.string() }),
  indexes: { city: ({ city }) => city },
  retention: { last: 2 },
});
const notes = defineStore("notes", { schema: z.string() });
const hello = contract("hello", { inputs: { name: z.string() }, define: (g, { name }) => g.map("text", name, (name) => `Hello ${name}`) });

async function open(clock = manualClock(START), ledger: LedgerPlace = memoryLedger()): Promise<Kindling> {
  return openKindling({ contracts: [hello], ledger, clock, stores: [calls, customers] });
}

async function moves(kindling: Kindling, cities: readonly string[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const city of cities) ids.push((await kindling.store(customers).write("ada", { city })).id);
  return ids;
}

describe("compacting facts", () => {
  it("gives up what retention does not keep, and leaves the latest fact, its indexes and its past from then on", async () => {
    await using kindling = await open();
    const store = kindling.store(customers);
    const ids = await moves(kindling, ["Bonn", "Köln", "Ulm", "Trier"]);
    const before = await store.history("ada");
    const report = await kindling.compactFacts({ reason: "monthly" });
    expect(report.stores).toEqual([{ kind: "store", store: "customers", keys: 1, facts: 2 }]);
    expect(report.receipts).toMatchObject([
      { kind: "compact", store: "customers", status: "done", keys: 1, facts: 2, reason: "monthly", time: START },
    ]);
    expect((await store.history("ada")).items).toEqual(before.items.slice(2));
    expect((await store.get("ada"))?.value.city).toBe("Trier");
    expect((await store.query("city", "Trier")).items.map(({ id }) => id)).toEqual([ids[3]]);
    expect((await store.query("city", "Köln")).items).toEqual([]);
    expect((await store.get("ada", { asOf: { position: before.items[2]?.position ?? 0 } }))?.id).toBe(ids[2]);
    // What was compacted is no change of what it holds.
    const { position = 0, time = 0 } = before.items[3] ?? {};
    const recorded = kindling.recordedStore(customers);
    expect((await recorded.keys()).items).toMatchObject([{ id: ids[3], position, time }]);
    expect((await recorded.size()).latest).toEqual({ position, time });
    // It goes on as if nothing had happened.
    const next = await store.write("ada", { city: "Mainz" }, { expect: ids[3] ?? "" });
    expect(next).toMatchObject({ number: 5, previous: ids[3] });
    expect((await store.query("city", "Mainz")).items.map(({ number }) => number)).toEqual([5]);
    expect((await recorded.size()).latest).toEqual({ position: next.position, time: next.time });
  });

  it("says what is gone, with the receipt and since when the past is known, and never gives another value", async () => {
    await using kindling = await open();
    const store = kindling.store(customers);
    const [first = "", , third = ""] = await moves(kindling, ["Bonn", "Köln", "Ulm", "Trier"]);
    const { position = 0 } = (await kindling.fact(first)) ?? {};
    const { receipts } = await kindling.compactFacts();
    const [receipt] = receipts;
    await expect(store.get("ada", { asOf: { position } })).rejects.toMatchObject({
      code: "detail_unavailable",
      details: { receipt: receipt?.id, since: { number: 3 } },
    });
    await expect(store.history("ada", { asOf: { position } })).rejects.toMatchObject({ code: "detail_unavailable" });
    await expect(store.get("ada", { validAt: START })).resolves.toMatchObject({ value: { city: "Trier" } });
    await expect(kindling.fact(first)).rejects.toMatchObject({ code: "detail_unavailable", details: { number: 1, receipt: receipt?.id } });
    expect(await kindling.resolve(first)).toEqual({ status: "detail_unavailable", id: first, receipt, ref: undefined });
    expect(await kindling.resolve(third)).toMatchObject({ status: "found", fact: { value: { city: "Ulm" } } });
    expect((await kindling.lineage((await store.write("ada", { city: "Mainz" }, { causedBy: [first] })).id)).missing).toEqual([first]);
  });

  it("lets events go that are past the window of their history, the last one of each part excepted", async () => {
    const clock = manualClock(START);
    await using kindling = await open(clock);
    const history = kindling.history(calls);
    for (const n of [1, 2]) await history.append({ customer: "ada", n });
    await history.append({ customer: "bob", n: 1 });
    clock.advance(20 * DAY);
    await history.append({ customer: "ada", n: 3 });
    clock.advance(11 * DAY);
    const plan = await kindling.compactFacts({ stores: [calls], dryRun: true });
    expect(plan.ready).toEqual([{ kind: "history", store: "calls", key: "ada", numbers: [[1, 2]], facts: 2 }]);
    await kindling.compactFacts({ stores: [calls], plan: plan.hash });
    expect((await history.read({ partition: "ada" })).items.map(({ value }) => value.n)).toEqual([3]);
    expect((await history.read({ partition: "bob" })).items.map(({ value }) => value.n)).toEqual([1]);
    expect((await history.partitions()).items).toEqual(["ada", "bob"]);
  });

  it("carries out the plan that was read or none, and the same plan once", async () => {
    await using kindling = await open();
    await moves(kindling, ["Bonn", "Köln", "Ulm"]);
    const plan = await kindling.compactFacts({ dryRun: true });
    expect(plan).toMatchObject({ dryRun: true, receipts: [], stores: [{ facts: 1 }] });
    expect((await kindling.store(customers).history("ada")).items.length).toBe(3);
    await kindling.store(customers).write("ada", { city: "Trier" });
    await expect(kindling.compactFacts({ plan: plan.hash })).rejects.toMatchObject({ code: "plan_changed", details: { meant: plan.hash } });
    expect((await kindling.store(customers).history("ada")).items.length).toBe(4);
    const { hash } = await kindling.compactFacts({ dryRun: true });
    const done = await kindling.compactFacts({ plan: hash });
    expect(await kindling.compactFacts({ plan: hash })).toMatchObject({ repeated: true, receipts: done.receipts });
    expect((await kindling.factReceipts()).items).toEqual(done.receipts);
  });

  it("is done by a runtime that compacts by itself, for the stores that it knows", async () => {
    const clock = manualClock(START);
    await using kindling = await openKindling({ contracts: [], ledger: memoryLedger(), clock, stores: [customers], compactEvery: "1h" });
    await moves(kindling, ["Bonn", "Köln", "Ulm"]);
    clock.advance(60_000);
    await expect
      .poll(async () => (await kindling.factReceipts()).items)
      .toMatchObject([{ kind: "compact", store: "customers", facts: 1, status: "done", reason: "retention", actor: { id: "kindling" } }]);
    expect((await kindling.store(customers).history("ada")).items.length).toBe(2);
  });

  it("withholds what held in the world from a ledger that never had what is gone", async () => {
    await using source = await open();
    await source.store(customers).write("ada", { city: "Bonn" }, { validFrom: "2026-10-01" });
    for (const city of ["Köln", "Ulm"]) await source.store(customers).write("ada", { city }, { validFrom: "2026-10-20" });
    await source.compactFacts();
    await source.purgeFacts();
    await using follower = await open();
    await follower.importFacts(source.exportFacts());
    expect((await follower.store(customers).get("ada"))?.value.city).toBe("Ulm");
    for (const each of [source, follower])
      await expect(each.store(customers).get("ada", { validAt: "2026-10-10" })).rejects.toMatchObject({ code: "detail_unavailable" });
    await follower.store(customers).write("ada", { city: "Trier" });
    await follower.compactFacts();
    await expect(follower.store(customers).get("ada", { validAt: "2026-10-10" })).rejects.toMatchObject({ code: "detail_unavailable" });
  });

  it("tells of stores that the runtime does not know, and lets them be", async () => {
    await using kindling = await open();
    for (const text of ["a", "b"]) await kindling.store(notes).write("n", text);
    const report = await kindling.compactFacts();
    expect(report).toMatchObject({ stores: [], receipts: [], blocked: [{ kind: "store", store: "notes", reason: "not_registered" }] });
    expect((await kindling.store(notes).history("n")).items.length).toBe(2);
  });

  it("keeps kept facts out of the changefeed, and tells those that are new", async () => {
    await using kindling = await open();
    await moves(kindling, ["Bonn", "Köln", "Ulm"]);
    const feed = kindling.factChanges();
    const seen: number[] = [];
    const take = async (): Promise<void> => {
      for await (const { number } of feed) seen.push(number);
    };
    await take();
    await kindling.compactFacts();
    await moves(kindling, ["Trier"]);
    await take();
    expect(seen).toEqual([1, 2, 3, 4]);
    const again: number[] = [];
    for await (const { number } of kindling.factChanges()) again.push(number);
    expect(again).toEqual([2, 3, 4]);
  });
});

describe("pruning facts", () => {
  it("takes the values of named facts and leaves what names them find the rest", async () => {
    await using kindling = await open();
    const store = kindling.store(notes);
    const first = await store.write("n", "a secret");
    const second = await store.write("n", "fine", { causedBy: [first.id] });
    const other = await store.write("m", "x");
    const gone = "store:notes:n@9#0123456789abcdef";
    const report = await kindling.pruneFacts({
      ids: [first.id, second.id, gone],
      reason: "it named a person",
      actor: { id: "cli:ada", assurance: "client" },
    });
    expect(report).toMatchObject({
      missing: [gone],
      blocked: [{ kind: "store", store: "notes", key: "n", id: second.id, reason: "latest" }],
      receipts: [{ kind: "prune", store: "notes", facts: 1, reason: "it named a person", actor: { id: "cli:ada" } }],
    });
    const { repeated: _, ...ref } = first;
    expect(await kindling.resolve(first.id)).toEqual({ status: "detail_unavailable", id: first.id, receipt: report.receipts[0], ref });
    expect((await store.history("n")).items.map(({ id }) => id)).toEqual([second.id]);
    await expect(store.get("n", { asOf: { position: first.position } })).rejects.toMatchObject({ code: "detail_unavailable" });
    expect((await kindling.lineage(second.id)).facts.map(({ id }) => id)).toEqual([second.id, first.id]);
    expect((await kindling.fact(other.id))?.value).toBe("x");
    // Nothing else of the ledger says it, and a reason is asked for.
    expect((await kindling.pruneFacts({ ids: [first.id], reason: "again" })).missing).toEqual([first.id]);
    await expect(kindling.pruneFacts({ ids: [first.id], reason: " " })).rejects.toMatchObject({ code: "bad_reason" });
    await expect(kindling.pruneFacts({ ids: ["nonsense"], reason: "x" })).rejects.toMatchObject({ code: "bad_fact_id" });
  });
});

describe("purging facts", () => {
  it("takes what was given up off the disk, with a receipt, and nothing that is read", async () => {
    const folder = await temporaryFolder();
    const place = fileLedger(folder, { segmentBytes: 4_000 });
    await using kindling = await open(manualClock(START), place);
    const store = kindling.store(customers);
    for (let n = 0; n < 60; n++) await store.write("ada", { city: `city ${n}` });
    await kindling.compactFacts();
    const plan = await kindling.purgeFacts({ dryRun: true });
    expect(plan.ledger?.removed.commits).toBeGreaterThan(30);
    const report = await kindling.purgeFacts({ reason: "room" });
    expect(report.ledger?.removed.segments).toBeGreaterThan(0);
    expect((await kindling.factReceipts({ kind: "purge" })).items).toMatchObject([
      { kind: "purge", store: null, status: "done", reason: "room" },
    ]);
    expect((await store.history("ada")).items).toMatchObject([{ value: { city: "city 58" } }, { value: { city: "city 59" } }]);
    expect((await kindling.verify()).ok).toBe(true);
  });
});

describe("receipts and references", () => {
  it("lead from facts of a run to them, and to its receipt when it was compacted", async () => {
    const clock = manualClock(START);
    await using kindling = await openKindling({ contracts: [hello], ledger: memoryLedger(), clock });
    const run = await kindling.start(hello, { name: "Ada" });
    await run.result();
    const id = `${run.id}:1`;
    expect(await kindling.resolve(id)).toMatchObject({ status: "found", runFact: { id, type: "run.started" } });
    clock.advance(DAY);
    await kindling.compact({ retention: [{ keep: "1s" }] });
    expect(await kindling.resolve(id)).toMatchObject({ status: "detail_unavailable", runReceipt: { run: run.id } });
    expect(await kindling.resolve("run_none:1")).toEqual({ status: "not_found", id: "run_none:1" });
  });

  it("come page by page", async () => {
    await using kindling = await open();
    for (const city of ["a", "b", "c", "d", "e"]) {
      await moves(kindling, [city]);
      await kindling.compactFacts();
    }
    const page = await kindling.factReceipts({ limit: 2 });
    expect(page.items.length).toBe(2);
    const { items } = await kindling.factReceipts({ limit: 2, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) });
    expect(items.length).toBe(1);
  });
});

describe("receipts of one plan", () => {
  it("are of their own for a store and a history of one name", async () => {
    const events = defineHistory("notes", { schema: z.string(), retention: { last: 1 } });
    const texts = defineStore("notes", { schema: z.string(), retention: { last: 1 } });
    await using kindling = await open();
    const ids: string[] = [];
    for (const text of ["one", "two", "three"])
      ids.push((await kindling.store(texts).write("n", text)).id, (await kindling.history(events).append(text)).id);
    const pruned = await kindling.pruneFacts({ ids: ids.slice(2, 4), reason: "wrong" });
    expect(pruned.receipts.map(({ facts }) => facts)).toEqual([1, 1]);
    const compacted = await kindling.compactFacts({ stores: [texts, events] });
    expect(compacted.receipts.map(({ facts }) => facts)).toEqual([1, 1]);
    expect(new Set([...pruned.receipts, ...compacted.receipts].map(({ id }) => id)).size).toBe(4);
  });

  it("are of their own when the same is planned again, since it had stayed", async () => {
    const large = defineStore("large", { schema: z.string(), retention: { last: 18 } });
    await using kindling = await open();
    // More than can be written again at once.
    for (let n = 0; n < 20; n++) await kindling.store(large).write("a", "x".repeat(4_000_000));
    for (const _time of ["first", "second"])
      expect(await kindling.compactFacts({ stores: [large] })).toMatchObject({
        receipts: [{ facts: 0, status: "done" }],
        blocked: [{ store: "large", key: "a", reason: "too_large" }],
      });
    expect((await kindling.factReceipts()).items.length).toBe(2);
  });
});

describe("a retention that cannot be meant", () => {
  it.each([[{ last: 0 }], [{ window: "soon" }], [{}], [{ last: 1, window: "1d" }], ["forever"], [{ keep: 3 }]])(
    "is refused: %j",
    (retention) => {
      const define = (): unknown => defineStore("things", { schema: z.string(), retention: retention as never });
      expect(define).toThrow(expect.objectContaining({ code: "bad_store" }));
    },
  );
});
