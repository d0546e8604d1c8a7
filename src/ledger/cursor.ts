// How far a consumer of the log has come, under a name that outlives it: what a name may be, and which places can be gone on from. Knows no files.

import { InputError, LedgerError } from "../errors.ts";

/** The places of consumers, kept beside the log and no part of it: readers keep theirs, too. */
export interface Cursors {
  /**
   * The position up to which a consumer has said to be done; `undefined` for a new name.
   * @throws InputError `bad_cursor_name`; LedgerError `cursor_too_old` (kept for another ledger, or of before the oldest commit there is), `cursor_ahead`, `ledger_damaged`
   */
  get(name: string): Promise<number | undefined>;
  /** Keeps a position durably, in place of the one before. @throws InputError `bad_cursor_name` */
  put(name: string, position: number): Promise<void>;
  /** All that are kept for this ledger, by name; those whose file is damaged are left out. */
  all(): Promise<readonly KeptCursor[]>;
  /** The one that is behind all others; undefined when there is none. One that cannot be gone on from holds nobody up. */
  slowest(): Promise<KeptCursor | undefined>;
}

/** How far a consumer has come. */
export interface KeptCursor {
  readonly cursor: string;
  readonly position: number;
}

/** The one that is behind all others. */
export function slowestOf(cursors: readonly KeptCursor[], { oldest }: LogExtent): KeptCursor | undefined {
  const going = cursors.filter(({ position }) => position >= oldest - 1);
  return going.reduce<KeptCursor | undefined>(
    (least, each) => (least === undefined || each.position < least.position ? each : least),
    undefined,
  );
}

/** The positions there are: `newest` is `oldest - 1` in an empty log. */
export interface LogExtent {
  readonly oldest: number;
  readonly newest: number;
}

/** Lower case only, since some file systems tell no cases apart; the first character rules out paths and hidden files. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** @throws InputError `bad_cursor_name` */
export function assertCursorName(name: unknown): void {
  if (typeof name === "string" && NAME.test(name)) return;
  throw new InputError(
    "bad_cursor_name",
    `${typeof name === "string" ? JSON.stringify(name.slice(0, 100)) : typeof name} cannot name a cursor`,
    {
      fix: "Use 1 to 64 lower case letters, digits, dots, dashes and underscores, and begin with a letter or a digit.",
    },
  );
}

/** Refuses a place behind which commits are missing. @param cure for one that is too old @throws LedgerError `cursor_too_old`, `cursor_ahead` */
export function assertWithin(position: number, { oldest, newest }: LogExtent, what: string, cure?: string): void {
  if (position < oldest - 1)
    throw new LedgerError("cursor_too_old", `${what} stands at ${position}, and the oldest commit there is has the position ${oldest}`, {
      fix: cure ?? `Begin anew from what there is (after ${oldest - 1}); what lies between is gone.`,
      details: { oldest, newest, position },
    });
  if (position > newest)
    throw new LedgerError("cursor_ahead", `${what} stands at ${position}, and the ledger ends at ${newest}`, {
      fix: "Was the ledger replaced by an older copy? Then what was seen after it was lost: begin anew from a position that there is.",
      details: { oldest, newest, position },
    });
}

/** A cursor that was kept beside another ledger: its position means nothing here. */
export function ofOtherLedger(name: string, { oldest, newest }: LogExtent): LedgerError {
  return new LedgerError("cursor_too_old", `the cursor "${name}" was kept for another ledger than the one that is here now`, {
    fix: `Begin anew from what there is (after ${oldest - 1}), or use another name.`,
    details: { oldest, newest, cursor: name },
  });
}
