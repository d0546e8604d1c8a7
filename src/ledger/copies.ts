// What goes out of a ledger folder and comes in: export and import, backup, salvage. This file only opens doors; what is behind them loads when it is first needed.

import { resolve } from "node:path";
import type { BackupReport } from "./backup.ts";
import type { ExportRange, ExportReport, ExportSink } from "./export-log.ts";
import type { ImportReport } from "./import-log.ts";
import type { SalvageReport } from "./salvage.ts";

/**
 * Writes a ledger folder as NDJSON: a header, the log line by line with the blobs it names, and a last line with the hash of everything. Memory does not grow with the log; somebody may write to it meanwhile.
 * `sink` is given whole lines and is waited for.
 * @throws LedgerError `ledger_missing`, `ledger_damaged`, `ledger_sealed`, `export_beyond_end`, `export_blob_too_large`
 * @throws InputError `invalid_range`
 *
 * @example
 * ```ts
 * const file = await open("log.ndjson", "w");
 * await exportLedger(".kindling/ledger", async (lines) => void (await file.write(lines)));
 * ```
 */
export async function exportLedger(folder: string, sink: ExportSink, range: ExportRange = {}): Promise<ExportReport> {
  const [{ exportLog }, { realDisk }] = await Promise.all([import("./export-log.ts"), import("./real-disk.ts")]);
  return exportLog(realDisk, resolve(folder), sink, range);
}

/**
 * Makes the ledger that an export is of, with the same id, chain and positions; or, where an earlier state of the same ledger is, appends the rest. Takes the lock of the folder. What was taken in stays
 * when the export turns out to be damaged further on, and doing it again goes on from there.
 * @throws LedgerError `import_no_export`, `import_damaged`, `import_cut`, `import_other_ledger`, `import_gap`, `import_diverged`, `import_blob_missing`, and those of opening for writing
 *
 * @example
 * ```ts
 * await importLedger("copy", createReadStream("log.ndjson"));
 * ```
 */
export async function importLedger(folder: string, source: AsyncIterable<Uint8Array>): Promise<ImportReport> {
  const [{ importLog }, { realDisk }] = await Promise.all([import("./import-log.ts"), import("./real-disk.ts")]);
  return importLog(realDisk, resolve(folder), source);
}

/**
 * Copies a ledger folder while others may write to it, and verifies the copy. Holds every commit that was acknowledged before the call. Into the folder of an earlier backup, only what is new is copied.
 * @throws LedgerError `ledger_missing`, `ledger_damaged`, `ledger_locked` (the backup is being used), `backup_unlike`, `backup_not_whole`
 * @throws InputError `backup_folder_unfit`
 *
 * @example
 * ```ts
 * const { position } = await backupLedger(".kindling/ledger", "backups/ledger");
 * ```
 */
export async function backupLedger(folder: string, to: string): Promise<BackupReport> {
  const [{ backupFolder }, { realDisk }] = await Promise.all([import("./backup.ts"), import("./real-disk.ts")]);
  return backupFolder(realDisk, resolve(folder), resolve(to));
}

/**
 * Takes what can be read of a damaged ledger into a new folder: whole sync groups whose lines check out, each run up to its first missing fact. The damaged folder is not changed. What was kept and what
 * is lost is told, and stands in `salvage.json` of the new folder.
 * @throws LedgerError `ledger_missing`, `ledger_sealed`
 * @throws InputError `salvage_folder_unfit`
 *
 * @example
 * ```ts
 * const { lost, cutRuns } = await salvageLedger(".kindling/ledger", ".kindling/salvaged");
 * ```
 */
export async function salvageLedger(damaged: string, to: string): Promise<SalvageReport> {
  const [{ salvageFolder }, { realDisk }] = await Promise.all([import("./salvage.ts"), import("./real-disk.ts")]);
  return salvageFolder(realDisk, resolve(damaged), resolve(to));
}
