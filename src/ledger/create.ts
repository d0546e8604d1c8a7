// Makes an empty ledger in a folder, in an order in which a crash at any point leaves nothing that looks like one.

import { ByteWindow } from "./byte-window.ts";
import type { Disk } from "./disk.ts";
import { type LedgerCard, type LedgerSite, makeFolders, segmentsIn, writeCard } from "./folder.ts";
import { createKeys } from "./open-content.ts";
import { damagedFile } from "./refusals.ts";
import { lineAt } from "./scan.ts";
import { createSegment, LOG_START } from "./segment.ts";

/** Makes an empty ledger. The card comes last: whoever sees it sees a whole ledger. */
export async function createLedger(site: LedgerSite, created: number): Promise<LedgerCard> {
  const { disk, folder, newId } = site;
  await makeFolders(disk, folder);
  for (const { path } of await segmentsIn(disk, folder)) {
    // A segment without a card is what a crash at this point leaves, unless it has commits: then somebody took the card away.
    if (!(await isHeaderOnly(disk, path))) throw damagedFile(folder.card, "is missing, but there are commits");
  }
  const id = newId();
  await createSegment(disk, folder, id, LOG_START);
  return writeCard(disk, folder, id, created, await createKeys(site, id));
}

async function isHeaderOnly(disk: Disk, path: string): Promise<boolean> {
  const file = await disk.open(path, "read");
  try {
    const header = await lineAt(new ByteWindow(file), 0);
    return header.kind === "line" && header.line.position === 0 && header.line.bytes === (await file.size());
  } finally {
    await file.close();
  }
}
