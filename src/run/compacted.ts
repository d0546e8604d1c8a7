// Runs that were compacted: how they are known, and what whoever asks for one is told.

import { InputError, RunError } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { RunReceipt } from "./run-receipt.ts";
import type { Spending } from "./spending.ts";

/** What the head of a compacted run notes: what it was, and who compacted it. */
export type CompactedNote = Pick<
  RunReceipt,
  "contract" | "version" | "status" | "correlation" | "endedAt" | "compactedAt" | "compactedBy" | "archive"
> & {
  /** Left out by editions that did not note it. */
  readonly spending?: Spending;
};

/** The note of a compacted run. It stands in a member of its own, so that nobody takes such a run for one whose facts are there. */
export function noteOfReceipt({
  contract,
  version,
  status,
  correlation,
  endedAt,
  compactedAt,
  compactedBy,
  archive,
  spending,
}: RunReceipt): JsonObject {
  const note: CompactedNote = { contract, version, status, correlation, endedAt, compactedAt, compactedBy, archive, spending };
  // Every member of it is JSON.
  return { compacted: note as unknown as JsonObject };
}

/** Reads it back; undefined for every other stream. */
export function compactedNote(note: JsonObject): CompactedNote | undefined {
  const { compacted } = note;
  // Written by `noteOfReceipt`; the ledger's checksums vouch for it since.
  return isJsonObject(compacted) ? (compacted as unknown as CompactedNote) : undefined;
}

/** For whoever names a compacted run. */
export function runCompacted(run: string, note: CompactedNote | undefined): InputError {
  return new InputError("run_compacted", messageOf(run, note), detailOf(run, note));
}

/** For work on a run that was compacted before it was begun. */
export function compactedMeanwhile(run: string, note?: CompactedNote): RunError {
  return new RunError("run_compacted", messageOf(run, note), detailOf(run, note));
}

function messageOf(run: string, note: CompactedNote | undefined): string {
  if (note === undefined) return `run ${run} is being compacted`;
  return `run ${run} was compacted at ${new Date(note.compactedAt).toISOString()} by ${note.compactedBy.id}`;
}

function detailOf(run: string, note: CompactedNote | undefined): { readonly fix: string; readonly details: JsonObject } {
  const archive = note?.archive ?? null;
  const copy = archive === null ? "" : ` What was removed is in ${archive}.`;
  return {
    fix: `Its receipt is what is left: kindling show ${run}, or receiptOf("${run}").${copy} To do its work anew, start another run.`,
    details: { run, archive },
  };
}
