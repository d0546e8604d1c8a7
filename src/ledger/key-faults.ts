// What is wrong with the keys of a ledger, slot by slot, for `verify`. Changes nothing.

import { type KeySite, ledgerKeyFaults } from "./ledger-key.ts";
import { type Slot, SLOT_BYTES, unwrapKey } from "./key-slots.ts";
import type { LedgerFault } from "./ledger.ts";
import type { MasterKey } from "./master-key.ts";
import { readSlots, slotFiles } from "./slot-files.ts";
import { shortName } from "./folder.ts";

/** Opens every key there is. A destroyed one is no fault. */
export async function keyFaults(site: KeySite, master: MasterKey): Promise<readonly LedgerFault[]> {
  const copies = await ledgerKeyFaults(site, master);
  const faults: LedgerFault[] = copies.map(([path, message]) => ({ file: shortName(path), message: `the ledger's own key: ${message}` }));
  for (const file of await slotFiles(site.disk, site.folder)) {
    for (const [index, slot] of (await readSlots(site.disk, file)).entries()) {
      const problem = problemOf(site, slot, master);
      if (problem !== undefined)
        faults.push({ file: shortName(file.path), offset: index * SLOT_BYTES, message: `slot ${file.first + index}: ${problem}` });
    }
  }
  return faults;
}

function problemOf(site: KeySite, slot: Slot, master: MasterKey): string | undefined {
  switch (slot.kind) {
    case "blank":
      return undefined;
    case "destroyed":
      return slot.whole ? undefined : "its destruction was cut short; destroy it again";
    case "damaged":
      return slot.reason;
    case "live": {
      if (slot.masterId !== master.id) return "it is under another master key";
      const key = unwrapKey(site.ledger, slot, master);
      key?.fill(0);
      return key === undefined ? "its key does not open" : undefined;
    }
  }
}
