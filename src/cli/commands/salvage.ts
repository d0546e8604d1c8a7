// `salvage`: takes what can be read of a damaged ledger into a new folder, and tells what is lost.

import { resolve } from "node:path";
import { salvageLedger, type SalvageReport } from "../../index.ts";
import type { Answer } from "../answer.ts";
import type { GlobalOptions } from "../project.ts";
import type { Shell } from "../shell.ts";
import type { Paint } from "../view/paint.ts";
import { counted, groupDigits, indented } from "../view/text.ts";
import { visible } from "../view/visible.ts";

/** Lines shown of a list; all of it is in the report. */
const SHOWN = 20;

/** Salvages a ledger. */
export async function salvage(shell: Shell, damaged: string, to: string, _options: GlobalOptions): Promise<Answer> {
  const report = await salvageLedger(resolve(shell.cwd, damaged), resolve(shell.cwd, to));
  return { ok: true, result: report, lines: reportLines(report, shell.out.paint) };
}

function reportLines({ from, to, kept, lost, cutRuns, unfinishedBytes }: SalvageReport, paint: Paint): string[] {
  const pieces = lost.map(({ file, offset, bytes, positions, reason }) => {
    const which = positions === undefined ? "no commits" : `commits ${positions.first} to ${positions.last}`;
    return `${paint("strong", visible(file))} from byte ${offset}, ${groupDigits(bytes)} bytes, ${which}: ${visible(reason)}`;
  });
  const runs = cutRuns.map(
    ({ run, kept: facts, leftOut, position }) =>
      `${paint("strong", visible(run))} keeps ${counted(facts, "fact")}; ${leftOut} readable from commit ${position} on left out`,
  );
  const isWhole = lost.length === 0 && cutRuns.length === 0;
  return [
    `${paint("good", "✓")} ${to.folder} holds ${counted(kept.commits, "commit")}, ${counted(kept.facts, "fact")} of ${counted(kept.runs, "stream")}`,
    ...(isWhole ? ["  nothing is lost"] : []),
    ...section("lost:", pieces),
    ...section("runs and keys of stores that are cut off; look at each before it goes on:", runs),
    ...(unfinishedBytes === 0 ? [] : [`  ${groupDigits(unfinishedBytes)} bytes at the end nobody was told of`]),
    `  ${from.folder} was not changed; the report is in ${to.folder}/salvage.json`,
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const more = lines.length > SHOWN ? [`and ${lines.length - SHOWN} more`] : [];
  return [title, ...indented([...lines.slice(0, SHOWN), ...more])];
}
