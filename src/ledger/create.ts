// Makes an empty ledger in a folder, in an order in which a crash at any point leaves nothing that looks like one.

import { ByteWindow } from "./byte-window.ts";
import type { Disk } from "./disk.ts";
import { findSegment, type LedgerCard, type LedgerSite, makeFolders, writeCard } from "./folder.ts";
import { damagedFile } from "./refusals.ts";
import { lineAt } from "./scan.ts";
import { createSegment } from "./segment.ts";

/** Makes an empty ledger. The card comes last: whoever sees it sees a whole ledger. */
export async function createLedger({ disk, folder, newId }: LedgerSite, created: number): Promise<LedgerCard> {
  await makeFolders(disk, folder);
  const left = await findSegment(disk, folder);
  // A segment without a card is what a crash at this point leaves, unless it has commits: then somebody took the card away.
  if (left !== undefined && !(await isHeaderOnly(disk, left))) throw damagedFile(folder.card, "is missing, but there are commits");
  const id = newId();
  await createSegment(disk, folder, id);
  return writeCard(disk, folder, id, created);
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
