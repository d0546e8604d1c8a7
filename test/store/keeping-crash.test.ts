// Compacting, pruning and purging on a disk that dies at any write or sync: what was to stay is there, what is gone has a receipt, and the next life completes what was begun.

import { defineHistory, defineStore } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { LedgerError } from "../../src/errors.ts";
import type { Disk } from "../../src/ledger/disk.ts";
import { fileLedger } from "../../src/ledger/file.ts";
import type { CompactOptions } from "../../src/ledger/compaction.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { orderOf, type StoreChange } from "../../src/store/change.ts";
import { effectNotes } from "../../src/store/effects.ts";
import { FactKeeper } from "../../src/store/fact-keeper.ts";
import { findFact } from "../../src/store/fact-reader.ts";
import { FactWriter } from "../../src/store/fact-writer.ts";
import { receiptById, receiptKeys } from "../../src/store/receipt.ts";
import { seededRandom } from "../ledger/seeded-random.ts";
import { SimulatedDisk } from "../ledger/simulated-disk.ts";

const CALLS = 200;

const days = defineStore("days", { schema: z.number(), retention: { last: 2 } });
const events = defineHistory("events", { schema: z.number(), retention: { last: 3 } });
const marks = defineStore("marks", { schema: z.number() });
const RULES = [days, events].map(({ kind, name, retention }) => ({ kind, store: name, retention }));

interface Life {
  readonly ledger: Ledger;
  readonly keeper: FactKeeper;
  readonly write: (change: StoreChange) => Promise<string>;
}

async function live(disk: Disk): Promise<Life> {
  const ledger = await fileLedger("/ledger", { disk, newId: () => "simulated", segmentBytes: 4_000 }).open({
    access: "write",
    now: () => 0,
  });
  const writer = new FactWriter(ledger);
  const keeper = new FactKeeper(ledger, writer, () => 0);
  await keeper.complete();
  const write = async (change: StoreChange): Promise<string> =>
    (await writer.record({ orders: [await orderOf(change)] })).facts[0]?.id ?? "";
  return { ledger, keeper, write };
}

/** Ids that were acknowledged, in order, by what they are of. */
interface Known {
  readonly days: string[];
  readonly events: string[];
  /** Of events, the facts that rest on them. */
  readonly marks: Map<string, string>;
}

async function work(disk: Disk, known: Known): Promise<void> {
  const { ledger, keeper, write } = await live(disk);
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 3; n++) {
      known.days.push(await write(days.write("monday", n)));
      const event = await write(events.append(n));
      known.events.push(event);
      known.marks.set(event, await write(marks.write("latest", n, { causedBy: [event] })));
    }
    await keeper.keep({ verb: "prune", ids: [known.days.at(-2) ?? "", known.events.at(-2) ?? ""] });
    await keeper.keep({ verb: "compact", rules: RULES });
    if (round > 0) await keeper.keep({ verb: "purge" });
  }
  await ledger.close();
}

describe("keeping facts on a disk that dies", () => {
  it.each([false, true])(
    "loses nothing that was to stay, and completes what was begun (power cut: %o)",
    { timeout: 120_000 },
    async (isPowerCut) => {
      let begun = 0;
      // Every other call of each: a death is one, with or without the power.
      for (let atCall = isPowerCut ? 1 : 2; atCall <= CALLS; atCall += 2) {
        const disk = new SimulatedDisk({ random: seededRandom(atCall), shortWrites: 0.2 });
        const known: Known = { days: [], events: [], marks: new Map() };
        const access = disk.begin({ kind: "death", atCall });
        await Promise.race([disk.death, untilStopped(() => work(access, known))]);
        if (isPowerCut) disk.cutPower();
        else disk.kill();
        begun += await judge(disk.begin(), known, `death at call ${atCall}`);
        disk.kill();
      }
      expect(begun).toBeGreaterThan(5);
    },
  );
});

describe("a purge that died behind its receipt, before anything was decided", () => {
  it("is carried out by the next life, and its receipt says how much it was", async () => {
    const disk = new SimulatedDisk({ random: seededRandom(1) });
    const first = await live(disk.begin());
    for (let n = 0; n < 60; n++) await first.write(days.write("monday", n));
    await first.keeper.keep({ verb: "compact", rules: RULES });
    const compact = first.ledger.compact.bind(first.ledger);
    Object.assign(first.ledger, {
      compact: (options: CompactOptions) => (options.dryRun === true ? compact(options) : Promise.reject(new Error("killed"))),
    });
    await expect(first.keeper.keep({ verb: "purge" })).rejects.toThrow("killed");
    disk.kill();
    const { ledger } = await live(disk.begin());
    const [receipt] = ledger.find({ keys: [receiptKeys.kind("purge")] }).map(({ run }) => receiptById(ledger, run));
    expect(receipt).toMatchObject({ status: "done" });
    expect(receipt?.facts).toBeGreaterThan(20);
    expect(ledger.oldest).toBeGreaterThan(20);
    await ledger.close();
  });
});

/** Looks whether all that is left fits together; gives how many receipts were open. */
async function judge(disk: Disk, known: Known, where: string): Promise<number> {
  await using before = await fileLedger("/ledger", { disk, newId: () => "simulated", segmentBytes: 4_000 }).open({
    access: "write",
    now: () => 0,
  });
  const begun = before.find({ keys: [receiptKeys.all], open: true }).length;
  await before.close();
  const { ledger } = await live(disk);
  expect((await ledger.verify()).ok, where).toBe(true);
  expect(ledger.find({ keys: [receiptKeys.all], open: true }), where).toEqual([]);
  const noted = new Map((await Array.fromAsync(effectNotes(ledger, "history:events:"))).map(({ cause, effect }) => [cause, effect]));
  for (const ids of [known.days, known.events]) {
    for (const [index, id] of ids.entries()) {
      const found = await findFact({ ledger }, id);
      // The latest ones were asked of nobody to go: they are there, whatever happened.
      if (index === ids.length - 1) expect(found.status, where).toBe("found");
      if (found.status === "found") {
        const mark = known.marks.get(id);
        if (mark !== undefined) expect(noted.get(id), `${where}: what rests on ${id}`).toBe(mark);
        continue;
      }
      expect(found.status, where).toBe("given_up");
      if (found.status === "given_up") expect(receiptById(ledger, found.receipt ?? "")?.status, where).toBe("done");
    }
  }
  await ledger.close();
  return begun;
}

/** What the disk did to it is the next one's to cope with. */
async function untilStopped(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
  }
}
