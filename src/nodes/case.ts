// The cases of a branch: read once, tried in the order they were declared. Knows neither needs nor what stands inside a case.

import type { NodeFinding } from "../graph/graph.ts";
import { didYouMean } from "../graph/nearest.ts";
import { ValueError } from "../graph/value-error.ts";
import { canonicalJson, type JsonValue } from "../json.ts";
import type { ChildDefinition } from "./child.ts";
import type { Choice } from "./choice.ts";
import { checkMatcher, describeMatcher, isMatch, matcherDetail, type Matcher, type Scalar } from "./matcher.ts";

/** A case that is taken when the value `on` gave fits. */
export interface MatcherCase<C> {
  readonly when: Matcher;
  readonly run: C;
}

/** The name of the default among the cases of a branch. */
export const DEFAULT_CASE = "default";

/** A case as it was declared: by its name alone it takes the value whose text the name is. */
export interface Case {
  readonly name: string;
  readonly definition: ChildDefinition;
  readonly when: Matcher | undefined;
  /** What is wrong with `when`, which is left out then. */
  readonly problems: readonly NodeFinding[];
  readonly isPlain: boolean;
}

/** Reads the cases in the order they are tried. */
export function readCases(cases: Readonly<Record<string, unknown>>): readonly Case[] {
  return Object.entries(cases).map(([name, given]) => {
    // `Builder.child` tells what is no child.
    if (!isMatcherCase(given)) return { name, definition: given as ChildDefinition, when: undefined, problems: [], isPlain: true };
    const problems = checkMatcher(`cases.${name}.when`, given.when);
    return { name, definition: given.run, when: problems.length === 0 ? given.when : undefined, problems, isPlain: false };
  });
}

function isMatcherCase(given: unknown): given is MatcherCase<ChildDefinition> {
  return typeof given === "object" && given !== null && "when" in given && !("graph" in given);
}

/**
 * The name of the first case that takes a value, or the default's.
 * @throws ValueError `no_such_case`
 */
export function chooseCase(branch: string, cases: readonly Case[], hasDefault: boolean, value: Choice): string {
  const taken = cases.find((each) => takes(each, value));
  if (taken !== undefined) return taken.name;
  if (hasDefault) return DEFAULT_CASE;
  const names = cases.map(({ name }) => name);
  throw new ValueError("no_such_case", `branch "${branch}": on gave ${shown(value)}, and there is no such case`, {
    fix: `${didYouMean(String(value), names)} A default takes what no case does.`,
  });
}

function takes({ name, when, isPlain }: Case, value: Scalar): boolean {
  // What a model said may choose: "toString" is no case, though every object has one; so names are compared and never looked up.
  if (isPlain) return name === String(value);
  return when !== undefined && isMatch(when, value);
}

const SHOWN_LIMIT = 100;

function shown(value: Choice): string {
  const text = String(value);
  return text.length <= SHOWN_LIMIT ? `"${text}"` : `"${text.slice(0, SHOWN_LIMIT)}…"`;
}

/** The cases as they enter a fingerprint. */
export function casesDetail(cases: readonly Case[]): JsonValue {
  return cases.map(({ name, when }) => (when === undefined ? name : { name, when: matcherDetail(when) }));
}

/** The cases that take more than their own name, as lines of a picture: `large: at least 100`. */
export function caseLines(cases: readonly Case[]): readonly string[] {
  return cases.flatMap(({ name, when }) => (when === undefined ? [] : [`${name}: ${describeMatcher(when)}`]));
}

/** Paths write a case in brackets after its node, so its name holds none of their signs. */
const CASE_NAME = /^[^[\]/]{1,100}$/;

/** Finds what is wrong or doubtful about cases. */
export function checkCases(cases: readonly Case[], hasDefault: boolean): NodeFinding[] {
  const names = cases.map(({ name }) => name);
  const firstMatcher = cases.find(({ isPlain }) => !isPlain);
  return [
    ...names.filter((name) => !CASE_NAME.test(name)).map((name) => badName(`"${name}" is no name for a case`)),
    ...(hasDefault && names.includes(DEFAULT_CASE) ? [badName(`"${DEFAULT_CASE}" is the default, and a case has that name too`)] : []),
    ...(hasDefault || firstMatcher === undefined ? [] : [noDefault(firstMatcher.name)]),
    ...cases.flatMap(({ problems }) => problems),
    ...cases.flatMap((each, index) => (isCovered(each, cases.slice(0, index)) ? [neverTaken(each)] : [])),
  ];
}

function badName(message: string): NodeFinding {
  return { code: "bad_name", severity: "error", message, hint: "A case has 1 to 100 characters, and no [, ] or /." };
}

function noDefault(name: string): NodeFinding {
  return {
    code: "no_default_case",
    severity: "error",
    message: `the case "${name}" has a condition, and there is no default`,
    hint: "Nothing says that one of the conditions holds: give default, a child for all other values.",
  };
}

function neverTaken({ name }: Case): NodeFinding {
  return {
    code: "case_never_taken",
    severity: "warning",
    message: `the case "${name}" is never taken: those before it take all that it would`,
    hint: "Cases are tried in the order they are declared, whole numbers first. Put it before them, or leave it out.",
  };
}

/** True when surely nothing is left for a case behind others. */
function isCovered(later: Case, earlier: readonly Case[]): boolean {
  const values = valuesOf(later);
  if (values !== undefined) return values.every((value) => earlier.some((each) => takes(each, value)));
  const { when } = later;
  return when !== undefined && earlier.some((each) => each.when !== undefined && covers(each.when, when));
}

/** All that a case takes, where that can be listed. `on` never gives null. */
function valuesOf({ name, when, isPlain }: Case): readonly Scalar[] | undefined {
  if (isPlain) return readingsOf(name);
  if (when?.eq !== undefined) return [when.eq].filter((value) => value !== null);
  return when?.in?.filter((value) => value !== null);
}

/** The values whose text a name is. */
function readingsOf(name: string): readonly Scalar[] {
  const number = Number(name);
  const numbers = Number.isFinite(number) && String(number) === name ? [number] : [];
  return [name, ...numbers, ...(name === "true" || name === "false" ? [name === "true"] : [])];
}

function covers(earlier: Matcher, later: Matcher): boolean {
  const outer = rangeOf(earlier);
  const inner = rangeOf(later);
  if (outer !== undefined && inner !== undefined) return outer.min <= inner.min && outer.max >= inner.max;
  return canonicalJson(matcherDetail(earlier)) === canonicalJson(matcherDetail(later));
}

function rangeOf({ min, max }: Matcher): { readonly min: number; readonly max: number } | undefined {
  if (min === undefined && max === undefined) return undefined;
  return { min: min ?? Number.NEGATIVE_INFINITY, max: max ?? Number.POSITIVE_INFINITY };
}
