// Every way an export, an import, a backup or a salvage says no, with what to do about it. Knows no files.

import { InputError, LedgerError } from "../errors.ts";
import type { VerifyReport } from "./ledger.ts";

/** Positions that make no range. */
export function badRange(from: number, to: number | undefined): InputError {
  return new InputError("invalid_range", `There are no commits from ${from} to ${to ?? "the end"}.`, {
    fix: "Give positions from 1 on, the first one not above the last.",
    details: { from, ...(to === undefined ? {} : { to }) },
  });
}

/** An export that would begin behind the log. */
export function beyondEnd(location: string, from: number, end: number): LedgerError {
  return new LedgerError("export_beyond_end", `The ledger at ${location} ends with commit ${end}; there is nothing from ${from} on.`, {
    fix: `Begin at ${end + 1} or before.`,
    details: { location, from, end },
  });
}

/** An export from the first commit on, where that is gone. */
export function beforeOldest(location: string, from: number, oldest: number): LedgerError {
  return new LedgerError(
    "facts_removed",
    `Compactions have removed commits of the ledger at ${location}: from ${oldest} on it is whole, and ${from} was asked for.`,
    {
      fix: `Copy it with \`kindling backup\`, which takes along what is kept; or export from ${oldest} on, to bring a copy up to date that reaches so far.`,
      details: { location, from, oldest },
    },
  );
}

/** A log whose content only its keys can tell goes out as a folder, with them, or not at all. */
export function sealedLog(location: string, act: string, fix: string): LedgerError {
  return new LedgerError("ledger_sealed", `The ledger at ${location} is encrypted, and ${act}.`, { fix, details: { location } });
}

/** A blob that fits in no line. */
export function blobTooLarge(name: string, bytes: number, limitBytes: number): LedgerError {
  return new LedgerError("export_blob_too_large", `Blob ${name} has ${bytes} bytes; the limit of an export is ${limitBytes}.`, {
    fix: "Copy the folder with `kindling backup`, which has no such limit.",
    details: { blob: name, bytes, limitBytes },
  });
}

/** Bytes that are no export at all, or one of a later edition. */
export function noExport(reason: string, fix: string): LedgerError {
  return new LedgerError("import_no_export", `What is imported ${reason}.`, { fix });
}

const AGAIN = "Get the file again, from the ledger or a good copy, and import that: what was taken in stays, and the rest is added.";

/** A line of an export that is not what was written. */
export function importDamaged(line: number, reason: string, taken: number): LedgerError {
  return new LedgerError("import_damaged", `The export is damaged: line ${line}: ${reason}. ${takenIn(taken)}`, {
    fix: AGAIN,
    details: { line, taken },
  });
}

/** An export that ends too early. */
export function importCut(line: number, taken: number): LedgerError {
  return new LedgerError("import_cut", `The export is cut off: it ends at line ${line}, before its last line. ${takenIn(taken)}`, {
    fix: AGAIN,
    details: { line, taken },
  });
}

/** An export of another ledger than the one in the place. */
export function importOther(location: string, own: string, given: string): LedgerError {
  return new LedgerError(
    "import_other_ledger",
    `Line 1: the export is of ledger ${given}, and ${location} holds ledger ${own}. Nothing was changed.`,
    {
      fix: "Import into an empty folder, or into a copy of the same ledger.",
      details: { location, own, given },
    },
  );
}

/** An export that begins behind what is there. */
export function importGap(location: string, end: number, from: number): LedgerError {
  const there = end === 0 ? `${location} holds no ledger yet` : `the ledger at ${location} ends with commit ${end}`;
  return new LedgerError("import_gap", `Line 1: the export begins with commit ${from}, but ${there}. Nothing was changed.`, {
    fix: `Export from ${end + 1} on, or from the start: what is there already is passed over.`,
    details: { location, end, from },
  });
}

/** The same ledger with another history. */
export function importDiverged(location: string, line: number, position: number): LedgerError {
  return new LedgerError(
    "import_diverged",
    `Line ${line}: the export and the ledger at ${location} are different from commit ${position} on. Nothing of it was taken in.`,
    {
      fix: "Both were written to since one was copied from the other. Keep the one that counts, and import into an empty folder.",
      details: { location, line, position },
    },
  );
}

/** A commit names a blob that nobody has. */
export function importBlobMissing(line: number, blob: string, position: number, taken: number): LedgerError {
  return new LedgerError(
    "import_blob_missing",
    `Line ${line}: commit ${position} names blob ${blob}, which is neither in the export nor in the ledger. ${takenIn(taken)}`,
    {
      fix: "Export again from an earlier position, or from the start.",
      details: { line, blob, position, taken },
    },
  );
}

/** A folder that cannot take a copy. */
export function unfitFolder(code: string, folder: string, reason: string): InputError {
  return new InputError(code, `${folder} ${reason}. Nothing was changed.`, {
    fix: "Name a folder of its own for the copy: a new or an empty one.",
    details: { folder },
  });
}

/** A backup that holds something else than an earlier state of the ledger. */
export function backupUnlike(folder: string, reason: string): LedgerError {
  return new LedgerError("backup_unlike", `The backup in ${folder} is no earlier state of this ledger: ${reason}. Nothing was changed.`, {
    fix: "Find out which of the two is right before anything is copied; then back up into another folder.",
    details: { folder },
  });
}

/** A copy that was made and is not whole. */
export function backupNotWhole(folder: string, { faults }: VerifyReport): LedgerError {
  const [first] = faults;
  const told = first === undefined ? "" : `: ${first.file}: ${first.message}`;
  return new LedgerError("backup_not_whole", `The backup in ${folder} is not whole${told}. The ledger itself was not changed.`, {
    fix: "Check the disk of the backup, and back up into a new folder.",
    details: { folder, faults: faults.map((fault) => ({ ...fault })) },
  });
}

function takenIn(taken: number): string {
  return taken === 0 ? "Nothing was taken in." : `The ledger is whole up to commit ${taken}.`;
}
