// Changing the master key of a ledger: nobody writes meanwhile, the card names both keys until all is under the new one, and what a crash cut short is completed by doing it again.

import { readChecked } from "./checked-json.ts";
import type { Random } from "./cipher.ts";
import type { Disk } from "./disk.ts";
import { type LedgerCard, ledgerFolder, readCard, requireSafe, writeCard } from "./folder.ts";
import { keyWrong } from "./key-refusals.ts";
import type { MasterKey } from "./master-key.ts";
import { locked, missing, nothingSealed } from "./refusals.ts";
import { rewrapKeys } from "./rewrap.ts";

/** What changing the master key did. */
export interface KeyRotation {
  readonly folder: string;
  /** Id of the master key that opens the ledger now. */
  readonly key: string;
  /** Keys that were put under it. */
  readonly rewrapped: number;
  /** Slots that could not be read; they were left as they are, and their runs are lost with or without this. */
  readonly damaged: readonly number[];
}

/** Changes the master key. Doing it again after it is done changes nothing. */
export async function changeMasterKey(disk: Disk, path: string, from: MasterKey, to: MasterKey, random: Random): Promise<KeyRotation> {
  const folder = ledgerFolder(path);
  await requireSafe(disk, folder);
  const release = await disk.lock(folder.lock);
  if (release === undefined) {
    const writer = await readChecked(disk, folder.writer);
    throw locked(path, typeof writer?.pid === "number" ? writer.pid : undefined);
  }
  try {
    const card = await readCard(disk, folder);
    if (card === undefined) throw missing(path);
    requireKnown(path, card, from, to);
    const isChanging = card.keys?.length !== 1 || card.keys[0] !== to.id;
    // Before the first key is changed: whoever comes with either one is told what is the matter, and not that the key is wrong.
    if (isChanging) await writeCard(disk, folder, card.id, card.created, [from.id, to.id]);
    const { rewrapped, damaged } = await rewrapKeys({ disk, folder: folder.keys, ledger: card.id }, from, to, random);
    if (isChanging) await writeCard(disk, folder, card.id, card.created, [to.id]);
    return { folder: path, key: to.id, rewrapped, damaged };
  } finally {
    release();
  }
}

/** Refuses keys of which not all that is in the folder can be opened: what is under a third one would be lost. */
function requireKnown(path: string, { keys }: LedgerCard, from: MasterKey, to: MasterKey): void {
  if (keys === undefined) throw nothingSealed(path);
  if (keys.some((id) => id !== from.id && id !== to.id))
    throw keyWrong(path, keys.length === 1 ? "was sealed with another master key" : "is being changed from one master key to another");
}
