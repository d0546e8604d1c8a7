// Stores on a disk that dies at any write or sync: what was acknowledged is there, several changes as one are there as one, and whoever tries again with the same key
// records once.

import { defineHistory, defineStore, type StoreChange } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { LedgerError } from "../../src/errors.ts";
import type { Disk } from "../../src/ledger/disk.ts";
import { fileLedger } from "../../src/ledger/file.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { orderOf } from "../../src/store/change.ts";
import { LogFeed } from "../../src/host/feed.ts";
import { FactWriter } from "../../src/store/fact-writer.ts";
import { type FactAccess, HistoryHandle, StoreHandle } from "../../src/store/handle.ts";
import { lineageOf } from "../../src/store/lineage.ts";
import { seededRandom } from "../ledger/seeded-random.ts";
import { SimulatedDisk } from "../ledger/simulated-disk.ts";

const CALLS = 70;
const TRANSFERS = 6;

const accounts = defineStore("accounts", { schema: z.number(), indexes: { poor: (sum) => sum < 50 } });
const transfers = defineHistory("transfers", { schema: z.number() });

const open = (disk: Disk): Promise<Ledger> =>
  fileLedger("/ledger", { disk, newId: () => "simulated", segmentBytes: 6_000 }).open({ access: "write", now: () => 0 });

function accessTo(ledger: Ledger): FactAccess {
  const writer = new FactWriter(ledger);
  return {
    asked: async () => ({ ledger, now: 0 }),
    record: async (changes, options) => writer.record({ orders: await Promise.all(changes.map((change) => orderOf(change))), ...options }),
    follow: (query, { check, pick }) =>
      new LogFeed({ ledger, assertOpen: () => undefined }, { query, check, pick: (entry) => pick(entry, ledger) }),
  };
}

/** Moves one from `a` to `b`, each time under a key of its own: `a + b` is 100 at every moment, and the events say how often it happened. */
async function work(disk: Disk, acknowledged: Set<number>): Promise<void> {
  await using ledger = await open(disk);
  const access = accessTo(ledger);
  const store = new StoreHandle(accounts, access);
  if ((await store.get("a")) === undefined)
    await access.record([accounts.write("a", 100), accounts.write("b", 0)], { idempotencyKey: "begin" });
  for (let number = 1; number <= TRANSFERS; number++) {
    const [a, b] = [await store.get("a"), await store.get("b")];
    if (a === undefined || b === undefined) throw new Error("half of what was recorded at once is there");
    const known = (await new HistoryHandle(transfers, access).read()).items.some(({ value }) => value === number);
    const causedBy = [a.id, b.id];
    const changes: StoreChange[] = [
      accounts.write("a", a.value - 1, { expect: a.id, causedBy }),
      accounts.write("b", b.value + 1, { expect: b.id, causedBy }),
      transfers.append(number, { causedBy }),
    ];
    // Who cannot know whether it was done looks first, and would be refused otherwise: the same key with what is different now.
    if (!known) await access.record(changes, { idempotencyKey: `transfer ${number}` });
    acknowledged.add(number);
  }
}

describe("a store on a disk that dies", () => {
  it.each([false, true])("keeps what was acknowledged, and changes that were one as one (power cut: %o)", async (isPowerCut) => {
    const ends = new Set<number>();
    for (let atCall = 1; atCall <= CALLS; atCall++) {
      const disk = new SimulatedDisk({ random: seededRandom(atCall), shortWrites: 0.2 });
      const acknowledged = new Set<number>();
      const access = disk.begin({ kind: "death", atCall });
      await Promise.race([disk.death, untilStopped(() => work(access, acknowledged))]);
      if (isPowerCut) disk.cutPower();
      else disk.kill();
      ends.add(await judge(disk.begin(), acknowledged, `death at call ${atCall}`));
      disk.kill();
      const again = new Set<number>();
      await work(disk.begin(), again);
      disk.kill();
      expect(await judge(disk.begin(), again, `after another life, death at call ${atCall}`)).toBe(TRANSFERS);
    }
    expect(ends.size).toBeGreaterThan(TRANSFERS);
  });
});

/** Looks whether all fits together; gives how often something was moved, or -1 when nothing had begun. */
async function judge(disk: Disk, acknowledged: ReadonlySet<number>, where: string): Promise<number> {
  await using ledger = await open(disk);
  const access = accessTo(ledger);
  const store = new StoreHandle(accounts, access);
  const [a, b] = [await store.get("a"), await store.get("b")];
  const { items } = await new HistoryHandle(transfers, access).read();
  const moved = items.map(({ value }) => value);
  expect(moved, where).toEqual(Array.from({ length: moved.length }, (_, index) => index + 1));
  for (const number of acknowledged) expect(moved, where).toContain(number);
  expect([a?.value, b?.value], where).toEqual(a === undefined ? [undefined, undefined] : [100 - moved.length, moved.length]);
  expect(
    (await store.query("poor", true)).items.map(({ key }) => key),
    where,
  ).toEqual(a === undefined ? [] : ["b"]);
  const [first] = items;
  if (first !== undefined) {
    const lineage = await lineageOf(ledger, first.id);
    expect([lineage.isWhole, lineage.missing, lineage.facts.length], where).toEqual([true, [], 3]);
    // What followed is noted in the same change as what it followed from.
    const [cause = ""] = first.causes;
    expect((await lineageOf(ledger, cause, { direction: "effects", depth: 1 })).links.length, where).toBe(3);
  }
  return a === undefined ? -1 : moved.length;
}

/** What the disk did to it is the next one's to cope with. */
async function untilStopped(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
  }
}
