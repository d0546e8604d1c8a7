// When a repeat has done enough: a function of what a round gave, or matchers. Knows no rounds.

import type { NodeFinding } from "../graph/graph.ts";
import type { JsonValue } from "../json.ts";
import { badOption, codeOf } from "./kind.ts";
import { checkMatcher, isMatch, matcherDetail, type Matcher } from "./matcher.ts";

/** A condition on what a round gave, as data; exactly one of them. */
export interface UntilMatchers<T> {
  /** A matcher of the value itself. */
  readonly is?: Matcher<T>;
  /** Matchers of its members, which must all hold. */
  readonly where?: { readonly [P in keyof T]?: Matcher<T[P]> };
}

/** `until` as a repeat needs it, whichever form it had. */
export interface ReadUntil {
  /** What it answers of an outcome, which may be anything if it is an author's function. */
  readonly holds: (outcome: unknown, round: number) => unknown;
  /** For the fingerprint: source text, or the matchers. */
  readonly detail: JsonValue;
  readonly findings: readonly NodeFinding[];
}

/** Reads what an author gave as `until`. */
export function readUntil(until: unknown): ReadUntil {
  if (typeof until === "function") {
    // The builder's types made sure that it takes what the child gives.
    const isLast = until as (outcome: unknown, round: number) => unknown;
    return { holds: isLast, detail: codeOf(isLast), findings: [] };
  }
  const { is, where } = partsOf(until);
  const members = Object.entries(where ?? {}).filter(([, matcher]) => matcher !== undefined);
  const hint =
    'Give a function of what a round gave, { where: { score: { min: 0.8 } } }, or { is: { eq: "done" } } for a value without members.';
  if ((is === undefined) === (members.length === 0))
    return { holds: () => false, detail: null, findings: [badOption("until says nothing, or both is and where", hint)] };
  const matchers = is === undefined ? members : [["", is] as const];
  const findings = matchers.flatMap(([member, matcher]) => checkMatcher(is === undefined ? `until.where.${member}` : "until.is", matcher));
  if (findings.length > 0) return { holds: () => false, detail: null, findings };
  // What has no findings is a matcher.
  const sound = matchers as readonly (readonly [string, Matcher])[];
  const details = sound.map(([member, matcher]) => [member, matcherDetail(matcher)] as const);
  return {
    holds: (outcome) => sound.every(([member, matcher]) => isMatch(matcher, is === undefined ? memberOf(outcome, member) : outcome)),
    detail: is === undefined ? { where: Object.fromEntries(details) } : { is: details[0]?.[1] ?? null },
    findings: [],
  };
}

function partsOf(until: unknown): { readonly is?: unknown; readonly where?: object } {
  if (typeof until !== "object" || until === null) return {};
  const { is, where } = until as { readonly is?: unknown; readonly where?: unknown };
  return { is, ...(typeof where === "object" && where !== null ? { where } : {}) };
}

function memberOf(outcome: unknown, member: string): unknown {
  const isObject = typeof outcome === "object" && outcome !== null && Object.hasOwn(outcome, member);
  return isObject ? (outcome as Readonly<Record<string, unknown>>)[member] : undefined;
}
