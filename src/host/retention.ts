// How long runs are kept: rules as callers and projects write them, checked before anything rests on them, and the one that holds for a run.

import { type Duration, toMilliseconds } from "../graph/duration.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { JsonObject } from "../json.ts";
import type { RunStatus } from "../run/state.ts";

/** How long some runs are kept after their end. The first rule that fits a run counts; a run that none fits is kept for ever. */
export interface RetentionRule {
  /** Of this contract; of all when left out. */
  readonly contract?: string;
  /** That ended like this; however they ended when left out. */
  readonly status?: "succeeded" | "failed" | "cancelled";
  /** From the last commit of the run and its children on, e.g. `"30d"`, or milliseconds. */
  readonly keep: Duration | "forever";
}

/** What is wrong with rules: where, and what to do. */
export interface RetentionProblem {
  readonly message: string;
  readonly fix: string;
  readonly details: JsonObject;
}

const MEMBERS = ["contract", "status", "keep"];
const STATUSES: readonly unknown[] = ["succeeded", "failed", "cancelled"] satisfies readonly RunStatus[];

/** Rules in a list; more are taken for a mistake. */
const RULES_LIMIT = 1_000;

/**
 * The first thing wrong with what is given as rules; undefined when they are fit.
 * @param place how whoever wrote them calls them, e.g. `retention`
 */
export function retentionProblem(rules: unknown, place = "retention"): RetentionProblem | undefined {
  if (!Array.isArray(rules)) return problem(place, `is ${shown(rules)}`, 'Give a list of rules: [{ status: "succeeded", keep: "30d" }].');
  if (rules.length > RULES_LIMIT) return problem(place, `has ${rules.length} rules`, `Give ${RULES_LIMIT} at most.`);
  for (const [index, rule] of rules.entries()) {
    const found = ruleProblem(rule, `${place}[${index}]`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first rule about a contract that nobody knows; undefined when there is none. */
export function unknownContract(
  rules: readonly RetentionRule[],
  isKnown: (contract: string) => boolean,
  names: readonly string[],
): RetentionProblem | undefined {
  for (const [index, { contract }] of rules.entries())
    if (contract !== undefined && !isKnown(contract))
      return problem(`retention[${index}].contract`, `is "${contract}", and there is no such contract`, didYouMean(contract, names));
  return undefined;
}

/** The rule that holds for a run that has ended. */
export function ruleFor(
  rules: readonly RetentionRule[],
  run: { readonly contract: string; readonly status: RunStatus },
): RetentionRule | undefined {
  return rules.find(
    ({ contract, status }) => (contract === undefined || contract === run.contract) && (status === undefined || status === run.status),
  );
}

/** How long a rule keeps a run, in milliseconds; undefined for ever. */
export function keepMsOf({ keep }: RetentionRule): number | undefined {
  return keep === "forever" ? undefined : toMilliseconds(keep);
}

function ruleProblem(rule: unknown, place: string): RetentionProblem | undefined {
  if (typeof rule !== "object" || rule === null || Array.isArray(rule))
    return problem(place, `is ${shown(rule)}`, 'A rule is { contract, status, keep }, e.g. { keep: "30d" }.');
  const members = new Map(Object.entries<unknown>({ ...rule }));
  const strange = [...members.keys()].find((name) => !MEMBERS.includes(name));
  if (strange !== undefined) return problem(`${place}.${strange}`, "is no member of a rule", didYouMean(strange, MEMBERS));
  const [contract, status, keep] = MEMBERS.map((name) => members.get(name));
  if (contract !== undefined && (typeof contract !== "string" || contract === ""))
    return problem(`${place}.contract`, `is ${shown(contract)}`, "Give the name of a contract, or leave it out for all.");
  if (status !== undefined && !STATUSES.includes(status))
    return problem(`${place}.status`, `is ${shown(status)}`, `One of ${STATUSES.join(", ")}, or leave it out for all.`);
  if (keep === "forever") return undefined;
  if ((typeof keep !== "string" && typeof keep !== "number") || !isDuration(keep))
    return problem(`${place}.keep`, `is ${shown(keep)}`, 'Give a duration, such as "30d" or "12h", or "forever".');
  return undefined;
}

function isDuration(keep: string | number): boolean {
  // Whatever text it is: what is no duration gives nothing.
  return toMilliseconds(keep as Duration) !== undefined;
}

function problem(place: string, what: string, fix: string): RetentionProblem {
  return { message: `${place} ${what}`, fix, details: { place } };
}

const SHOWN_LIMIT = 60;

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  const text = typeof value === "string" || typeof value === "number" || value === null ? JSON.stringify(value) : `of type ${typeof value}`;
  return text.length > SHOWN_LIMIT ? `${text.slice(0, SHOWN_LIMIT)}…` : text;
}
