// The contract that keeps evaluations as runs, and the way back from such a run to its report.

import { contract, InputError, type Kindling } from "../index.ts";
import { type EvaluationReport, evaluationReport } from "./report.ts";

/**
 * Keeps what evaluations found: each is a run of it, whose output is the report. A runtime that evaluates has it among its contracts.
 *
 * @example const kindling = await createRuntime({ contracts: [triage, evaluation], … });
 */
export const evaluation = contract("evaluation", {
  description: "Keeps what an evaluation of another contract found.",
  inputs: { report: evaluationReport },
  define: (g, { report }) => g.map("kept", report, (report) => report),
});

/** The tag of all runs of an evaluation. */
export function tagOf(name: string): string {
  return `evaluation:${name}`;
}

/**
 * What an evaluation found, by its name or by the id of the run that keeps it; of several of one name the latest.
 * @throws InputError `evaluation_not_found`
 */
export async function findEvaluation(kindling: Kindling, name: string): Promise<EvaluationReport & { readonly run: string }> {
  const { items } = await kindling.list({ contract: evaluation.name, tag: tagOf(name), status: "succeeded", limit: 1 });
  const id = items[0]?.id ?? name;
  const view = /^run_[0-9a-z]+$/.test(id) ? await kindling.get(id) : undefined;
  const read = evaluationReport.safeParse(view?.outputs);
  if (view !== undefined && view.contract === evaluation.name && read.success) return { ...read.data, run: view.id };
  throw new InputError("evaluation_not_found", `there is no evaluation "${name}"`, {
    fix: "`kindling eval list` shows those there are; one that was cut off is not among them until it was gone on with.",
  });
}
