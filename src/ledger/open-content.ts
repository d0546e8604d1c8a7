// Opens the content of a ledger: plain, or sealed when its card says so and a key is given.

import type { LedgerCard, LedgerSite } from "./folder.ts";
import { PLAIN, SealedContent } from "./content.ts";
import { type CacheSeal, OPEN_CACHE, sealedCache } from "./cache-seal.ts";
import type { Content } from "./content.ts";
import { readMasterKey } from "./key-source.ts";
import type { LedgerAccess } from "./ledger.ts";
import type { KeySite } from "./ledger-key.ts";
import { requireMaster } from "./master-key.ts";
import { keyNeeded, notEncrypted } from "./refusals.ts";
import { createVault, openVault, type Vault } from "./vault.ts";

/** How a ledger's content stands on the disk, and the keys when it is sealed. */
export interface OpenedContent {
  readonly content: Content;
  readonly cache: CacheSeal;
  readonly vault: Vault | undefined;
}

/** Opens what the card says there is. `slotOf` tells the slot of a tree as far as the log names one. */
export async function openContent(
  site: LedgerSite,
  card: LedgerCard,
  access: LedgerAccess,
  slotOf: (tree: string) => number | undefined,
): Promise<OpenedContent> {
  const { folder, key, random } = site;
  if (card.keys === undefined) {
    if (key !== undefined) throw notEncrypted(folder.path);
    return { content: PLAIN, cache: OPEN_CACHE, vault: undefined };
  }
  if (key === undefined) throw keyNeeded(folder.path);
  const master = await readMasterKey(key);
  requireMaster(folder.path, card.keys, master);
  const vault = await openVault({ site: keySite(site, card.id), master, random, access, slotOf });
  return { content: new SealedContent(card.id, vault, random), cache: sealedCache(card.id, vault.cacheKey, random), vault };
}

/** Makes the keys of a new ledger when one was given, and says what the card must tell of them. */
export async function createKeys(site: LedgerSite, ledger: string): Promise<readonly string[] | undefined> {
  if (site.key === undefined) return undefined;
  const master = await readMasterKey(site.key);
  await createVault(keySite(site, ledger), master, site.random);
  return [master.id];
}

function keySite({ disk, folder }: LedgerSite, ledger: string): KeySite {
  return { disk, folder: folder.keys, ledger };
}
