// A condition on one JSON scalar, as data: it can be shown, hashed and written in a document. Knows nothing of guards and branches.

import type { NodeFinding } from "../graph/graph.ts";
import { handleInside } from "../graph/handle.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { JsonObject, JsonValue } from "../json.ts";

/** What a matcher compares: the JSON values that hold no others. */
export type Scalar = string | number | boolean | null;

/** What of a value's type can be compared; all scalars where the type is not known. */
type Comparable<T> = unknown extends T ? Scalar : Extract<T, Scalar>;

/** `Option` where the value may be of type `S`, else nothing that could be written. */
type Where<T, S extends Scalar, Option> = [Extract<Comparable<T>, S>] extends [never] ? undefined : Option;

/**
 * A condition on a value of type `T`; exactly one of them: equal to a value, equal to one of several, text that a regular expression finds
 * (without the flags `g` and `y`), a number in a range whose ends belong to it.
 */
export type Matcher<T = unknown> =
  | {
      readonly eq: Comparable<T>;
      readonly in?: undefined;
      readonly matches?: undefined;
      readonly min?: undefined;
      readonly max?: undefined;
    }
  | {
      readonly in: readonly Comparable<T>[];
      readonly eq?: undefined;
      readonly matches?: undefined;
      readonly min?: undefined;
      readonly max?: undefined;
    }
  | {
      readonly matches: Where<T, string, RegExp | string>;
      readonly eq?: undefined;
      readonly in?: undefined;
      readonly min?: undefined;
      readonly max?: undefined;
    }
  | {
      readonly min?: Where<T, number, number> | undefined;
      readonly max?: Where<T, number, number> | undefined;
      readonly eq?: undefined;
      readonly in?: undefined;
      readonly matches?: undefined;
    };

const OPTIONS = ["eq", "in", "matches", "min", "max"] as const;
const EXAMPLES = 'Give one of { eq: "a" }, { in: ["a", "b"] }, { matches: /^a/ } and { min: 1, max: 9 }.';

/** Finds what is wrong with a matcher; `at` is where it stands, for example `where.amount`. */
export function checkMatcher(at: string, matcher: unknown): NodeFinding[] {
  const handle = handleInside(matcher);
  if (handle !== undefined) {
    return [
      {
        code: "handle_as_value",
        severity: "error",
        message: `${at}${handle.at} is the handle "${handle.name}"`,
        hint: "A matcher compares with literals. Compare two nodes with a function of both.",
      },
    ];
  }
  if (typeof matcher !== "object" || matcher === null || Array.isArray(matcher) || matcher instanceof RegExp)
    return [bad(`${at} is ${shown(matcher)} and no matcher`, EXAMPLES)];
  const given = Object.entries(matcher).filter(([, value]) => value !== undefined);
  const unknown = given.filter(([key]) => !OPTIONS.some((option) => option === key));
  if (unknown.length > 0) return unknown.map(([key]) => bad(`${at} has "${key}", which no matcher has`, didYouMean(key, OPTIONS)));
  const keys = given.map(([key]) => key);
  if (keys.length === 0) return [bad(`${at} says nothing to match`, EXAMPLES)];
  if (keys.length > 1 && keys.some((key) => key !== "min" && key !== "max"))
    return [bad(`${at} has ${keys.map((key) => `"${key}"`).join(" and ")}`, `Exactly one is possible. ${EXAMPLES}`)];
  return [...given.flatMap(([key, value]) => checkOption(`${at}.${key}`, key, value)), ...checkRange(at, matcher)];
}

function checkOption(at: string, key: string, value: unknown): NodeFinding[] {
  switch (key) {
    case "eq":
      return isScalar(value) ? [] : [bad(`${at} is ${shown(value)}`, "Only text, finite numbers, true, false and null can be compared.")];
    case "in":
      if (!Array.isArray(value) || value.length === 0)
        return [bad(`${at} is ${Array.isArray(value) ? "an empty list" : shown(value)}`, "Give a list of the values that match.")];
      return value.flatMap((member: unknown, index) => checkOption(`${at}[${index}]`, "eq", member));
    case "matches":
      return checkPattern(at, value);
    default:
      return typeof value === "number" && Number.isFinite(value) ? [] : [bad(`${at} is ${shown(value)}`, "Give a finite number.")];
  }
}

function checkPattern(at: string, value: unknown): NodeFinding[] {
  if (value instanceof RegExp) {
    return value.global || value.sticky
      ? [bad(`${at} has the flag ${value.global ? "g" : "y"}`, "It makes each match depend on the one before; leave it out.")]
      : [];
  }
  if (typeof value !== "string") return [bad(`${at} is ${shown(value)}`, "Give a regular expression, or one as text.")];
  try {
    new RegExp(value);
    return [];
  } catch (error) {
    return [bad(`${at} is no regular expression: ${error instanceof Error ? error.message : value}`, "Give one as RegExp takes it.")];
  }
}

function checkRange(at: string, matcher: object): NodeFinding[] {
  const { min, max } = matcher as { readonly min?: unknown; readonly max?: unknown };
  if (typeof min !== "number" || typeof max !== "number" || !(min > max)) return [];
  return [bad(`${at}.min is ${min} and ${at}.max is ${max}`, "No number is in that range: exchange them.")];
}

/** True when the value fits. Values are equal when type and value are; only text is matched, only numbers are in a range. */
export function isMatch(matcher: Matcher, value: unknown): boolean {
  if (matcher.eq !== undefined) return value === matcher.eq;
  if (matcher.in !== undefined) return matcher.in.some((member) => member === value);
  if (matcher.matches !== undefined) return typeof value === "string" && expressionOf(matcher.matches).test(value);
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = matcher;
  return typeof value === "number" && value >= min && value <= max;
}

const DESCRIPTION_LIMIT = 80;

/** The matcher in words that follow "to be", up to 80 characters: `"a"`, `one of "a", "b"`, `text matching /^a/`, `from 1 to 9`. */
export function describeMatcher(matcher: Matcher): string {
  const text = describe(matcher);
  return text.length <= DESCRIPTION_LIMIT ? text : `${text.slice(0, DESCRIPTION_LIMIT - 1)}…`;
}

function describe(matcher: Matcher): string {
  if (matcher.eq !== undefined) return JSON.stringify(matcher.eq);
  if (matcher.in !== undefined) return `one of ${matcher.in.map((member) => JSON.stringify(member)).join(", ")}`;
  if (matcher.matches !== undefined) return `text matching ${String(expressionOf(matcher.matches))}`;
  const { min, max } = matcher;
  if (min === undefined) return `at most ${max}`;
  return max === undefined ? `at least ${min}` : `from ${min} to ${max}`;
}

/** The matcher as JSON, for fingerprints and documents: a regular expression as `{ source, flags }`, everything else as it is. */
export function matcherDetail(matcher: Matcher): JsonObject {
  const { eq, in: members, matches, min, max } = matcher;
  const detail: Readonly<Record<string, JsonValue | undefined>> = { eq, in: members, matches: patternDetail(matches), min, max };
  const given = Object.entries(detail).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
  return Object.fromEntries(given);
}

function patternDetail(matches: RegExp | string | undefined): JsonValue | undefined {
  return matches instanceof RegExp ? { source: matches.source, flags: matches.flags } : matches;
}

function expressionOf(matches: RegExp | string): RegExp {
  return typeof matches === "string" ? new RegExp(matches) : matches;
}

function isScalar(value: unknown): value is Scalar {
  return value === null || typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value));
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value instanceof RegExp) return String(value);
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "number" || value === null || value === undefined ? `${value}` : `a ${typeof value}`;
}

function bad(message: string, hint: string): NodeFinding {
  return { code: "bad_matcher", severity: "error", message, hint };
}
