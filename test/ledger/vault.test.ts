// The keys of trees on a whole disk: each tree has its own, which others cannot be sealed with, and a destroyed one is gone.

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import type { Disk } from "../../src/ledger/disk.ts";
import { keyFaults } from "../../src/ledger/key-faults.ts";
import { KEY_CACHE_LIMIT } from "../../src/ledger/key-reader.ts";
import { destroyedSlot, SLOT_BYTES, SLOT_LIMIT, SLOTS_PER_FILE } from "../../src/ledger/key-slots.ts";
import type { KeySite } from "../../src/ledger/ledger-key.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { openLine, readSealedLine, sealLine } from "../../src/ledger/sealed-line.ts";
import { SLOT_GROUP_LIMIT, SLOT_QUEUE_LIMIT, SlotWriter } from "../../src/ledger/slot-writer.ts";
import { createVault, NEW_TREES_LIMIT, openVault, type VaultOptions } from "../../src/ledger/vault.ts";
import { everythingOn, FOLDER, MASTER, open, secretIn, secretOf, simulated, siteOn, SLOTS } from "./sample-vault.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import { temporaryFolder } from "./temporary-folder.ts";

describe("a vault", () => {
  test("gives every tree a key of its own, which is the same for whoever opens it later", async () => {
    const { life, vault } = await simulated();
    const roots = Array.from({ length: 50 }, (_, index) => `run-${index}`);
    const keys = await vault.allocate(roots);
    expect(keys.map(({ slot }) => slot)).toEqual(roots.map((_, index) => index));
    expect(new Set(keys.map(secretOf)).size).toBe(50);
    for (const access of ["read", "write"] as const) {
      const later = await open(life, { access });
      for (const [slot, root] of roots.entries()) expect(await secretIn(later, root, slot)).toBe(secretOf(keys[slot]));
    }
  });

  test("lies in real files, and holds no key in the clear", async () => {
    const folder = join(await temporaryFolder(), "keys");
    const site: KeySite = { disk: realDisk, folder, ledger: "ledger-1" };
    await createVault(site, MASTER, randomBytes);
    const options: VaultOptions = { site, master: MASTER, random: randomBytes, access: "write", slotOf: () => undefined };
    const [key] = await (await openVault(options)).allocate(["one"]);
    expect(await secretIn(await openVault(options), "one", 0)).toBe(secretOf(key));
    expect(await realDisk.list(folder)).toEqual(["000000.slots", "ledger-1.slot", "ledger-2.slot"]);
    expect((await realDisk.inspect(join(folder, "000000.slots")))?.bytes).toBe(SLOTS_PER_FILE * SLOT_BYTES);
    expect(await keyFaults(site, MASTER)).toEqual([]);
  });

  test("writes slots that are given out together in one go: one write and one sync", async () => {
    const { disk, vault } = await simulated();
    await vault.allocate(["first"]);
    const before = disk.calls;
    await Promise.all(Array.from({ length: SLOT_GROUP_LIMIT }, (_, index) => vault.allocate([`run-${index}`])));
    expect(disk.calls - before).toBe(2);
    // Two places in one file: 3 and 4, and 9.
    await Promise.all([vault.destroy([3, 4]), vault.destroy([9])]);
    expect(disk.calls - before).toBe(2 + 3);
  });

  test("finds the slot of a tree as the log knows it, and says when there is none", async () => {
    const { life, vault } = await simulated();
    await vault.allocate(["one", "two"]);
    const later = await open(life, { slotOf: (root) => ({ two: 1 })[root] });
    expect(await later.keyFor("two")).toMatchObject({ kind: "live", key: { slot: 1 } });
    expect(await later.keyFor("three")).toEqual({ kind: "none" });
  });

  test("gives a tree the same key again as long as the log does not name its slot", async () => {
    const { vault } = await simulated();
    const [[one], [same]] = await Promise.all([vault.allocate(["one"]), vault.allocate(["one", "one"])]);
    expect(same).toBe(one);
    expect((await vault.allocate(["one"]))[0]).toBe(one);
    await vault.destroy([0]);
    expect((await vault.allocate(["one"]))[0]?.slot).toBe(1);
  });

  test("reads the keys of many trees at one look, and leaves what is gone or damaged to be told later", async () => {
    const { disk, life, vault } = await simulated();
    const keys = await vault.allocate(Array.from({ length: 100 }, (_, index) => `run-${index}`));
    await vault.destroy([7]);
    disk.flipBit(SLOTS, 8 * SLOT_BYTES * 8 + 700);
    const opened: string[] = [];
    const counting: Disk = { ...life, open: (path, mode) => (opened.push(path), life.open(path, mode)) };
    const later = await open(life, { site: siteOn(counting), access: "read" });
    opened.length = 0;
    await later.warm([99, 3, 7, 8, 3, SLOTS_PER_FILE * 3]);
    expect(opened).toEqual([SLOTS]);
    expect([await secretIn(later, "run-3", 3), await secretIn(later, "run-99", 99)]).toEqual([secretOf(keys[3]), secretOf(keys[99])]);
    expect(opened).toEqual([SLOTS]);
    expect(await later.keyAt(7)).toMatchObject({ kind: "destroyed" });
    await expect(later.keyAt(8)).rejects.toMatchObject({ code: "ledger_damaged" });
  });

  test("refuses to seal a tree with the key of another, since erasing one would erase both", async () => {
    const { vault } = await simulated();
    await vault.allocate(["one", "two"]);
    await expect(vault.keyFor("two", 0)).rejects.toMatchObject({
      code: "ledger_damaged",
      details: { file: "keys/000000.slots", slot: 0 },
      message: expect.stringContaining("not that of two"),
    });
  });

  test("blinds strings to find streams by: equal ones alike, for good, and only with the key", async () => {
    const { life, vault } = await simulated();
    const blinded = vault.blindKey("status:waiting");
    expect(blinded).toMatch(/^[\w-]{22}$/);
    expect(vault.blindKey("status:running")).not.toBe(blinded);
    expect((await open(life, { access: "read" })).blindKey("status:waiting")).toBe(blinded);
    expect((await simulated({ seed: 2 })).vault.blindKey("status:waiting")).not.toBe(blinded);
  });

  test("goes on in a further file when one is full", async () => {
    const { life, vault } = await simulated();
    // A slot that is destroyed counts as used, and so do those before it.
    await vault.allocate(["first"]);
    await vault.destroy([SLOTS_PER_FILE - 2]);
    const keys = await vault.allocate(["one", "two", "three"]);
    expect(keys.map(({ slot }) => slot)).toEqual([SLOTS_PER_FILE - 1, SLOTS_PER_FILE, SLOTS_PER_FILE + 1]);
    const later = await open(life);
    expect(await secretIn(later, "one", SLOTS_PER_FILE - 1)).toBe(secretOf(keys[0]));
    expect(await secretIn(later, "three", SLOTS_PER_FILE + 1)).toBe(secretOf(keys[2]));
    expect((await later.allocate(["four"]))[0]?.slot).toBe(SLOTS_PER_FILE + 2);
  });

  test("is not made over keys that are there", async () => {
    const { life, vault } = await simulated();
    await vault.allocate(["one"]);
    await expect(createVault(siteOn(life), MASTER, randomBytes)).rejects.toMatchObject({ code: "ledger_damaged" });
    expect(await (await open(life)).keyFor("one", 0)).toMatchObject({ kind: "live" });
  });

  test("gives out and destroys nothing when it was opened for reading", async () => {
    const { life } = await simulated();
    const reader = await open(life, { access: "read" });
    await expect(reader.allocate(["one"])).rejects.toMatchObject({ code: "ledger_read_only" });
    await expect(reader.destroy([0])).rejects.toMatchObject({ code: "ledger_read_only" });
  });
});

describe("a destroyed key", () => {
  test("opens nothing any more, and no copy of it is left in the folder", async () => {
    const { disk, life, vault } = await simulated();
    const [one, two] = await vault.allocate(["one", "two"]);
    if (one === undefined || two === undefined) throw new Error("no keys");
    const wrapped = disk.content(SLOTS).subarray(64, 124);
    const body = sealLine({ ledger: "ledger-1", run: "one", first: 1, count: 1, time: 2, blobs: [] }, '{"facts":[]}', one, randomBytes);
    await vault.destroy([0]);
    for (const later of [vault, await open(life), await open(life, { access: "read" })]) {
      expect(await later.keyFor("one", 0)).toEqual({ kind: "destroyed", slot: 0 });
      expect(await secretIn(later, "two", 1)).toBe(secretOf(two));
      const line = readSealedLine(JSON.parse(body) as JsonObject);
      const others = await later.keyAt(1);
      if (line === undefined || others.kind !== "live") throw new Error("no line or key");
      expect(() => openLine("ledger-1", line, body, others.key)).toThrow("does not open");
    }
    const all = await everythingOn(disk, life);
    expect(all.includes(wrapped)).toBe(false);
    expect(all.includes(Buffer.from(secretOf(one), "base64url"))).toBe(false);
  });

  test("may be destroyed again, and its slot is never given to another tree", async () => {
    const { life, vault } = await simulated();
    await vault.allocate(["one"]);
    await vault.destroy([0]);
    await vault.destroy([0, 0]);
    expect((await vault.allocate(["two"]))[0]?.slot).toBe(1);
    await vault.destroy([1]);
    expect((await (await open(life)).allocate(["three"]))[0]?.slot).toBe(2);
  });

  test("is not kept in memory by a look that was under way", async () => {
    const { life } = await simulated();
    await (await open(life)).allocate(["one"]);
    const gate = Promise.withResolvers<void>();
    const vault = await open(life, { site: siteOn(readingLate(life, gate.promise)) });
    const early = vault.keyAt(0);
    await vault.destroy([0]);
    const late = vault.keyAt(0);
    gate.resolve();
    expect(await late).toEqual({ kind: "destroyed", slot: 0 });
    // Who asked before may get what there was then.
    expect(await early).toMatchObject({ kind: "live" });
    expect(await vault.keyAt(0)).toEqual({ kind: "destroyed", slot: 0 });
    expect(vault.cachedKeys).toBe(0);
  });

  test("is not kept in memory by a look at many that was under way", async () => {
    const { life } = await simulated();
    await (await open(life)).allocate(["one"]);
    const gate = Promise.withResolvers<void>();
    const vault = await open(life, { site: siteOn(readingLate(life, gate.promise)) });
    const early = vault.warm([0]);
    await vault.destroy([0]);
    gate.resolve();
    await early;
    expect(await vault.keyAt(0)).toEqual({ kind: "destroyed", slot: 0 });
  });

  test("is forgotten by a reader that is told", async () => {
    const { life, vault } = await simulated();
    await vault.allocate(["one"]);
    const reader = await open(life, { access: "read" });
    await reader.keyAt(0);
    await vault.destroy([0]);
    expect(await reader.keyAt(0)).toMatchObject({ kind: "live" });
    reader.forget([0]);
    expect(await reader.keyAt(0)).toMatchObject({ kind: "destroyed" });
  });

  test("is found with all others its tree was ever given, also those that no line names", async () => {
    const { life, vault } = await simulated();
    await vault.allocate(["one", "two"]);
    // A crash came before the first line: the tree gets another slot.
    const later = await open(life);
    await later.allocate(["one"]);
    expect(await later.slotsOf(["one"])).toEqual([0, 2]);
    expect(await later.slotsOf(["one", "two"])).toEqual([0, 1, 2]);
    await later.destroy(await later.slotsOf(["one"]));
    expect(await later.slotsOf(["one", "three"])).toEqual([]);
  });

  test("is found and destroyed for good when a crash cut its destruction short", async () => {
    const { disk, life, vault } = await simulated();
    await vault.allocate(["one", "two"]);
    const wrapped = disk.content(SLOTS).subarray(64, 124);
    const file = await life.open(SLOTS, "update");
    await file.write(destroyedSlot(0).subarray(0, 40), 0);
    const later = await open(life);
    expect(await later.keyAt(0)).toEqual({ kind: "destroyed", slot: 0 });
    expect((await everythingOn(disk, life)).includes(wrapped)).toBe(true);
    expect(await keyFaults(siteOn(life), MASTER)).toMatchObject([{ offset: 0, message: expect.stringContaining("cut short") }]);
    expect(await later.slotsOf([])).toEqual([0]);
    await later.destroy([0]);
    expect((await everythingOn(disk, life)).includes(wrapped)).toBe(false);
    expect(await later.slotsOf([])).toEqual([]);
  });

  test("cannot be destroyed in a file that is gone: who restores it would have the key back", async () => {
    const { vault } = await simulated();
    await expect(vault.destroy([SLOTS_PER_FILE])).rejects.toMatchObject({
      code: "ledger_damaged",
      details: { file: "/ledger/keys/000001.slots" },
    });
  });
});

describe("the limits", () => {
  test("keep the keys in memory few, and those used lately", async () => {
    const { vault } = await simulated();
    const roots = Array.from({ length: KEY_CACHE_LIMIT + 1 }, (_, index) => `run-${index}`);
    const keys = await vault.allocate(roots.slice(0, -1));
    await vault.keyAt(0);
    await vault.allocate(roots.slice(-1));
    expect(vault.cachedKeys).toBe(KEY_CACHE_LIMIT);
    const kept = await vault.keyAt(0);
    expect(kept.kind === "live" && kept.key).toBe(keys[0]);
    // The one that had to go is read again.
    const again = await vault.keyAt(1);
    expect(again.kind === "live" && again.key).not.toBe(keys[1]);
    expect(await secretIn(vault, "run-1", 1)).toBe(secretOf(keys[1]));
  });

  test("keep few trees in mind whose slot the log does not name: the newer ones", async () => {
    const { vault } = await simulated();
    const roots = Array.from({ length: NEW_TREES_LIMIT }, (_, index) => `run-${index}`);
    await vault.allocate(roots);
    await vault.allocate(["one more"]);
    expect((await vault.allocate(["run-0"]))[0]?.slot).toBe(NEW_TREES_LIMIT + 1);
    expect((await vault.allocate(roots.slice(-1)))[0]?.slot).toBe(NEW_TREES_LIMIT - 1);
  });

  test("refuse more new keys than memory should hold, until there is room again", async () => {
    const writer = new SlotWriter(new SimulatedDisk({ random: () => 0.3 }).begin(), FOLDER, 0);
    const bytes = Buffer.alloc(SLOT_BYTES, 1);
    const waiting = Array.from({ length: SLOT_QUEUE_LIMIT }, () => writer.allocate(() => bytes));
    await expect(writer.allocate(() => bytes)).rejects.toMatchObject({ code: "ledger_busy" });
    expect(await waiting.at(-1)).toBe(SLOT_QUEUE_LIMIT - 1);
    expect(await writer.allocate(() => bytes)).toBe(SLOT_QUEUE_LIMIT);
  });

  test("end a ledger that has given out all its slots", async () => {
    const writer = new SlotWriter(new SimulatedDisk({ random: () => 0.3 }).begin(), FOLDER, SLOT_LIMIT);
    await expect(writer.allocate(() => Buffer.alloc(SLOT_BYTES))).rejects.toMatchObject({ code: "ledger_keys_used_up" });
  });
});

/** A disk on which what was read of a slot arrives only after the gate has opened. */
function readingLate(disk: Disk, gate: Promise<void>): Disk {
  return {
    ...disk,
    async open(path, mode) {
      const file = await disk.open(path, mode);
      return {
        ...file,
        async read(into, position) {
          const count = await file.read(into, position);
          if (into.length === SLOT_BYTES && path === SLOTS) await gate;
          return count;
        },
      };
    },
  };
}
