// Two runs read for a comparison, with as many of their children as it asks for.

import { diffOf, type RunDiff } from "../run/diff.ts";
import { diffText } from "../run/diff-text.ts";
import type { CallOptions } from "./requests.ts";
import { askWith, loadedRun, recordOfRoot } from "./explain-run.ts";
import type { RunReader } from "./run-reader.ts";

/** What a comparison may carry besides the two runs. */
export type DiffOptions = CallOptions;

/** A comparison, and the same as text. */
export interface RunDifference extends RunDiff {
  /** The first line is the answer in one sentence; then only what is different, `a | b`. */
  readonly text: string;
}

/** Child runs read for one comparison; what lies beyond is compared by its outcome alone. */
const RUNS_LIMIT = 2_000;

/** Compares two root runs; either may be of a version of its contract that is not here any more. @throws InputError `run_not_found`, `contract_not_found` */
export async function diffRuns(reader: RunReader, a: string, b: string, { signal }: DiffOptions): Promise<RunDifference> {
  const [recordA, recordB] = await Promise.all([recordOfRoot(reader, a), recordOfRoot(reader, b)]);
  const [runA, runB] = await Promise.all([loadedRun(reader, a, recordA), loadedRun(reader, b, recordB)]);
  const diff = await askWith(reader, RUNS_LIMIT, signal, (read) => diffOf(runA, runB, read));
  return { ...diff, text: diffText(diff) };
}
