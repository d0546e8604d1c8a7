// Whether the keys of a ledger open with its master key, slot by slot. Changes nothing and takes no lock.

import type { Disk } from "./disk.ts";
import { ledgerFolder, readCard, requireSafe } from "./folder.ts";
import { keyFaults } from "./key-faults.ts";
import type { LedgerFault } from "./ledger.ts";
import { type MasterKey, requireMaster } from "./master-key.ts";
import { missing, nothingSealed } from "./refusals.ts";
import { readSlots, slotFiles } from "./slot-files.ts";

/** What was found of keys. */
export interface KeyReport {
  readonly ok: boolean;
  readonly folder: string;
  /** Id of the master key that was given. */
  readonly key: string;
  /** True while the master key is being changed: then it is to be changed again, with both keys. */
  readonly isChanging: boolean;
  /** Keys of trees of runs that are there, and those that were destroyed. */
  readonly live: number;
  readonly destroyed: number;
  readonly faults: readonly LedgerFault[];
}

/** Looks at all keys. */
export async function lookAtKeys(disk: Disk, path: string, master: MasterKey): Promise<KeyReport> {
  const folder = ledgerFolder(path);
  await requireSafe(disk, folder);
  const card = await readCard(disk, folder);
  if (card === undefined) throw missing(path);
  if (card.keys === undefined) throw nothingSealed(path);
  requireMaster(path, card.keys, master);
  const faults = await keyFaults({ disk, folder: folder.keys, ledger: card.id }, master);
  const isChanging = card.keys.length > 1;
  const kinds = { live: 0, destroyed: 0, blank: 0, damaged: 0 };
  for (const file of await slotFiles(disk, folder.keys)) for (const { kind } of await readSlots(disk, file)) kinds[kind] += 1;
  const { live, destroyed } = kinds;
  return { ok: faults.length === 0 && !isChanging, folder: path, key: master.id, isChanging, live, destroyed, faults };
}
