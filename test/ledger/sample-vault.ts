// A vault on a simulated disk, for tests.

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Disk } from "../../src/ledger/disk.ts";
import type { KeySite } from "../../src/ledger/ledger-key.ts";
import { makeMasterKey, type MasterKey } from "../../src/ledger/master-key.ts";
import type { TreeKey } from "../../src/ledger/tree-key.ts";
import { createVault, openVault, type Vault, type VaultOptions } from "../../src/ledger/vault.ts";
import { seededBytes } from "./seeded-bytes.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

export const FOLDER = "/ledger/keys";
export const SLOTS = "/ledger/keys/000000.slots";
export const MASTER = master(1);

export function master(seed: number): MasterKey {
  return makeMasterKey(seededBytes(seed)(32));
}

export function siteOn(disk: Disk): KeySite {
  return { disk, folder: FOLDER, ledger: "ledger-1" };
}

export function optionsOn(disk: Disk): VaultOptions {
  return { site: siteOn(disk), master: MASTER, random: randomBytes, access: "write", slotOf: () => undefined };
}

export function open(disk: Disk, options: Partial<VaultOptions> = {}): Promise<Vault> {
  return openVault({ ...optionsOn(disk), ...options });
}

/** A vault on a disk, and the access of the process that has it: whoever else opens it is in the same process. */
export async function simulated({ seed = 1 } = {}): Promise<{ readonly disk: SimulatedDisk; readonly life: Disk; readonly vault: Vault }> {
  const disk = new SimulatedDisk({ random: () => 0.3 });
  const life = disk.begin();
  await createVault(siteOn(life), MASTER, seededBytes(seed));
  return { disk, life, vault: await open(life) };
}

export function secretOf(key: TreeKey | undefined): string {
  return key?.key.export().toString("base64url") ?? "no key";
}

export async function secretIn(vault: Vault, root: string, slot: number): Promise<string> {
  const reading = await vault.keyFor(root, slot);
  return reading.kind === "live" ? secretOf(reading.key) : reading.kind;
}

export async function everythingOn(disk: SimulatedDisk, life: Disk): Promise<Buffer> {
  const names = await life.list(FOLDER);
  return Buffer.concat(names.map((name) => disk.content(join(FOLDER, name))));
}
