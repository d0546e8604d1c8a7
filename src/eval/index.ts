// Evaluations: a contract over cases, scored by functions or by contracts that judge, kept as runs, compared case by case.

export { compareEvaluations, type CaseChange, type EvaluationDifference, type ScorerChange } from "./compare.ts";
export { evaluate, type EvaluationCase, type EvaluationOptions } from "./evaluate.ts";
export { evaluation, findEvaluation } from "./evaluation.ts";
export type { EvaluatedCase, EvaluationReport, Score, ScorerSummary } from "./report.ts";
export type { Scored, ScoreFunction, Scorer, Verdict } from "./score.ts";
