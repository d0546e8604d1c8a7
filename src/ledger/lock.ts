// One writer for each folder: a lock of the operating system, which the kernel releases with the process, however it dies. Node has no lock call of its own,
// but carries SQLite, whose exclusive transaction is one. Knows no ledger.

import type { DatabaseSync } from "node:sqlite";
import { ConfigError } from "../errors.ts";

/**
 * Takes the lock on a file, which is made if needed and stays empty. `undefined` when another process, or another part of this one, holds it.
 * Never open the file by other means in the process that holds the lock: closing any descriptor of it would release it (a rule of POSIX locks).
 */
export function acquireLock(path: string): (() => void) | undefined {
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(path);
  if (!beginExclusive(database)) {
    database.close();
    return undefined;
  }
  return () => database.close();
}

const SQLITE_BUSY = 5;

function beginExclusive(database: DatabaseSync): boolean {
  try {
    // Nothing is ever stored, so there is nothing to roll back: no journal beside the file, which a full disk would refuse. (OFF is not granted by Node.)
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) return false;
    database.close();
    throw error;
  }
}

/** SQLite, loaded when first needed: reading a ledger does not need it. */
function loadSqlite(): typeof import("node:sqlite") {
  // Node 22 and 24 print an ExperimentalWarning for this module. We use the one feature that cannot change, the file lock, and a warning about
  // our own choice is of no use to the user. The load is synchronous, so no other warning can fall into the gap, and any that does is passed on.
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = (warning: string | Error, ...rest: readonly unknown[]): void => {
    if (String(warning).includes("SQLite")) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return process.getBuiltinModule("node:sqlite");
  } catch (cause) {
    throw new ConfigError("sqlite_missing", "This Node was built without SQLite, which the ledger needs for its lock.", {
      fix: "Use an official build of Node 22.18 or newer.",
      cause,
    });
  } finally {
    process.emitWarning = emitWarning;
  }
}
