// Reads a seal from its file.

import { readChecked } from "./checked-json.ts";
import type { Disk } from "./disk.ts";
import { shortName } from "./folder.ts";
import { damagedFile } from "./refusals.ts";
import { readSeal, type Seal } from "./seal.ts";

/** The seal in a file that is there. @throws LedgerError `ledger_damaged` */
export async function loadSeal(disk: Disk, path: string): Promise<Seal> {
  const content = await readChecked(disk, path);
  const seal = content === undefined ? undefined : readSeal(content);
  if (seal === undefined) throw damagedFile(shortName(path), "is no seal");
  return seal;
}
