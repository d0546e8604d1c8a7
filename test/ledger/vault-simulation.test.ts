// Keys on a simulated disk: processes give them out and destroy them, each one dies or fails somewhere; no key is lost, shared or back.

import { describe, expect, test } from "vitest";
import { createVault } from "../../src/ledger/vault.ts";
import { MASTER, open, siteOn } from "./sample-vault.ts";
import { seededBytes } from "./seeded-bytes.ts";
import { SimulatedDisk, type SimulatedDiskOptions } from "./simulated-disk.ts";
import { playVaultHistory } from "./vault-history.ts";

/** One history again: `VAULT_SEED=17 VAULT_SEEDS=1`. A long night: `VAULT_SEEDS=100000`. */
const FIRST_SEED = Number(process.env.VAULT_SEED ?? 1);
const SEEDS = Number(process.env.VAULT_SEEDS ?? 80);
const GOOD = { lost: 0, shared: 0, back: 0, refusedAsDamaged: 0 };

describe("the keys on a disk that fails", () => {
  test(`are there once, or gone for good, through ${SEEDS} histories of crashes, power cuts, failed syncs and full disks`, {
    timeout: 120_000 + SEEDS * 200,
  }, async () => {
    let destroyedKeys = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const { given, destroyed, ...bad } = await playVaultHistory(seed, { shortWrites: 0.2 }).catch((error: unknown) => {
        throw new Error(`VAULT_SEED=${seed}`, { cause: error });
      });
      expect(bad, `VAULT_SEED=${seed}`).toEqual(GOOD);
      expect(given).toBeGreaterThanOrEqual(destroyed);
      destroyedKeys += destroyed;
    }
    expect(destroyedKeys).toBeGreaterThan(SEEDS);
  });

  test("survive every kind of fault at each of the first 40 writes and syncs, power cut or not", async () => {
    for (const isPowerCut of [false, true]) {
      for (const kind of ["death", "sync-fails", "disk-full"] as const) {
        for (let atCall = 1; atCall <= 40; atCall++) {
          const history = await playVaultHistory(atCall, {}, { first: { kind, atCall }, isPowerCut });
          expect(history, `${kind} at call ${atCall}, power cut: ${isPowerCut}`).toMatchObject(GOOD);
        }
      }
    }
  });

  test("are lost when the disk only pretends to sync (so the tests above can fail)", async () => {
    expect(await badHistories(20, { ignoresSync: true })).toBeGreaterThan(15);
  });
});

describe("a key whose destruction failed at the sync", () => {
  test("is gone for good once it was destroyed again, although it seemed gone already", async () => {
    expect(await destroyedTwice({})).toEqual(["destroyed", "destroyed", "destroyed"]);
  });

  test("comes back when what seems to be there is not written again (so that step is needed)", async () => {
    expect(await destroyedTwice({ ignoresSameBytes: true })).toEqual(["destroyed", "destroyed", "live"]);
  });
});

/** What the slot holds after a destruction that failed, after one that did not, and after a power cut. */
async function destroyedTwice(options: Omit<SimulatedDiskOptions, "random">): Promise<readonly string[]> {
  const disk = new SimulatedDisk({ random: () => 0.3, ...options });
  const first = disk.begin();
  await createVault(siteOn(first), MASTER, seededBytes(1));
  await (await open(first)).allocate(["one"]);
  // The write is the call after those that opening takes, and the sync the one after it.
  const second = disk.begin();
  await open(second);
  const failing = await open(disk.begin({ kind: "sync-fails", atCall: disk.calls + 1 }));
  await expect(failing.destroy([0])).rejects.toMatchObject({ code: "ledger_stopped", cause: { code: "EIO" } });
  await expect(failing.allocate(["two"])).rejects.toMatchObject({
    code: "ledger_stopped",
    message: expect.stringContaining("has stopped"),
  });
  const third = await open(disk.begin());
  const readings = [(await third.keyAt(0)).kind];
  await third.destroy([0]);
  readings.push((await third.keyAt(0)).kind);
  disk.cutPower();
  readings.push((await (await open(disk.begin())).keyAt(0)).kind);
  return readings;
}

async function badHistories(seeds: number, options: Omit<SimulatedDiskOptions, "random">): Promise<number> {
  let count = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const { lost, shared, back, refusedAsDamaged } = await playVaultHistory(seed, options);
    if (lost + shared + back + refusedAsDamaged > 0) count += 1;
  }
  return count;
}
