// Opens a ledger folder: for writing under its lock, or for reading beside whoever writes.

import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Random } from "./cipher.ts";
import type { Disk } from "./disk.ts";
import { openReader } from "./file-reader.ts";
import { ledgerFolder } from "./folder.ts";
import { INDEX_BYTES } from "./index-keeper.ts";
import type { KeySource } from "./key-source.ts";
import type { Ledger, LedgerAccess } from "./ledger.ts";
import { openWriter } from "./open-writer.ts";
import { realDisk } from "./real-disk.ts";
import { diskFailed } from "./refusals.ts";
import { BALLAST_BYTES } from "./room.ts";
import { secureRandom } from "./secure-random.ts";
import { SEGMENT_BYTES } from "./segment.ts";

/** What can be handed in besides the folder. */
export interface FolderOptions {
  readonly disk?: Disk;
  readonly newId?: () => string;
  readonly now?: () => number;
  readonly segmentBytes?: number;
  readonly indexBytes?: number;
  readonly ballastBytes?: number;
  readonly pause?: () => Promise<void>;
  readonly signing?: KeySource;
  readonly key?: KeySource;
  readonly random?: Random;
  readonly allowNetwork?: boolean;
}

/** Opens the folder; errors of the disk come as ledger errors with their cure. */
export async function openFolder(
  path: string,
  access: LedgerAccess,
  {
    disk = realDisk,
    newId = randomUUID,
    now,
    segmentBytes = SEGMENT_BYTES,
    indexBytes = INDEX_BYTES,
    ballastBytes = BALLAST_BYTES,
    pause = nextTurn,
    signing,
    key,
    random = secureRandom(),
    allowNetwork = false,
  }: FolderOptions,
): Promise<Ledger> {
  const site = {
    disk,
    folder: ledgerFolder(path),
    newId,
    pause,
    segmentBytes,
    indexBytes,
    ballastBytes,
    random,
    allowNetwork,
    ...(signing === undefined ? {} : { signing }),
    ...(key === undefined ? {} : { key }),
  };
  try {
    return access === "read" ? await openReader(site) : await openWriter(site, now);
  } catch (error) {
    throw diskFailed(path, error);
  }
}
