// Puts all keys of a ledger under another master key, file by file: after a crash each file is whole, under the old or the new one, and doing it again goes on from there.
// What was sealed with the keys stays as it is.

import { type DiskFile, readUpTo, replaceFile } from "./disk.ts";
import type { Random } from "./cipher.ts";
import { destroyedSlot, readSlot, type Slot, SLOT_BYTES, unwrapKey, wrapKey } from "./key-slots.ts";
import { type KeySite, rewrapLedgerKey } from "./ledger-key.ts";
import type { MasterKey } from "./master-key.ts";
import { settleKeyFolder, type SlotFile, slotFiles, wipe } from "./slot-files.ts";

/** What changing the master key did. */
export interface Rewrapped {
  /** Keys that are under the new master key now and were not before. */
  readonly rewrapped: number;
  /** Slots that open with neither; they were left as they are. */
  readonly damaged: readonly number[];
}

/**
 * Changes the master key. The caller holds the ledger's lock and has no vault open.
 * @throws LedgerError `ledger_key_wrong`, before anything is changed, when `from` is not the ledger's master key and `to` is not either
 */
export async function rewrapKeys(site: KeySite, from: MasterKey, to: MasterKey, random: Random): Promise<Rewrapped> {
  await settleKeyFolder(site.disk, site.folder);
  // First, so that the old key alone is refused from here on: a tree started with it would be left behind.
  await rewrapLedgerKey(site, from, to, random);
  let rewrapped = 0;
  const damaged: number[] = [];
  for (const file of await slotFiles(site.disk, site.folder)) {
    const outcome = await rewrapFile(site, file, from, to, random);
    rewrapped += outcome.rewrapped;
    damaged.push(...outcome.damaged);
  }
  return { rewrapped, damaged };
}

async function rewrapFile(site: KeySite, { path, first }: SlotFile, from: MasterKey, to: MasterKey, random: Random): Promise<Rewrapped> {
  const old = await site.disk.open(path, "update");
  try {
    const bytes = await readUpTo(old, 0, await old.size());
    let isChanged = false;
    let rewrapped = 0;
    const damaged: number[] = [];
    for (let at = 0; at < bytes.length; at += SLOT_BYTES) {
      const number = first + at / SLOT_BYTES;
      const slot = readSlot(bytes.subarray(at, at + SLOT_BYTES), number);
      const fresh = rewrapSlot(site, slot, from, to, random);
      if (fresh === "damaged") damaged.push(number);
      else if (fresh !== "kept") {
        fresh.copy(bytes, at);
        isChanged = true;
        if (slot.kind === "live") rewrapped += 1;
      }
    }
    if (isChanged) await replaceAndWipe(site, path, old, bytes);
    return { rewrapped, damaged };
  } finally {
    await old.close();
  }
}

function rewrapSlot(site: KeySite, slot: Slot, from: MasterKey, to: MasterKey, random: Random): Buffer | "kept" | "damaged" {
  if (slot.kind === "damaged") return "damaged";
  if (slot.kind === "destroyed" && !slot.whole) return destroyedSlot(slot.number);
  if (slot.kind !== "live") return "kept";
  const master = [to, from].find(({ id }) => id === slot.masterId);
  const key = master === undefined ? undefined : unwrapKey(site.ledger, slot, master);
  if (key === undefined) return "damaged";
  try {
    return master === to ? "kept" : wrapKey({ ledger: site.ledger, number: slot.number, mark: slot.mark }, key, to, random);
  } finally {
    key.fill(0);
  }
}

/** The master key may be changed since somebody else has it: what is under it is not left lying in blocks that nobody names any more. */
async function replaceAndWipe(site: KeySite, path: string, old: DiskFile, bytes: Buffer): Promise<void> {
  await replaceFile(site.disk, path, bytes);
  await wipe(old);
}
