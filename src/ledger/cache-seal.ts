// How things beside the log stand on the disk that can be made again from it, the index and snapshots: as they are, or sealed with the ledger's own key. Knows no files.

import type { KeyObject } from "node:crypto";
import { type Random, seal, unseal } from "./cipher.ts";

/** Seals bytes for a place; opened anywhere else, they do not open. */
export interface CacheSeal {
  seal(bytes: Buffer, place: string): Buffer;
  /** `undefined` for what was not sealed for this place. */
  open(bytes: Buffer, place: string): Buffer | undefined;
}

/** As it is. */
export const OPEN_CACHE: CacheSeal = { seal: (bytes) => bytes, open: (bytes) => bytes };

/** Sealed with a key. */
export function sealedCache(ledger: string, key: KeyObject, random: Random): CacheSeal {
  return {
    seal: (bytes, place) => seal(key, bytes, ["cache", ledger, place], random),
    open: (bytes, place) => unseal(key, bytes, ["cache", ledger, place]),
  };
}
