// Ways in which a compaction says no, and what it tells whoever asks for what it removed.

import { type KindlingError, LedgerError } from "../errors.ts";

/** What was asked for was given up and taken away since the question was put together. */
export function factsRemoved(place: string): LedgerError {
  return new LedgerError("facts_removed", `What stood at ${place} of the log was removed by a compaction.`, {
    fix: "Ask again: what was replaced is not read any more.",
    details: { place },
  });
}

/** The folder that was to take what is removed. */
export function archiveUnfit(archive: string, cause: string | KindlingError): LedgerError {
  const reason = typeof cause === "string" ? `The archive ${archive} ${cause}.` : `The archive cannot take it: ${cause.message}`;
  return new LedgerError("archive_unfit", `${reason} Nothing was removed.`, {
    fix: "Give a new or an empty folder, or the archive of this very ledger.",
    details: { archive },
  });
}
