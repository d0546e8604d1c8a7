// Ways in which a compaction says no, and what it tells whoever asks for what it removed.

import { LedgerError } from "../errors.ts";

/** What was asked for was given up and taken away since the question was put together. */
export function factsRemoved(address: number): LedgerError {
  return new LedgerError("facts_removed", `What stood at byte ${address} of the log was removed by a compaction.`, {
    fix: "Ask again: what was replaced is not read any more.",
    details: { address },
  });
}

/** The folder that was to take what is removed. */
export function archiveUnfit(archive: string, reason: string): LedgerError {
  return new LedgerError("archive_unfit", `The archive ${archive} ${reason}. Nothing was removed.`, {
    fix: "Give an empty folder, or the archive of this very ledger.",
    details: { archive },
  });
}
