// The master key of a ledger: it wraps all other keys and seals nothing else. Knows neither where it comes from nor files.

import { createHmac, type KeyObject } from "node:crypto";
import { deriveKey, KEY_BYTES, takeKey } from "./cipher.ts";
import { keyWrong } from "./key-refusals.ts";

/** A master key, ready for use. */
export interface MasterKey {
  /** Names the key without telling it: in every slot it wraps, and in `ledger.json`. 22 characters of base64url. */
  readonly id: string;
  readonly wrapping: KeyObject;
}

/** Bytes of the id. */
export const MASTER_ID_BYTES = 16;

/** Makes the master key from its 32 bytes, which are wiped. */
export function makeMasterKey(bytes: Uint8Array): MasterKey {
  if (bytes.length !== KEY_BYTES) throw new RangeError(`a master key has ${KEY_BYTES} bytes, not ${bytes.length}`);
  const key = takeKey(bytes);
  const check = createHmac("sha256", deriveKey(key, "kindling master key check")).update("kindling").digest();
  return { id: check.subarray(0, MASTER_ID_BYTES).toString("base64url"), wrapping: deriveKey(key, "kindling key wrapping") };
}

/**
 * Refuses a key that is not the ledger's (`ledger_key_wrong`), before anything is read with it.
 * `checks` are the ids in `ledger.json`: one, or the old and the new one while the master key is being changed.
 */
export function requireMaster(location: string, checks: readonly string[], master: MasterKey): void {
  if (!checks.includes(master.id)) throw keyWrong(location, "was sealed with another master key");
}
