// Boundaries: a subject and a period whose facts come to a result once, are settled by evidence, and may go then, while whatever names them leads to the boundary.

import { defineBoundary, defineHistory, defineStore, fileLedger, type Kindling, memoryLedger } from "kindling";
import { manualClock } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { BoundaryHandle } from "../../src/store/boundary-handle.ts";
import { orderOf } from "../../src/store/change.ts";
import { cutKey } from "../../src/store/cut-key.ts";
import { FactKeeper } from "../../src/store/fact-keeper.ts";
import { FactWriter } from "../../src/store/fact-writer.ts";
import { StoreReader } from "../../src/store/handle.ts";
import { openKindling } from "../host/open-host.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const bookings = defineHistory("bookings", {
  schema: z.object({ part: z.string(), hours: z.number() }),
  partitionBy: ({ part }) => part,
  retention: { last: 1 },
});
const shifts = defineStore("shifts", { schema: z.object({ hours: z.number() }) });
const invoices = defineStore("invoices", { schema: z.object({ hours: z.number() }) });
const day = defineBoundary("day", {
  schema: z.object({ free: z.number() }),
  covers: ({ subject, period }) => ({ booked: { of: bookings, key: `${subject}/${period}` }, shift: { of: shifts, key: subject } }),
  result: ({ booked, shift }) => ({ free: (shift.at(-1)?.value.hours ?? 0) - booked.reduce((sum, { value }) => sum + value.hours, 0) }),
});

const TUESDAY = { subject: "ada", period: "2026-11-24" };
const PART = "ada/2026-11-24";

const open = (): Promise<Kindling> =>
  openKindling({ contracts: [], ledger: memoryLedger(), clock: manualClock(Date.UTC(2026, 10, 24)), stores: [bookings] });

async function booked(kindling: Kindling, hours: readonly number[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const each of hours) ids.push((await kindling.history(bookings).append({ part: PART, hours: each })).id);
  return ids;
}

/** A boundary as it stands when it was settled. */
function settledRecord(n: number, inputs: readonly string[], evidence: string) {
  const at = { subject: `s${n}`, period: "p" };
  const said = { result: { free: 1 }, resultHash: "x", inputs, evidence: [evidence], plan: null, receipts: [] };
  return day.store.write(day.keyOf(at), { ...at, status: "settled", ...said });
}

describe("a boundary", () => {
  it("is closed with a result, its hash and the facts it rests on, once", async () => {
    await using kindling = await open();
    const days = kindling.boundaries(day);
    expect(await days.get(TUESDAY)).toMatchObject({ status: "open", result: undefined, fact: undefined });
    const shift = await kindling.store(shifts).write("ada", { hours: 8 });
    const ids = await booked(kindling, [5, 2]);
    const closed = await days.close(TUESDAY);
    expect(closed).toMatchObject({ status: "closed", result: { free: 1 }, inputs: [...ids, shift.id], evidence: [], late: [] });
    expect((await kindling.lineage(closed.fact?.id ?? "")).facts.map(({ id }) => id)).toEqual([closed.fact?.id, ...ids, shift.id]);
    expect(await days.close(TUESDAY)).toEqual(closed);
    expect((await kindling.store(day.store).query("status", "closed")).items.map(({ key }) => key)).toEqual(["ada@2026-11-24"]);
    expect(await kindling.store(day.store).get(day.keyOf(TUESDAY))).toMatchObject({
      id: closed.fact?.id,
      value: { inputs: closed.inputs },
    });
    expect((await days.list({ status: "closed" })).items).toEqual([closed]);
  });

  it("stays as it was when facts come late, of which each has a receipt", async () => {
    await using kindling = await open();
    const days = kindling.boundaries(day);
    await booked(kindling, [5]);
    const closed = await days.close(TUESDAY);
    const [late = ""] = await booked(kindling, [1]);
    await kindling.history(bookings).append({ part: "bob/2026-11-24", hours: 1 });
    const now = await days.get(TUESDAY);
    expect({ ...now, late: [] }).toEqual(closed);
    expect(now.late).toMatchObject([{ kind: "late", subject: late, store: "bookings", status: "done", time: Date.UTC(2026, 10, 24) }]);
    expect((await kindling.factReceipts({ kind: "late" })).items).toEqual(now.late);
    expect(await days.replay(TUESDAY, { fidelity: "raw" })).toMatchObject({ result: { free: -5 }, isSame: true });
  });

  it("needs evidence to be settled, and to be closed before", async () => {
    await using kindling = await open();
    const days = kindling.boundaries(day);
    await booked(kindling, [5]);
    await expect(days.settle(TUESDAY, { evidence: ["run_x:1"] })).rejects.toMatchObject({ code: "boundary_open" });
    await days.close(TUESDAY);
    await expect(days.settle(TUESDAY, { evidence: [] })).rejects.toMatchObject({ code: "evidence_needed" });
    await expect(days.settle(TUESDAY, { evidence: ["store:invoices:i@1#0123456789abcdef"] })).rejects.toMatchObject({
      code: "unknown_cause",
    });
    const invoice = await kindling.store(invoices).write("i1", { hours: 5 });
    const settled = await days.settle(TUESDAY, { evidence: [invoice.id] });
    expect(settled).toMatchObject({ status: "settled", evidence: [invoice.id], result: { free: -5 } });
    expect(await days.settle(TUESDAY, { evidence: [invoice.id] })).toEqual(settled);
    await expect(days.settle(TUESDAY, { evidence: ["run_x:1"] })).rejects.toMatchObject({ code: "boundary_settled" });
  });

  it("keeps its facts from going until it is compacted", async () => {
    await using kindling = await open();
    const ids = await booked(kindling, [5, 2, 1]);
    await kindling.boundaries(day).close(TUESDAY);
    const report = await kindling.compactFacts({ stores: [bookings] });
    expect(report).toMatchObject({ receipts: [], blocked: [{ kind: "history", store: "bookings", key: PART, reason: "boundary" }] });
    const pruned = await kindling.pruneFacts({ ids: ids.slice(0, 1), reason: "x" });
    expect(pruned).toMatchObject({ receipts: [], blocked: [{ id: ids[0], reason: "boundary" }] });
    expect((await kindling.history(bookings).read({ partition: PART })).items.length).toBe(3);
  });

  it("that is settled gives up its details by a plan, once; what names them leads to it", async () => {
    await using kindling = await open();
    const days = kindling.boundaries(day);
    await days.open({ subject: "bob", period: "2026-11-24" });
    const ids = await booked(kindling, [5, 2]);
    const closed = await days.close(TUESDAY);
    const note = await kindling.store(invoices).write("i1", { hours: 7 }, { causedBy: [ids[0] ?? ""] });
    const blocked = { subject: "bob", period: "2026-11-24", reason: "open", by: [] };
    expect((await days.compact({ dryRun: true })).blocked).toEqual([{ ...TUESDAY, reason: "not_settled", by: [] }, blocked]);
    const settled = await days.settle(TUESDAY, { evidence: [note.id] });
    expect((await days.compact({ dryRun: true })).blocked).toEqual([{ ...TUESDAY, reason: "referenced", by: [note.id] }, blocked]);
    const plan = await days.compact({ dryRun: true, redirect: true });
    expect(plan).toMatchObject({ ready: [{ ...TUESDAY, facts: 1, stays: [ids[1]] }], blocked: [blocked], receipts: [] });
    await expect(days.compact({ plan: plan.hash })).rejects.toMatchObject({ code: "plan_changed", details: { meant: plan.hash } });
    const { receipts } = await days.compact({ redirect: true, plan: plan.hash, reason: "a year is over" });
    expect(receipts).toMatchObject([
      { kind: "prune", store: "bookings", facts: 1, reason: "a year is over", boundary: "store:day:ada@2026-11-24" },
    ]);
    const compacted = await days.get(TUESDAY);
    expect(compacted).toMatchObject({
      status: "compacted",
      result: closed.result,
      resultHash: settled.resultHash,
      receipts: receipts.map(({ id }) => id),
    });
    expect(await kindling.resolve(ids[0] ?? "")).toMatchObject({
      status: "detail_unavailable",
      receipt: receipts[0],
      ref: { id: ids[0] },
      boundary: compacted.fact?.id,
    });
    expect(await kindling.resolve(ids[0] ?? "", { fidelity: "boundary" })).toMatchObject({
      status: "redirected",
      boundary: { id: compacted.fact?.id, value: { result: closed.result } },
    });
    expect(await kindling.resolve(ids[1] ?? "")).toMatchObject({ status: "found" });
    expect(await kindling.resolve(note.id, { fidelity: "boundary" })).toMatchObject({ status: "found" });
    expect(await days.replay(TUESDAY)).toEqual({
      fidelity: "boundary",
      result: closed.result,
      resultHash: closed.resultHash,
      isSame: true,
    });
    await expect(days.replay(TUESDAY, { fidelity: "raw" })).rejects.toMatchObject({
      code: "detail_unavailable",
      details: { receipt: receipts[0]?.id },
    });
    expect(await days.compact({ redirect: true, plan: plan.hash })).toMatchObject({ repeated: true, receipts });
    // It holds nothing any more, and what comes is late still.
    await booked(kindling, [1]);
    expect((await kindling.compactFacts()).receipts).toMatchObject([{ store: "bookings" }]);
    expect((await days.get(TUESDAY)).late.length).toBe(1);
  });

  it("takes in or notes as late every event that comes while it is closed, whoever closes it", async () => {
    const place = fileLedger(await temporaryFolder());
    await using kindling = await openKindling({ contracts: [], ledger: place });
    await using other = await openKindling({ contracts: [], ledger: place, access: "shared" });
    const append = Array.from({ length: 40 }, (_, n) =>
      (n % 2 === 0 ? kindling : other).history(bookings).append({ part: PART, hours: n }),
    );
    const closings = [other, kindling].map((each) => each.boundaries(day).close(TUESDAY));
    const ids = (await Promise.all(append)).map(({ id }) => id);
    const [one, two] = await Promise.all(closings);
    expect(one?.fact).toEqual(two?.fact);
    const { inputs, late } = await kindling.boundaries(day).get(TUESDAY);
    expect(new Set([...inputs, ...late.map(({ subject }) => subject)])).toEqual(new Set(ids));
    expect(inputs.length + late.length).toBe(ids.length);
  });

  it("whose compaction was cut short is completed by whoever names its plan again", async () => {
    const ledger = await memoryLedger().open({ access: "write" });
    const writer = new FactWriter(ledger);
    const keeper = new FactKeeper(ledger, writer, () => 0);
    let isDying = true;
    const days = new BoundaryHandle(day, {
      asked: async () => ({ ledger, now: 0 }),
      records: (store) =>
        new StoreReader(store, {
          asked: async () => ({ ledger, now: 0 }),
          record: () => Promise.reject(new Error("only reads")),
          follow: () => {
            throw new Error("nobody follows it");
          },
        }),
      submit: (order) => writer.record(order),
      keep: (order) => (isDying ? Promise.reject(new Error("killed")) : keeper.keep(order)),
    });
    for (const hours of [5, 2]) await writer.record({ orders: [await orderOf(bookings.append({ part: PART, hours }))] });
    await days.close(TUESDAY);
    // Whatever was planned before it was closed.
    const going = { upTo: 1, numbers: new Set([1]) };
    expect(await cutKey({ ledger, writer }, `history:bookings:${PART}`, going, "store-receipt:none")).toBe(0);
    await days.settle(TUESDAY, { evidence: ["run_x:1"] });
    const { hash } = await days.compact({ dryRun: true });
    await expect(days.compact({ plan: hash })).rejects.toThrow("killed");
    expect((await days.get(TUESDAY)).status).toBe("compacting");
    isDying = false;
    const report = await days.compact({ plan: hash });
    expect(report).toMatchObject({ repeated: true, receipts: [{ kind: "prune", facts: 1, status: "done" }] });
    expect(await days.get(TUESDAY)).toMatchObject({ status: "compacted", receipts: report.receipts.map(({ id }) => id) });
  });

  it("comes up in a plan however many before it stay", async () => {
    await using kindling = await open();
    const [first = "", second = "", last = ""] = await booked(kindling, [5, 2, 1]);
    await kindling.store(invoices).write("i1", { hours: 7 }, { causedBy: [first] });
    const settled = (n: number, inputs: readonly string[]) => settledRecord(n, inputs, last);
    for (const from of [0, 500]) await kindling.record(Array.from({ length: 500 }, (_, n) => settled(from + n, [first])));
    await kindling.record([settled(1_000, [first]), settled(1_001, [second])]);
    const plan = await kindling.boundaries(day).compact({ dryRun: true });
    expect(plan.ready).toEqual([{ subject: "s1001", period: "p", facts: 1, stays: [] }]);
    expect(plan.blocked.length).toBe(1_000);
  });

  it("is compacted with as many others as one change takes", async () => {
    await using kindling = await open();
    const [first = "", last = ""] = await booked(kindling, [5, 2]);
    for (let n = 0; n < 60; n++) {
      const inputs = Array.from({ length: 250 }, () => first);
      await kindling.record([settledRecord(n, inputs, last)]);
    }
    const days = kindling.boundaries(day);
    const { hash, ready } = await days.compact({ dryRun: true });
    expect(ready.length).toBeGreaterThan(10);
    await days.compact({ plan: hash });
    expect((await days.list({ status: "compacted" })).items.length).toBe(ready.length);
    await days.compact();
    await days.compact();
    expect((await days.list({ status: "compacted" })).items.length).toBe(60);
  });

  it("cannot be closed when some of its facts are gone, or when its result does not fit", async () => {
    await using kindling = await open();
    await booked(kindling, [5, 2]);
    await kindling.compactFacts();
    await expect(kindling.boundaries(day).close(TUESDAY)).rejects.toMatchObject({ code: "detail_unavailable" });
    const odd = defineBoundary("odd", {
      schema: z.number().positive(),
      covers: () => ({ booked: { of: bookings, key: "none" } }),
      result: ({ booked }) => booked.length,
    });
    await expect(kindling.boundaries(odd).close(TUESDAY)).rejects.toMatchObject({ code: "bad_result" });
    expect((await kindling.boundaries(odd).get(TUESDAY)).status).toBe("open");
  });

  it("whose result throws says which one and why, and stays open", async () => {
    await using kindling = await open();
    const odd = defineBoundary("odd", {
      schema: z.number(),
      covers: () => ({ booked: { of: bookings, key: "none" } }),
      result: () => {
        throw new TypeError("nothing was booked");
      },
    });
    const days = kindling.boundaries(odd);
    await expect(days.close(TUESDAY)).rejects.toMatchObject({
      code: "bad_result",
      message: expect.stringMatching(/^odd: the result of .* could not be computed, result threw: nothing was booked$/),
    });
    expect((await days.get(TUESDAY)).status).toBe("open");
  });

  it("whose result a later edition cannot read is not settled by it, and gives up its details all the same", async () => {
    await using kindling = await open();
    const [first] = await booked(kindling, [5, 2]);
    await kindling.boundaries(day).close(TUESDAY);
    const wider = defineBoundary("day", {
      ...day,
      schema: z.object({ free: z.number(), by: z.string() }),
      result: () => ({ free: 0, by: "" }),
    });
    const later = kindling.boundaries(wider);
    const evidence = [first ?? ""];
    const refused = { code: "bad_result", fix: expect.stringContaining("results of before") };
    await expect(later.settle(TUESDAY, { evidence })).rejects.toMatchObject(refused);
    expect(await kindling.boundaries(day).get(TUESDAY)).toMatchObject({ status: "closed", evidence: [] });
    await kindling.boundaries(day).settle(TUESDAY, { evidence });
    await later.compact({ reason: "paid" });
    expect(await kindling.boundaries(day).get(TUESDAY)).toMatchObject({ status: "compacted", result: { free: -7 } });
  });
});
