// What an evaluation found, as a run keeps it: one schema, from which the types follow.

import * as z from "zod";
import { addSpending, NO_SPENDING, type Spending } from "../index.ts";

const spending = z.object({
  calls: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadTokens: z.number(),
  cacheWriteTokens: z.number(),
  reasoningTokens: z.number(),
  knownUsd: z.number(),
  unpricedCalls: z.number(),
});

const score = z.object({
  /** Null where the scorer failed. */
  score: z.number().nullable(),
  note: z.string().nullable(),
  /** The run of a judging contract. */
  run: z.string().nullable(),
});

const evaluatedCase = z.object({
  id: z.string(),
  /** Null for a case that was not begun. */
  run: z.string().nullable(),
  status: z.enum(["succeeded", "failed", "cancelled", "waiting", "left"]),
  /** Why there is no output, or why it was not begun. */
  problem: z.string().nullable(),
  scores: z.record(z.string(), score),
  spending,
  durationMs: z.number().nullable(),
});

const scorerSummary = z.object({
  name: z.string(),
  /** Of all cases that were begun and do not wait; one without an output, or whose scorer failed, counts as 0. Null when there is none. */
  mean: z.number().nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  /** How often the scorer itself failed. */
  failures: z.number(),
});

export const evaluationReport = z.object({
  name: z.string(),
  contract: z.string(),
  version: z.string(),
  /** Hash of the contract's plan. */
  plan: z.string(),
  scorers: z.array(scorerSummary),
  counts: z.object({ cases: z.number(), succeeded: z.number(), failed: z.number(), waiting: z.number(), left: z.number() }),
  /** Of the runs of the cases and of their judges. */
  spending,
  cases: z.array(evaluatedCase),
});

/** A case with its scores. */
export type EvaluatedCase = z.infer<typeof evaluatedCase>;

/** A score of one scorer for one case. */
export type Score = z.infer<typeof score>;

/** What an evaluation found. */
export type EvaluationReport = z.infer<typeof evaluationReport>;

/** One scorer over all cases. */
export type ScorerSummary = z.infer<typeof scorerSummary>;

/** What is evaluated, and by what. */
export interface ReportHead {
  readonly name: string;
  readonly contract: string;
  readonly version: string;
  readonly plan: string;
  readonly scorers: readonly string[];
}

/** Sums cases up. */
export function reportOn({ scorers, ...head }: ReportHead, cases: readonly EvaluatedCase[]): EvaluationReport {
  const count = (...statuses: readonly EvaluatedCase["status"][]) => cases.filter(({ status }) => statuses.includes(status)).length;
  return {
    ...head,
    scorers: scorers.map((name) => summaryOf(name, cases)),
    counts: {
      cases: cases.length,
      succeeded: count("succeeded"),
      failed: count("failed", "cancelled"),
      waiting: count("waiting"),
      left: count("left"),
    },
    spending: cases.reduce<Spending>((sum, each) => addSpending(sum, each.spending), NO_SPENDING),
    cases: [...cases],
  };
}

function summaryOf(name: string, cases: readonly EvaluatedCase[]): ScorerSummary {
  const judged = cases.filter(({ status }) => status !== "waiting" && status !== "left");
  // A contract that fails half of its cases is not better for it.
  const scores = judged.map((each) => each.scores[name]?.score ?? 0);
  const failures = judged.filter((each) => each.scores[name] !== undefined && each.scores[name].score === null).length;
  if (scores.length === 0) return { name, mean: null, min: null, max: null, failures };
  const mean = scores.reduce((sum, each) => sum + each, 0) / scores.length;
  return { name, mean, min: Math.min(...scores), max: Math.max(...scores), failures };
}
