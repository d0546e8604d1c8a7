// What keeps a run from being given up although no rule keeps it, and compactions beside everything else: only told, twice at once, stopped, from another process.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type Kindling, memoryLedger } from "../../src/index.ts";
import { manualClock } from "../../src/testing.ts";
import { ada, ALL, ended, openAll, press, pressed, quick } from "./compactable.ts";
import { ledgerWith, logOf } from "./ledgers.ts";
import { openKindling, temporaryLedger, until } from "./open-host.ts";

const dead = contract("dead", {
  inputs: {},
  define: (g) =>
    g.effect("sent", {
      needs: {},
      run: (): null => {
        throw new Error("the post office is closed");
      },
      retry: { attempts: 1 },
    }),
});

/** Its end calls something that fails until it is let through. */
const following = (gate: { isOpen: boolean }) =>
  contract("following", {
    inputs: { n: z.number() },
    define: (g, { n }) => ({ n: g.map("m", n, (n) => n) }),
    onSuccess: () => {
      if (!gate.isOpen) throw new Error("not yet");
    },
  });

const blockedIn = async (kindling: Kindling) =>
  (await kindling.compact({ retention: ALL })).blocked.map(({ run, reason }) => [run, reason]);

describe("a run that is past its retention", () => {
  it("stays while an effect of it waits for somebody, and says so", async () => {
    const kindling = await openKindling({ contracts: [dead] });
    const run = await kindling.start(dead, {});
    await run.settled();
    expect(await kindling.compact({ retention: ALL })).toMatchObject({
      contracts: [],
      blocked: [{ run: run.id, contract: "dead", reason: "dead_letters" }],
      blockedCount: 1,
    });
    expect((await run.get()).status).toBe("failed");
  });

  it("stays while something follows on its end", async () => {
    const clock = manualClock(1_000_000);
    const gate = { isOpen: false };
    const kindling = await openKindling({ contracts: [following(gate)], clock });
    const run = await kindling.start("following", { n: 1 });
    await run.settled();
    await until(() => clock.pending.length > 0);
    expect(await blockedIn(kindling)).toEqual([[run.id, "follows"]]);
    gate.isOpen = true;
    clock.advance(60_000);
    await expect.poll(() => blockedIn(kindling)).toEqual([]);
    expect(await kindling.receiptOf(run.id)).toMatchObject({ status: "succeeded" });
  });

  it("stays while a child of it has not ended", async () => {
    const place = memoryLedger();
    const kindling = await openAll({ ledger: place });
    const run = await kindling.start(press, { topic: "Rain", langs: ["de", "fr"] });
    await run.settled();
    await run.cancel();
    const log = await logOf(place);
    const end = log.entries.findIndex((entry) => entry.run === run.id && entry.facts.some(({ type }) => type === "run.cancelled"));
    // A process without the contract cannot end its children.
    const cut = await ledgerWith(log, end + 1);
    const without = await openKindling({ contracts: [quick], ledger: cut });
    expect(await blockedIn(without)).toEqual([[run.id, "open_inside"]]);
    await without.close();
    const later = await openAll({ ledger: cut });
    await expect.poll(async () => (await later.compact({ retention: ALL })).contracts).toMatchObject([{ contract: "press", children: 2 }]);
  });

  it("stays when a newer version has gone on with it, and holds up no other", async () => {
    const ledger = memoryLedger();
    const kindling = await openAll({ ledger });
    const [newer, other] = [await ended(kindling, 1), await ended(kindling, 2)];
    await kindling.close();
    const writer = await ledger.open({ access: "write" });
    const { open = false, keys = [], note = {}, version = 0 } = writer.head(newer) ?? {};
    await writer.append([{ run: newer, tree: newer, expected: version, facts: [{ type: "run.dreaming" }], head: { open, keys, note } }]);
    await writer.close();
    const later = await openAll({ ledger });
    expect(await blockedIn(later)).toEqual([[newer, "unreadable"]]);
    expect(await later.receiptOf(other)).toMatchObject({ run: other });
  });

  it("is given up although its contract has changed, and nobody says then what it gave", async () => {
    const ledger = memoryLedger();
    const kindling = await openAll({ ledger });
    const id = await ended(kindling);
    await kindling.close();
    const changed = contract("quick", {
      inputs: { n: z.number() },
      define: (g, { n }) => ({ thrice: g.compute("thrice", { needs: { n }, run: ({ n }) => 3 * n }) }),
    });
    const later = await openKindling({ contracts: [changed], ledger });
    await later.compact({ retention: ALL });
    expect(await later.receiptOf(id)).toMatchObject({ status: "succeeded", outputs: null });
  });

  it("is given up or goes on, when somebody makes it go on at the same time, and never both", async () => {
    const outcomes = new Set<string>();
    for (const isFirst of [true, false]) {
      for (const call of [
        (kindling: Kindling, id: string) => kindling.update(id, { n: 7 }),
        async (kindling: Kindling, id: string) => {
          const fork = await kindling.fork(id);
          // It has what it was forked for.
          expect((await fork.facts()).map(({ type }) => type)).toContain("node.reused");
        },
        (kindling: Kindling, id: string) => kindling.get(id),
        (kindling: Kindling, id: string) => kindling.facts(id),
      ]) {
        const kindling = await openAll();
        const id = await ended(kindling);
        const other = () =>
          call(kindling, id).then(
            () => "done",
            (error: { readonly code: string }) => error.code,
          );
        const compact = () => kindling.compact({ retention: [{ contract: "quick", keep: 0 }] });
        const [said, report] = isFirst ? await Promise.all([other(), compact()]) : (await Promise.all([compact(), other()])).toReversed();
        outcomes.add(String(said));
        expect(["done", "run_compacted"]).toContain(said);
        const isGone = (await kindling.receiptOf(id)) !== undefined;
        const { contracts } = report as Awaited<ReturnType<typeof compact>>;
        expect(contracts.some(({ runs }) => runs > 0)).toBe(isGone);
        if (!isGone) expect((await (await kindling.run(id)).settled()).status).toBe("succeeded");
        expect((await kindling.verify()).faults).toEqual([]);
      }
    }
    expect(outcomes.size).toBe(2);
  });
});

describe("compact", () => {
  it("with dryRun writes nothing and tells what would be given up", async () => {
    const ledger = memoryLedger();
    const kindling = await openAll({ ledger });
    const id = await pressed(kindling);
    await ended(kindling);
    const before = (await logOf(ledger)).entries;
    const told = await kindling.compact({ retention: ALL, dryRun: true });
    expect((await logOf(ledger)).entries).toEqual(before);
    const done = await kindling.compact({ retention: ALL });
    expect(told).toMatchObject({ dryRun: true, contracts: done.contracts, blocked: [], ledger: { removed: { commits: 0 } } });
    expect(done.contracts).toMatchObject([
      { contract: "press", runs: 1, children: 2 },
      { contract: "quick", runs: 1, children: 0 },
    ]);
    expect(done.ledger.removed.commits).toBeGreaterThan(0);
    await expect(kindling.get(id)).rejects.toMatchObject({ code: "run_compacted" });
  });

  it("waits for one that is under way, and finds nothing more to do", async () => {
    const kindling = await openAll();
    for (let n = 0; n < 5; n++) await ended(kindling, n);
    const [one, two] = await Promise.all([kindling.compact({ retention: ALL }), kindling.compact({ retention: ALL })]);
    expect([one.contracts[0]?.runs, two.contracts]).toEqual([5, []]);
    expect((await kindling.compacted()).items.length).toBe(5);
  });

  it("ends between two runs when it is aborted, and what was given up stays so", async () => {
    const kindling = await openAll();
    const ids = [await ended(kindling, 1), await ended(kindling, 2), await ended(kindling, 3)];
    const abort = new AbortController();
    kindling.on("run.compacted", {}, () => abort.abort(new Error("enough")));
    await expect(kindling.compact({ retention: ALL, signal: abort.signal })).rejects.toThrow("enough");
    const receipts = await Promise.all(ids.map((id) => kindling.receiptOf(id)));
    const gone = receipts.filter((receipt) => receipt !== undefined).length;
    expect(gone).toBeGreaterThan(0);
    expect(gone).toBeLessThan(3);
    await expect(kindling.compact({ signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
    expect((await kindling.compact({ retention: ALL })).contracts[0]?.runs).toBe(3 - gone);
  });

  it("lets other runs go on meanwhile", async () => {
    const kindling = await openAll();
    for (let n = 0; n < 300; n++) await ended(kindling, n);
    let isOver = false;
    const compacting = kindling.compact({ retention: [{ contract: "quick", keep: 0 }] }).finally(() => (isOver = true));
    const run = await kindling.start(press, { topic: "Rain", langs: [] });
    await run.settled();
    await kindling.deliver({ event: "reviewed", run: run.id, payload: { decision: "approve" }, actor: ada });
    await run.result();
    expect(isOver).toBe(false);
    expect((await compacting).contracts).toMatchObject([{ contract: "quick", runs: 300 }]);
  });

  it("is passed on to the process that writes, with the caller's rules, and told as there", async () => {
    const ledger = await temporaryLedger();
    const writer = await openAll({ access: "shared", ledger });
    const id = await ended(writer);
    const other = await openAll({ access: "shared", ledger, retention: [{ contract: "quick", keep: 0 }] });
    expect(await other.compact({ actor: ada, reason: "tidy" })).toMatchObject({ contracts: [{ contract: "quick", runs: 1 }] });
    for (const each of [writer, other]) {
      await expect(each.get(id)).rejects.toMatchObject({ code: "run_compacted" });
      expect(await each.receiptOf(id)).toMatchObject({ compactedBy: ada, reason: "tidy" });
    }
    const wrong = { retention: [{ contract: "quik", keep: 0 }] };
    await expect(other.compact(wrong)).rejects.toMatchObject({ name: "InputError", code: "bad_retention" });
  });

  it("ends in the process that writes, too, when whoever asked for it is gone", async () => {
    const ledger = await temporaryLedger();
    const writer = await openAll({ access: "shared", ledger });
    for (let n = 0; n < 200; n++) await ended(writer, n);
    const other = await openAll({ access: "shared", ledger });
    const abort = new AbortController();
    writer.on("run.compacted", {}, () => abort.abort(new Error("enough")));
    await expect(other.compact({ retention: ALL, signal: abort.signal })).rejects.toThrow("enough");
    // Waits for the one before.
    await writer.compact();
    const gone = (await writer.compacted({ limit: 1_000 })).items.length;
    expect(gone).toBeGreaterThan(0);
    expect(gone).toBeLessThan(200);
  });

  it("refuses an archive that cannot take it before anything is given up, and one who only reads", async () => {
    const ledger = memoryLedger();
    const kindling = await openAll({ ledger });
    const id = await ended(kindling);
    await expect(kindling.compact({ retention: ALL, archive: "x" })).rejects.toMatchObject({ code: "archive_unfit" });
    expect((await kindling.get(id))?.status).toBe("succeeded");
    const reader = await openAll({ ledger, access: "read" });
    await expect(reader.compact({ retention: ALL })).rejects.toMatchObject({ code: "ledger_read_only" });
  });
});
