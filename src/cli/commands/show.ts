// `show`: one run as it stands: its nodes, what it waits for, what it gave and what it cost.

import { InputError, RunError, type RunView } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { type AsOfOption, pastOf } from "../moment-option.ts";
import { nextSteps } from "../next-commands.ts";
import { isStranded } from "../problem.ts";
import type { GlobalOptions } from "../project.ts";
import { extentOf, type FullOption, withProject, withRun } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { budgetLines } from "../view/budget-lines.ts";
import { compactedLines } from "../view/compacted-lines.ts";
import { clock } from "../view/moment.ts";
import { nodeLines } from "../view/node-lines.ts";
import { outcomeLines } from "../view/outcome-lines.ts";
import { indented, table } from "../view/text.ts";
import { labelled } from "../view/value.ts";
import { visibleCopy } from "../view/visible.ts";

const CHILDREN_SHOWN = 50;

/** Shows a run. */
export function show(shell: Shell, name: string, options: GlobalOptions & FullOption & AsOfOption): Promise<Answer> {
  return showRun(shell, name, options).catch((error: unknown) => {
    const run = error instanceof InputError && error.code === "run_compacted" ? error.details["run"] : undefined;
    if (typeof run !== "string" || options.asOf !== undefined) throw error;
    return showReceipt(shell, run, options, error);
  });
}

/** What is left of a compacted run. */
function showReceipt(shell: Shell, run: string, options: GlobalOptions, error: unknown): Promise<Answer> {
  return withProject(shell, options, "read", async ({ kindling }): Promise<Answer> => {
    const receipt = await kindling.receiptOf(run);
    if (receipt === undefined) throw error;
    return { ok: true, result: { receipt }, lines: compactedLines(visibleCopy(receipt), shell.out.paint) };
  });
}

function showRun(shell: Shell, name: string, options: GlobalOptions & FullOption & AsOfOption): Promise<Answer> {
  const past = pastOf(options);
  return withRun(shell, options, "read", name, async ({ kindling }, run): Promise<Answer> => {
    const view = await run.get(past).catch((error: unknown) => {
      if (!isStranded(error)) throw error;
      const { code, message, fix, details } = error;
      // Its facts need no contract to be read.
      throw new RunError(code, message, {
        fix: `${fix ?? ""}\n${shell.program} facts ${run.id} shows what is recorded.`.trim(),
        details,
        cause: error,
      });
    });
    // What could be done then is no advice for today.
    const next = past.asOf === undefined ? await nextSteps(kindling, view, shell.program) : [];
    const now = past.asOf === undefined ? shell.now() : view.updatedAt;
    const seen = visibleCopy(view);
    const { paint } = shell.out;
    const extent = extentOf(options);
    const lines = [
      ...headLines(seen, shell),
      "",
      ...indented(nodeLines(seen.nodes, { now: view.endedAt ?? now, paint, childLimit: CHILDREN_SHOWN })),
      ...(seen.budgets === undefined ? [] : ["", paint("faint", "budgets"), ...indented(budgetLines(seen.budgets))]),
      "",
      ...outcomeLines(seen, { now, paint, extent, next: visibleCopy(next), program: shell.program }),
    ];
    return { ok: true, result: { run: view, next }, lines };
  });
}

function headLines(run: RunView, { out: { paint } }: Shell): string[] {
  const starter = run.starter === undefined ? "" : ` by ${run.starter.id}`;
  return [
    ...table([
      [paint("faint", "run"), `${paint("strong", run.id)}`],
      [paint("faint", "contract"), `${run.contract}, version ${run.version}`],
      [paint("faint", "started"), `${clock(run.startedAt)}${starter}`],
    ]),
    "",
    paint("faint", "inputs"),
    ...indented(labelled(run.inputs, { lines: 4, characters: 300 }, paint)),
  ];
}
