// Two evaluations side by side, case by case: how the scores went, and where a score changed, what was different in the runs.

import type { Kindling } from "../index.ts";
import type { EvaluatedCase, EvaluationReport } from "./report.ts";

/** One scorer in both. */
export interface ScorerChange {
  readonly name: string;
  readonly a: number | null;
  readonly b: number | null;
  readonly better: number;
  readonly worse: number;
  readonly same: number;
}

/** One case of both whose status or scores are different. */
export interface CaseChange {
  readonly id: string;
  readonly status: { readonly a: EvaluatedCase["status"]; readonly b: EvaluatedCase["status"] };
  readonly scores: readonly { readonly scorer: string; readonly a: number | null; readonly b: number | null }[];
  readonly runs: { readonly a: string | null; readonly b: string | null };
  /** The comparison of the two runs in one sentence; undefined where it was not made. */
  readonly difference: string | undefined;
}

/** Two evaluations compared. */
export interface EvaluationDifference {
  readonly a: string;
  readonly b: string;
  readonly scorers: readonly ScorerChange[];
  /** Those that got worse first. */
  readonly changed: readonly CaseChange[];
  readonly onlyInA: readonly string[];
  readonly onlyInB: readonly string[];
}

/** Runs are compared for so many cases; the others only by their scores. */
const COMPARED_LIMIT = 50;

/** Compares two evaluations by the ids of their cases. */
export async function compareEvaluations(kindling: Kindling, a: EvaluationReport, b: EvaluationReport): Promise<EvaluationDifference> {
  const [inA, inB] = [byId(a), byId(b)];
  const pairs = a.cases.flatMap((one): (readonly [EvaluatedCase, EvaluatedCase])[] => {
    const other = inB.get(one.id);
    return other === undefined ? [] : [[one, other]];
  });
  const names = [...new Set([...a.scorers, ...b.scorers].map(({ name }) => name))];
  const changed = pairs.filter((pair) => isChanged(names, pair)).sort((x, y) => gain(names, x) - gain(names, y));
  const cases = await Promise.all(
    changed.map(
      async ([one, other], index): Promise<CaseChange> => ({
        id: one.id,
        status: { a: one.status, b: other.status },
        scores: names.map((scorer) => ({ scorer, a: scoreIn(one, scorer), b: scoreIn(other, scorer) })),
        runs: { a: one.run, b: other.run },
        difference: index < COMPARED_LIMIT ? await differenceOf(kindling, one, other) : undefined,
      }),
    ),
  );
  return {
    a: a.name,
    b: b.name,
    scorers: names.map((name) => scorerChange(name, a, b, pairs)),
    changed: cases,
    onlyInA: a.cases.flatMap(({ id }) => (inB.has(id) ? [] : [id])),
    onlyInB: b.cases.flatMap(({ id }) => (inA.has(id) ? [] : [id])),
  };
}

function byId({ cases }: EvaluationReport): ReadonlyMap<string, EvaluatedCase> {
  return new Map(cases.map((each) => [each.id, each]));
}

type Pair = readonly [EvaluatedCase, EvaluatedCase];

function isChanged(names: readonly string[], [a, b]: Pair): boolean {
  return a.status !== b.status || names.some((name) => scoreIn(a, name) !== scoreIn(b, name));
}

function gain(names: readonly string[], [a, b]: Pair): number {
  return names.reduce((sum, name) => sum + (scoreIn(b, name) ?? 0) - (scoreIn(a, name) ?? 0), 0);
}

function scoreIn({ scores }: EvaluatedCase, name: string): number | null {
  return scores[name]?.score ?? null;
}

function scorerChange(name: string, a: EvaluationReport, b: EvaluationReport, pairs: readonly Pair[]): ScorerChange {
  const gains = pairs.map((pair) => gain([name], pair));
  const meanIn = ({ scorers }: EvaluationReport) => scorers.find((each) => each.name === name)?.mean ?? null;
  return {
    name,
    a: meanIn(a),
    b: meanIn(b),
    better: gains.filter((each) => each > 0).length,
    worse: gains.filter((each) => each < 0).length,
    same: gains.filter((each) => each === 0).length,
  };
}

async function differenceOf(kindling: Kindling, a: EvaluatedCase, b: EvaluatedCase): Promise<string | undefined> {
  if (a.run === null || b.run === null || a.run === b.run) return undefined;
  const { text } = await kindling.diff(a.run, b.run);
  return text.split("\n", 1)[0];
}
