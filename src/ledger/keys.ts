// The care of a ledger's keys: changing the master key, and looking whether all is well. This file only opens doors; what is behind them loads when it is first needed.

import { resolve } from "node:path";
import { InputError } from "../errors.ts";
import type { KeyReport } from "./key-check.ts";
import type { KeyRotation } from "./key-rotation.ts";
import type { KeySource } from "./key-source.ts";

/**
 * Puts all keys of an encrypted ledger under another master key; what they sealed stays as it is. Takes the lock of the folder, so nobody may write meanwhile. What a crash cut short is completed by doing it again.
 * @throws LedgerError `ledger_not_encrypted`, `ledger_key_wrong`, `ledger_key_missing`, `ledger_key_invalid`, `ledger_key_exposed`, `ledger_locked`, `ledger_missing`
 * @throws InputError `same_key`
 *
 * @example
 * ```ts
 * await rotateKeys(".kindling/ledger", { env: "OLD_KEY" }, { env: "NEW_KEY" });
 * ```
 */
export async function rotateKeys(folder: string, from: KeySource, to: KeySource): Promise<KeyRotation> {
  const [{ changeMasterKey }, { readMasterKey }, { realDisk }, { secureRandom }] = await Promise.all([
    import("./key-rotation.ts"),
    import("./key-source.ts"),
    import("./real-disk.ts"),
    import("./secure-random.ts"),
  ]);
  const [before, after] = [await readMasterKey(from), await readMasterKey(to)];
  if (before.id === after.id)
    throw new InputError("same_key", "both keys are the same", { fix: "Make a new one, for example with: openssl rand -base64 32" });
  return changeMasterKey(realDisk, resolve(folder), before, after, secureRandom());
}

/**
 * Looks whether every key of an encrypted ledger opens with its master key. Changes nothing, also beside a writer.
 * @throws LedgerError `ledger_not_encrypted`, `ledger_key_wrong`, `ledger_key_missing`, `ledger_key_invalid`, `ledger_key_exposed`, `ledger_missing`
 *
 * @example
 * ```ts
 * const { ok, live, destroyed } = await checkKeys(".kindling/ledger", { env: "KINDLING_LEDGER_KEY" });
 * ```
 */
export async function checkKeys(folder: string, key: KeySource): Promise<KeyReport> {
  const [{ lookAtKeys }, { readMasterKey }, { realDisk }] = await Promise.all([
    import("./key-check.ts"),
    import("./key-source.ts"),
    import("./real-disk.ts"),
  ]);
  return lookAtKeys(realDisk, resolve(folder), await readMasterKey(key));
}
