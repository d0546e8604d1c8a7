// Runs that were erased: how they are known, and what whoever asks for one is told.

import { InputError, RunError } from "../errors.ts";
import type { JsonObject } from "../json.ts";

/** True for the note of a stream that was erased, or is being erased: the ledger itself leaves it there. */
export function isErased(note: JsonObject): boolean {
  return note["erased"] === true;
}

/** For whoever names an erased run. */
export function runErased(run: string): InputError {
  return new InputError("run_erased", messageOf(run), { fix: FIX, details: { run } });
}

/** For work on a run that was erased before it was begun. */
export function erasedMeanwhile(run: string): RunError {
  return new RunError("run_erased", messageOf(run), { fix: FIX, details: { run } });
}

const FIX = "Nobody can read it any more; `kindling list --erased` tells who erased it and why. To do its work anew, start another run.";

function messageOf(run: string): string {
  return `run ${run} was erased`;
}
