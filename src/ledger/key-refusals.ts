// Every way the keys of an encrypted ledger say no, with what to do about it. No word of theirs holds a key. Knows no files.

import { LedgerError } from "../errors.ts";

/** Where a master key is said to be, there is none. */
export function keyMissing(source: string, reason: string, fix: string): LedgerError {
  return new LedgerError("ledger_key_missing", `The master key of the ledger is not to be had from ${source}: ${reason}.`, {
    fix,
    details: { source },
  });
}

/** What was found is no key. The text itself is never shown. */
export function keyInvalid(source: string, reason: string): LedgerError {
  return new LedgerError("ledger_key_invalid", `What ${source} gives is no master key: ${reason}.`, {
    fix: "Give 32 random bytes as 64 hexadecimal digits or 44 characters of base64, for example from: openssl rand -base64 32",
    details: { source },
  });
}

/** A master key, and not the one of this place. */
export function keyWrong(location: string, reason: string): LedgerError {
  return new LedgerError("ledger_key_wrong", `The master key does not fit: ${location} ${reason}.`, {
    fix: "Give the key the ledger was made with or last changed to. If changing the key was cut short, change it again with both keys.",
    details: { location },
  });
}

/** A slot cannot be read: its tree is lost, the others are not. */
export function damagedSlot(file: string, slot: number, reason: string): LedgerError {
  return new LedgerError("ledger_damaged", `The ledger is damaged: ${file}: slot ${slot}: ${reason}.`, {
    fix: "Only the runs whose key is in this slot are concerned. Restore the file from a backup.",
    details: { file, slot },
  });
}

/** Sealed content is not what was sealed there. */
export function sealBroken(place: string, slot: number): LedgerError {
  return new LedgerError("ledger_damaged", `The ledger is damaged: ${place}: its content does not open with the key in slot ${slot}.`, {
    fix: "Nothing was changed. Run `kindling verify` to see all damage, then restore the folder from a backup.",
    details: { place, slot },
  });
}

/** A key has sealed as much as it may. */
export function keyWornOut(run: string, limit: number): LedgerError {
  return new LedgerError("key_worn_out", `${run} has more than ${limit} facts, and no key may seal more.`, {
    fix: "Go on in a new run.",
    details: { run, limit },
  });
}

/** Every slot a ledger can have was used. */
export function slotsUsedUp(location: string, limit: number): LedgerError {
  return new LedgerError("ledger_keys_used_up", `The ledger at ${location} has given out all ${limit} keys.`, {
    fix: "Begin a new ledger for new runs.",
    details: { limit },
  });
}

/** More new keys wait than memory should hold. */
export function keysBusy(location: string, limit: number): LedgerError {
  return new LedgerError("ledger_busy", `More than ${limit} keys wait to be written to ${location}.`, {
    fix: "Await earlier starts and erasures before asking for more.",
    details: { limit },
  });
}

/** Others can read the file with the master key. */
export function keyExposed(path: string, reason: string, fix: string): LedgerError {
  return new LedgerError("ledger_key_exposed", `The file with the master key, ${path}, ${reason}.`, { fix, details: { file: path } });
}
