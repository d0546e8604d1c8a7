// Cursors as small files beside the log, one for each name. Whoever reads the ledger may keep one: nothing of the log is touched.

import { join } from "node:path";
import { readChecked, readUnchecked, writeChecked } from "./checked-json.ts";
import { assertCursorName, assertWithin, type Cursors, type KeptCursor, type LogExtent, ofOtherLedger, slowestOf } from "./cursor.ts";
import { type Disk, ensureFolder } from "./disk.ts";
import type { LedgerFolder } from "./folder.ts";
import { diskFailed } from "./refusals.ts";

const ENDING = ".json";

/** Cursors in a ledger folder. */
export class CursorFiles implements Cursors {
  readonly #disk: Disk;
  readonly #folder: LedgerFolder;
  readonly #ledgerId: string;
  readonly #extent: () => LogExtent;

  constructor(disk: Disk, folder: LedgerFolder, ledgerId: string, extent: () => LogExtent) {
    this.#disk = disk;
    this.#folder = folder;
    this.#ledgerId = ledgerId;
    this.#extent = extent;
  }

  async get(name: string): Promise<number | undefined> {
    const path = this.#pathOf(name);
    const kept = await readChecked(this.#disk, path, `Remove ${path}: whoever uses the cursor then begins anew.`);
    if (kept === undefined) return undefined;
    if (kept.ledger !== this.#ledgerId || typeof kept.position !== "number") throw ofOtherLedger(name, this.#extent());
    assertWithin(kept.position, this.#extent(), `the cursor "${name}"`);
    return kept.position;
  }

  async all(): Promise<readonly KeptCursor[]> {
    const cursors: KeptCursor[] = [];
    for (const name of await this.#disk.list(this.#folder.cursors)) {
      // One that is damaged, or of another ledger, is begun anew by whoever has it.
      const kept = name.endsWith(ENDING) ? await readUnchecked(this.#disk, join(this.#folder.cursors, name)) : undefined;
      if (kept?.isWhole !== true || kept.content.ledger !== this.#ledgerId || typeof kept.content.position !== "number") continue;
      cursors.push({ cursor: name.slice(0, -ENDING.length), position: kept.content.position });
    }
    return cursors;
  }

  async slowest(): Promise<KeptCursor | undefined> {
    return slowestOf(await this.all(), this.#extent());
  }

  async put(name: string, position: number): Promise<void> {
    const path = this.#pathOf(name);
    try {
      if ((await this.#disk.inspect(this.#folder.cursors)) === undefined) {
        await ensureFolder(this.#disk, this.#folder.cursors);
        await this.#disk.syncFolder(this.#folder.path);
      }
      await writeChecked(this.#disk, path, { ledger: this.#ledgerId, position });
    } catch (error) {
      throw diskFailed(this.#folder.path, error);
    }
  }

  #pathOf(name: string): string {
    assertCursorName(name);
    return join(this.#folder.cursors, name + ENDING);
  }
}
