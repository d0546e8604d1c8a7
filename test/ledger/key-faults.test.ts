// Damage to the keys of a ledger: each is told with its place and concerns one tree, and a wrong master key opens nothing.

import { describe, expect, test } from "vitest";
import { keyFaults } from "../../src/ledger/key-faults.ts";
import { SLOT_BYTES, SLOTS_PER_FILE } from "../../src/ledger/key-slots.ts";
import { openVault } from "../../src/ledger/vault.ts";
import { everythingOn, FOLDER, master, MASTER, open, optionsOn, secretIn, secretOf, simulated, siteOn, SLOTS } from "./sample-vault.ts";

describe("damage", () => {
  test("of any bit of a slot is told with its place, and concerns one tree", async () => {
    const { disk, life, vault } = await simulated();
    const keys = await vault.allocate(["one", "two", "three"]);
    for (let bit = SLOT_BYTES * 8; bit < 2 * SLOT_BYTES * 8; bit += 31) {
      disk.flipBit(SLOTS, bit);
      const later = await open(life);
      await expect(later.keyAt(1), `bit ${bit}`).rejects.toMatchObject({
        code: "ledger_damaged",
        details: { file: "keys/000000.slots", slot: 1 },
      });
      expect(await secretIn(later, "one", 0)).toBe(secretOf(keys[0]));
      expect(await secretIn(later, "three", 2)).toBe(secretOf(keys[2]));
      expect(await keyFaults(siteOn(life), MASTER)).toMatchObject([{ file: "keys/000000.slots", offset: SLOT_BYTES }]);
      disk.flipBit(SLOTS, bit);
    }
  });

  test("of the last slot does not make it free", async () => {
    const { disk, life, vault } = await simulated();
    await vault.allocate(["one", "two"]);
    disk.flipBit(SLOTS, SLOT_BYTES * 8);
    expect((await (await open(life)).allocate(["three"]))[0]?.slot).toBe(2);
  });

  test("of a file that was cut does not make the slots free that are gone", async () => {
    const { life, vault } = await simulated();
    await vault.allocate(["one", "two", "three"]);
    const file = await life.open(SLOTS, "update");
    await file.truncate(SLOT_BYTES + 10);
    const later = await open(life);
    await expect(later.keyAt(1)).rejects.toMatchObject({ code: "ledger_damaged", details: { slot: 1 } });
    expect((await later.allocate(["four"]))[0]?.slot).toBe(SLOTS_PER_FILE);
  });

  test("of a slot that was never given out, or whose file is missing, is told", async () => {
    const { life, vault } = await simulated();
    await vault.allocate(["one"]);
    const later = await open(life);
    await expect(later.keyAt(9)).rejects.toMatchObject({ code: "ledger_damaged", message: expect.stringContaining("never given out") });
    await expect(later.keyAt(SLOTS_PER_FILE)).rejects.toMatchObject({
      code: "ledger_damaged",
      message: expect.stringContaining("missing"),
    });
  });

  test("of one copy of the ledger's own key is healed, of both refused", async () => {
    const { disk, life, vault } = await simulated();
    const blinded = vault.blindKey("key");
    disk.flipBit(`${FOLDER}/ledger-1.slot`, 1_000);
    expect(await keyFaults(siteOn(life), MASTER)).toMatchObject([{ file: "keys/ledger-1.slot" }]);
    expect((await open(life, { access: "read" })).blindKey("key")).toBe(blinded);
    expect((await open(life)).blindKey("key")).toBe(blinded);
    expect(await keyFaults(siteOn(life), MASTER)).toEqual([]);
    for (const copy of [1, 2]) disk.flipBit(`${FOLDER}/ledger-${copy}.slot`, 1_000);
    await expect(open(life)).rejects.toMatchObject({
      code: "ledger_damaged",
      message: expect.stringContaining("the ledger's own key is lost"),
    });
  });

  test("of slots that were moved from another ledger is told", async () => {
    const { life, vault } = await simulated();
    await vault.allocate(["one"]);
    await expect(openVault({ ...optionsOn(life), site: { ...siteOn(life), ledger: "ledger-2" } })).rejects.toMatchObject({
      code: "ledger_damaged",
    });
  });
});

test("a wrong master key is refused before anything is opened or changed", async () => {
  const { disk, life, vault } = await simulated();
  await vault.allocate(["one"]);
  const before = await everythingOn(disk, life);
  for (const access of ["read", "write"] as const) {
    await expect(open(life, { access, master: master(2) })).rejects.toMatchObject({ code: "ledger_key_wrong" });
  }
  expect((await everythingOn(disk, life)).equals(before)).toBe(true);
});
