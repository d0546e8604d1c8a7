// What runs cost, as lines for people: the rows as a table, the sum, what came to nothing, and what is not known with what would make it known.

import { type CostReport, type CostRow, describeCost, type Spending } from "../../index.ts";
import { ago } from "./moment.ts";
import type { Paint } from "./paint.ts";
import { counted, groupDigits, table } from "./text.ts";

/** Where the lines are read. */
export interface CostPlace {
  readonly paint: Paint;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly program: string;
}

/** The report in lines, with so many rows at most. */
export function costLines(report: CostReport, limit: number, { paint, now, program }: CostPlace): string[] {
  const { rows, total, runs, looked } = report;
  if (total.calls === 0)
    return [runs.all === 0 ? "no runs" : `${counted(runs.all, "run")}, no model was called`, ...unknownLines(report, program)];
  const shown = rows.slice(0, limit).map((row) => rowOf(row, now));
  const rest = rows.length - shown.length;
  return [
    ...table([
      ["", "calls", "tokens in", "cached", "tokens out", "cost"].map((cell) => paint("faint", cell)),
      ...shown,
      ...(rest === 0 ? [] : [[paint("faint", `and ${counted(rest, "more row")}: --limit ${rows.length}`)]]),
      ["together", ...cellsOf(total)].map((cell) => paint("strong", cell)),
    ]),
    "",
    `${counted(runs.asking, "run")} of ${groupDigits(runs.all)} asked a model`,
    ...lossLines(report),
    ...unknownLines(report, program),
    paint("faint", `looked at ${counted(looked.heads, "head")} and the facts of ${counted(looked.streams, "stream")}`),
  ];
}

function rowOf({ key, spending, run, runs }: CostRow, now: number): string[] {
  const what = run === undefined ? `${key}  ${counted(runs, "run")}` : `${key}  ${run.contract}, ${run.status}, ${ago(run.startedAt, now)}`;
  return [what, ...cellsOf(spending)];
}

function cellsOf(spending: Spending): string[] {
  const { calls, inputTokens, cacheReadTokens, outputTokens } = spending;
  const cached = inputTokens === 0 ? 0 : Math.round((100 * cacheReadTokens) / inputTokens);
  return [
    groupDigits(calls),
    groupDigits(inputTokens),
    cached === 0 ? "" : `${cached}%`,
    groupDigits(outputTokens),
    describeCost(spending),
  ];
}

function lossLines({ lost, discarded }: CostReport): string[] {
  return [
    ...(lost.spending.calls === 0
      ? []
      : [
          `of it in ${counted(lost.runs, "run")} that failed or ${lost.runs === 1 ? "was" : "were"} cancelled: ${describeCost(lost.spending)}`,
        ]),
    ...(discarded.calls === 0
      ? []
      : [`of it for ${counted(discarded.calls, "reply", "replies")} thrown away, since a try failed: ${describeCost(discarded)}`]),
  ];
}

function unknownLines({ unpriced, doubts, erased, compacted }: CostReport, program: string): string[] {
  return [
    ...unpriced.map(({ model, calls, hasPriceNow }) =>
      hasPriceNow
        ? `${counted(calls, "call")} of ${model} had no known price when ${calls === 1 ? "it was" : "they were"} made`
        : `no price of ${model} (${counted(calls, "call")}): add ${JSON.stringify(model)}: { input: …, output: … } to prices.models in the config`,
    ),
    ...doubts.map(({ message }) => `doubtful: ${message}`),
    ...(compacted === 0 ? [] : [`${counted(compacted, "run")} compacted: their sums are known, their models are not`]),
    ...(erased === 0 ? [] : [`${counted(erased, "run")} erased: what they cost is not known (${program} list --erased)`]),
  ];
}
