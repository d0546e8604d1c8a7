// The ledger in a folder: an append-only log of JSON lines with blobs beside it. This file only opens doors; what is behind them loads when it is first needed.

import { resolve } from "node:path";
import type { Disk } from "./disk.ts";
import type { KeySource } from "./key-source.ts";
import type { LedgerPlace, VerifyReport } from "./ledger.ts";
import type { VerifyOptions } from "./verify.ts";

/** What can be handed in besides the folder: for tests, and for file systems of one's own. */
export interface FileLedgerOptions {
  readonly disk?: Disk;
  /** Names a new ledger; a random UUID when left out. */
  readonly newId?: () => string;
  /** Bytes after which a further file of the log begins; 64 MiB when left out. */
  readonly segmentBytes?: number;
  /** Bytes of log after which its index is brought up to date: about as much is read on opening; 8 MiB when left out. */
  readonly indexBytes?: number;
  /** Bytes of a file that is held ready for a full disk, once the log is as long: opened there, the ledger has so much room left to end what is under way; 8 MiB when left out. */
  readonly ballastBytes?: number;
  /** Lets everything else that waits run first, between the steps of long work; a turn of the event loop when left out. */
  readonly pause?: () => Promise<void>;
  /** Where the Ed25519 private key is (PEM) that signs the seals of finished segments and receipts; it must lie outside the folder. They are not signed when left out. */
  readonly signing?: KeySource;
  /**
   * Where the master key is: 32 random bytes in hexadecimal or base64. A new ledger is encrypted with it, every tree of runs under a key of its own that can be destroyed;
   * an encrypted one cannot be opened without.
   */
  readonly key?: KeySource;
  /**
   * Writes also where the folder lies on a network file system (NFS, SMB, 9p, FUSE and their like), which is refused otherwise with `ledger_on_network`: locks do not keep writers on other
   * machines off there. Only for a folder that one machine alone writes, ever. Reading needs no leave.
   */
  readonly allowNetwork?: boolean;
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
export function fileLedger(
  folder: string,
  { disk, newId, segmentBytes, indexBytes, ballastBytes, pause, signing, key, allowNetwork }: FileLedgerOptions = {},
): LedgerPlace {
  const path = resolve(folder);
  return {
    location: path,
    folder: path,
    ...(signing === undefined ? {} : { signing }),
    ...(key === undefined ? {} : { key }),
    async open({ access, now }) {
      const { openFolder } = await import("./open-folder.ts");
      return openFolder(path, access, {
        ...(disk === undefined ? {} : { disk }),
        ...(newId === undefined ? {} : { newId }),
        ...(now === undefined ? {} : { now }),
        ...(segmentBytes === undefined ? {} : { segmentBytes }),
        ...(indexBytes === undefined ? {} : { indexBytes }),
        ...(ballastBytes === undefined ? {} : { ballastBytes }),
        ...(pause === undefined ? {} : { pause }),
        ...(signing === undefined ? {} : { signing }),
        ...(key === undefined ? {} : { key }),
        ...(allowNetwork === undefined ? {} : { allowNetwork }),
      });
    },
  };
}

/**
 * Walks a ledger folder without opening it for work: frames, checksums, chain, blobs. Changes nothing, and says what is damaged and where.
 * With public keys and anchors it also says whether the log is the one that was signed and published.
 * @throws LedgerError `ledger_missing` for a folder that holds no ledger, `signing_key_invalid`
 */
export async function verifyFolder(folder: string, options: VerifyOptions = {}): Promise<VerifyReport> {
  const [verify, { realDisk }] = await Promise.all([import("./verify.ts"), import("./real-disk.ts")]);
  return verify.verifyFolder(resolve(folder), realDisk, options);
}
