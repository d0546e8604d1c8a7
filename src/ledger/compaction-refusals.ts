// Ways in which a compaction says no, and what it tells whoever asks for what it removed.

import { LedgerError } from "../errors.ts";

/** The folder that was to take what is removed. */
export function archiveUnfit(archive: string, reason: string): LedgerError {
  return new LedgerError("archive_unfit", `The archive ${archive} ${reason}. Nothing was removed.`, {
    fix: "Give an empty folder, or the archive of this very ledger.",
    details: { archive },
  });
}
