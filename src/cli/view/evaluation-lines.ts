// Evaluations for people: means first, then the cases that went worst. Knows nothing of how they were made.

import type { CaseChange, EvaluatedCase, EvaluationDifference, EvaluationReport } from "../../eval/index.ts";
import type { Paint } from "./paint.ts";
import { describeTotal } from "./spending.ts";
import { counted, indented, oneLine, table } from "./text.ts";

/** Cases shown of those that went worst. */
const WORST_SHOWN = 10;

/** An evaluation: what every scorer says on the whole, what it cost, and which cases to look at. */
export function evaluationLines({ name, counts, scorers, spending, cases }: EvaluationReport, paint: Paint): readonly string[] {
  const other = [
    ...(counts.failed === 0 ? [] : [`${counts.failed} failed`]),
    ...(counts.waiting === 0 ? [] : [`${counts.waiting} waiting`]),
    ...(counts.left === 0 ? [] : [`${counts.left} left out`]),
  ];
  const rows = scorers.map(({ name: scorer, mean, min, max, failures }) => [
    scorer,
    paint("strong", shown(mean)),
    mean === null ? "" : paint("faint", `${shown(min)} … ${shown(max)}`),
    failures === 0 ? "" : paint("bad", `failed ${failures}×`),
  ]);
  const used = describeTotal(spending);
  const worst = worstOf(cases, scorers);
  return [
    `${paint("strong", name)}  ${[counted(counts.cases, "case"), `${counts.succeeded} succeeded`, ...other].join(", ")}`,
    ...indented(table(rows)),
    ...(used === "" ? [] : [paint("faint", `  ${used}`)]),
    ...(worst.length === 0 ? [] : ["", "to look at", ...indented(table(worst.map((each) => caseRow(each, paint))))]),
  ];
}

/** One case on a line. */
export function caseLine(each: EvaluatedCase, paint: Paint): string {
  return caseRow(each, paint)
    .filter((cell) => cell !== "")
    .join("  ");
}

function caseRow({ id, status, problem, scores, run }: EvaluatedCase, paint: Paint): readonly string[] {
  const given = Object.entries(scores).map(
    ([name, { score, note }]) =>
      `${name} ${score === null ? paint("bad", "failed") : shown(score)}${note === null ? "" : ` (${oneLine(note, 50)})`}`,
  );
  const mark =
    status === "succeeded" ? paint("good", "✓") : status === "failed" || status === "cancelled" ? paint("bad", "✗") : paint("warn", "◇");
  return [`${mark} ${id}`, problem === null ? given.join("  ") : oneLine(problem, 80), run === null ? "" : paint("faint", run)];
}

/** Those without an output first, then those of the lowest scores. */
function worstOf(cases: readonly EvaluatedCase[], scorers: EvaluationReport["scorers"]): readonly EvaluatedCase[] {
  const sumOf = (each: EvaluatedCase) =>
    each.status === "succeeded" ? scorers.reduce((sum, { name }) => sum + (each.scores[name]?.score ?? 0), 0) : -1;
  const best = Math.max(...cases.map(sumOf));
  return cases
    .filter((each) => each.status !== "succeeded" || sumOf(each) < best)
    .toSorted((a, b) => sumOf(a) - sumOf(b))
    .slice(0, WORST_SHOWN);
}

/** Two evaluations: means, then the cases whose scores are different. */
export function differenceLines({ a, b, scorers, changed, onlyInA, onlyInB }: EvaluationDifference, paint: Paint): readonly string[] {
  const rows = scorers.map((each) => [
    each.name,
    `${shown(each.a)} → ${paint("strong", shown(each.b))}`,
    [`${each.better} better`, `${each.worse} worse`, `${each.same} same`].join(", "),
  ]);
  return [
    `${a} → ${paint("strong", b)}`,
    ...indented(table(rows)),
    ...only(onlyInA, a),
    ...only(onlyInB, b),
    ...(changed.length === 0
      ? ["", "no case is different"]
      : changed.slice(0, WORST_SHOWN).flatMap((each) => ["", ...changeLines(each, paint)])),
    ...(changed.length > WORST_SHOWN ? ["", `and ${changed.length - WORST_SHOWN} more`] : []),
  ];
}

function only(ids: readonly string[], name: string): readonly string[] {
  return ids.length === 0 ? [] : [`  only in ${name}: ${oneLine(ids.join(", "), 80)}`];
}

function changeLines({ id, status, scores, runs, difference }: CaseChange, paint: Paint): readonly string[] {
  const changed = scores.flatMap(({ scorer, a, b }) => (a === b ? [] : [`${scorer} ${shown(a)} → ${shown(b)}`]));
  const went = status.a === status.b ? [] : [`${status.a} → ${status.b}`];
  return [
    `${paint("strong", id)}  ${[...went, ...changed].join("  ")}`,
    ...(difference === undefined ? [] : [`  ${difference}`]),
    ...(runs.a === null || runs.b === null || runs.a === runs.b ? [] : [paint("faint", `  ${runs.a} ${runs.b}`)]),
  ];
}

/** Two places are enough to compare by. */
function shown(score: number | null): string {
  return score === null ? "none" : String(Math.round(score * 100) / 100);
}
