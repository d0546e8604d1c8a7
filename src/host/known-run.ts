// The run that somebody names, as its head shows it. Whoever names one that there is not, or not any more, is told.

import { InputError } from "../errors.ts";
import type { Ledger, StreamHead } from "../ledger/ledger.ts";
import { compactedNote, runCompacted } from "../run/compacted.ts";
import { isErased, runErased } from "../run/erased.ts";
import { readNote, type RunNote } from "../run/head.ts";

/** Refuses a run whose facts are gone. @throws InputError `run_erased`, `run_compacted` */
export function assertReadable({ run, note }: Pick<StreamHead, "run" | "note">): void {
  if (isErased(note)) throw runErased(run);
  const compacted = compactedNote(note);
  if (compacted !== undefined) throw runCompacted(run, compacted);
}

/** The note of a run. @throws InputError `run_not_found`, `run_erased`, `run_compacted` */
export function knownNote(ledger: Ledger, id: string): RunNote {
  const head = ledger.head(id);
  if (head !== undefined) assertReadable(head);
  const note = head === undefined ? undefined : readNote(head.note);
  if (note !== undefined) return note;
  throw new InputError("run_not_found", `there is no run "${id}"`, { fix: "`kindling list` shows the runs there are." });
}

/** The note of a run that somebody started. @throws InputError `run_not_found` for a child, too; `run_erased`, `run_compacted` */
export function rootNote(ledger: Ledger, id: string): RunNote {
  const note = knownNote(ledger, id);
  if (note.parent === undefined) return note;
  throw new InputError("run_not_found", `${id} is a part of the run ${note.root}`, { fix: `Name the run itself: ${note.root}.` });
}

/** The error for a run whose contract is not there, or not in the form that the run needs. */
export function unknownContract(run: string, contract: string): InputError {
  return new InputError(
    "contract_not_found",
    `run ${run} is of the contract "${contract}", which this runtime does not have in the form the run needs`,
    {
      fix: "Add the contract to the runtime's contracts.",
    },
  );
}
