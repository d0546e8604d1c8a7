// The ledger in a folder: an append-only log of JSON lines with blobs beside it. This file only opens doors; what is behind them loads when it is first needed.

import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import type { Disk } from "./disk.ts";
import { ledgerFolder } from "./folder.ts";
import type { LedgerPlace } from "./ledger.ts";
import { realDisk } from "./real-disk.ts";
import { diskFailed } from "./refusals.ts";

/** What can be handed in besides the folder: for tests, and for file systems of one's own. */
export interface FileLedgerOptions {
  readonly disk?: Disk;
  /** Names a new ledger; a random UUID when left out. */
  readonly newId?: () => string;
}

/**
 * A ledger in a folder. A relative folder is taken from the working directory at this call; nothing is read or made before `open`.
 *
 * @example
 * ```ts
 * await using ledger = await fileLedger(".kindling/ledger").open({ access: "write" });
 * await ledger.append([{ run: "order-1", expected: 0, facts: [{ kind: "placed" }] }]);
 * ```
 */
export function fileLedger(folder: string, { disk = realDisk, newId = randomUUID }: FileLedgerOptions = {}): LedgerPlace {
  const path = resolve(folder);
  const site = { disk, folder: ledgerFolder(path), newId };
  return {
    location: path,
    folder: path,
    async open(options) {
      try {
        if (options.access === "read") return await (await import("./file-reader.ts")).openReader(site);
        return await (await import("./file-writer.ts")).openWriter(site, options.now);
      } catch (error) {
        throw diskFailed(path, error);
      }
    },
  };
}
