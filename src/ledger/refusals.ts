// Every way a ledger says no, with what to do about it. Knows no files; the words are here so that the code that refuses stays short.

import { KindlingError, LedgerError } from "../errors.ts";
import type { Commit } from "./ledger.ts";

/** Where and how a log is damaged. */
export interface Damage {
  readonly file: string;
  readonly offset: number;
  readonly reason: string;
  /** Position of the last commit before the damage, and of the first whole one after it, where they are known. */
  readonly lastGood?: number;
  readonly nextGood?: number;
}

/** The log is not what was once acknowledged. */
export function damaged({ file, offset, reason, lastGood, nextGood }: Damage): LedgerError {
  const before = lastGood === undefined ? "" : ` The last good commit is ${lastGood}.`;
  const after = nextGood === undefined ? "" : ` Commit ${nextGood} behind it is whole, so what is lost had been acknowledged.`;
  return new LedgerError("ledger_damaged", `The ledger is damaged: ${file} at byte ${offset}: ${reason}.${before}${after}`, {
    fix: "Nothing was changed. Run `kindling verify` to see all damage; restore the folder from a backup, or take what is readable into a new one with `kindling salvage`.",
    details: {
      file,
      offset,
      ...(lastGood === undefined ? {} : { lastGood }),
      ...(nextGood === undefined ? {} : { nextGood }),
    },
  });
}

/** A file beside the log (not a line of it) is unreadable or missing. */
export function damagedFile(
  file: string,
  reason: string,
  fix = "Run `kindling verify`, then restore the file from a backup.",
): LedgerError {
  return new LedgerError("ledger_damaged", `The ledger is damaged: ${file}: ${reason}.`, { fix, details: { file } });
}

/** The index is not what was written. It is only a shortcut: the log has everything. */
export function damagedIndex(file: string, offset: number): LedgerError {
  return new LedgerError("index_damaged", `The index of the ledger is damaged: index/${file} at byte ${offset}. No fact is lost.`, {
    fix: "Close the ledger, delete its folder index/, and open it again: the index is made anew from the log.",
    details: { file: `index/${file}`, offset },
  });
}

/** A key for what is not sealed. */
export function notEncrypted(location: string): LedgerError {
  return new LedgerError("ledger_not_encrypted", `The ledger at ${location} is not encrypted, and a key was given for it.`, {
    fix: "Open it without a key; or make a new one with the key, and take the old one's facts over with `kindling export` and `kindling import`.",
    details: { location },
  });
}

/** Erasing, or caring for keys, where nothing is sealed. */
export function nothingSealed(location: string): LedgerError {
  return new LedgerError(
    "ledger_not_encrypted",
    `The ledger at ${location} is not encrypted: it has no keys that could be destroyed or changed.`,
    {
      fix: "Only a ledger that was made with a key can do that: begin a new one with a key for new runs, and delete this one's folder and its backups when nothing in it is needed any more.",
      details: { location },
    },
  );
}

/** Sealed, and nobody gave a key. */
export function keyNeeded(
  place: string,
  fix = 'Say where the key is: fileLedger(folder, { key: { env: "KINDLING_LEDGER_KEY" } }), or ledgerKey in kindling.config.ts.',
): LedgerError {
  return new LedgerError("ledger_key_missing", `The ledger is encrypted, and no key was given: ${place} is sealed.`, {
    fix,
    details: { place },
  });
}

/** Reading where nobody has written yet. */
export function missing(location: string): LedgerError {
  return new LedgerError("ledger_missing", `There is no ledger at ${location} yet.`, {
    fix: "Check the path, or start a run first: whoever opens the ledger for writing creates it.",
    details: { location },
  });
}

/** Somebody else writes; `pid` is what the folder says about them. */
export function locked(location: string, pid?: number): LedgerError {
  const holder = pid === undefined ? "another writer" : pid === process.pid ? "this process already" : `process ${pid}`;
  const cure =
    pid === undefined ? "Close the other writer" : pid === process.pid ? "Close the ledger before opening it again" : `Stop process ${pid}`;
  return new LedgerError("ledger_locked", `The ledger at ${location} is being written by ${holder}; there can be one writer at a time.`, {
    fix: `${cure}, or open with access read.`,
    details: { location, ...(pid === undefined ? {} : { pid }) },
  });
}

/** A format this edition does not know. */
export function tooNew(file: string, found: string): LedgerError {
  return new LedgerError("ledger_too_new", `${file} was written by a newer Kindling (${found}).`, {
    fix: "Update Kindling to read this ledger.",
    details: { file },
  });
}

/** Others could have changed what is in the folder. */
export function unsafe(folder: string, reason: string, fix: string): LedgerError {
  return new LedgerError("ledger_unsafe", `The ledger folder ${folder} ${reason}.`, { fix, details: { folder } });
}

/** A folder that other machines may write to at the same time, and where no lock keeps them off. */
export function onNetwork(location: string, kind: string): LedgerError {
  return new LedgerError(
    "ledger_on_network",
    `The folder ${location} lies on a network file system (${kind}): locks are not reliable there, and two writers would ruin the ledger.`,
    {
      fix: "Keep it on a disk of this machine and copy it out with `kindling backup`, or open it for reading. If one machine alone ever writes it: fileLedger(folder, { allowNetwork: true }).",
      details: { location, kind },
    },
  );
}

/** Beginning something new where little room is left. */
export function roomLow(location: string): LedgerError {
  return new LedgerError(
    "ledger_low",
    `The disk of the ledger at ${location} is almost full: nothing new begins, so that what is under way can end.`,
    {
      fix: "Free some space there. Events, approvals and cancelling are still taken; `kindling compact` removes what retention no longer keeps.",
      details: { location },
    },
  );
}

/** Writing through a reader. */
export function readOnly(location: string): LedgerError {
  return new LedgerError("ledger_read_only", `The ledger at ${location} was opened for reading.`, { fix: "Open it with access write." });
}

/** Anything after `close`. */
export function closed(location: string): LedgerError {
  return new LedgerError("ledger_closed", `The ledger at ${location} is closed.`, { fix: "Open it again." });
}

/** A commit that rests on another state of its stream than there is. */
export function versionConflict(commit: Commit, actual: number): LedgerError {
  return new LedgerError("version_conflict", `${commit.run} has ${actual} facts, not ${commit.expected}: somebody else has appended.`, {
    fix: "Read the stream again and decide anew.",
    details: { run: commit.run, expected: commit.expected, actual },
  });
}

/** A commit whose line would be over the limit, blobs already taken out. */
export function commitTooLarge(commit: Commit, bytes: number, limitBytes: number): LedgerError {
  return new LedgerError(
    "commit_too_large",
    `A commit of ${commit.facts.length} facts on ${commit.run} has ${bytes} bytes; the limit is ${limitBytes}.`,
    {
      fix: "Split it into several commits, or move large values to top-level members of their facts, which are kept as blobs.",
      details: { run: commit.run, bytes, limitBytes },
    },
  );
}

/** More waits than memory should hold. */
export function queueFull(location: string, limitBytes: number): LedgerError {
  return new LedgerError("ledger_busy", `More than ${limitBytes} bytes wait to be written to the ledger at ${location}.`, {
    fix: "Await earlier appends before adding more.",
    details: { limitBytes },
  });
}

/** What those who waited are told when a write or sync fails: their commits may or may not be in the log. */
export function stopped(location: string, cause: unknown): LedgerError {
  if (isFull(cause)) {
    return new LedgerError(
      "ledger_full",
      `The disk of the ledger at ${location} is full; it stopped writing. Everything acknowledged is kept.`,
      {
        fix: "Free some space and open the ledger again: what was not acknowledged is set aside.",
        cause,
      },
    );
  }
  return new LedgerError(
    "ledger_stopped",
    `The ledger at ${location} stopped after a failed write: ${messageOf(cause)}. Everything acknowledged is kept.`,
    {
      fix: "Check the disk, then open the ledger again: only a fresh look at the file can tell what it holds.",
      cause,
    },
  );
}

/** What everybody is told who comes after the failure. */
export function stoppedBefore(location: string, failure: LedgerError): LedgerError {
  return new LedgerError("ledger_stopped", `The ledger at ${location} has stopped: ${failure.message}`, {
    ...(failure.fix === undefined ? {} : { fix: failure.fix }),
    cause: failure,
  });
}

/** A call of the operating system that failed while opening or reading. Errors that already say what to do, and faults of ours, pass unchanged. */
export function diskFailed(location: string, cause: unknown): unknown {
  if (cause instanceof KindlingError || !(cause instanceof Error) || !("code" in cause)) return cause;
  if (isFull(cause)) return stopped(location, cause);
  return new LedgerError("ledger_unusable", `The ledger at ${location} cannot be used: ${cause.message}.`, {
    fix: "Check that the folder can be read and written by this user.",
    cause,
  });
}

function isFull(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && (cause.code === "ENOSPC" || cause.code === "EDQUOT");
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
