// A check: its value is true, or it fails with its message and so does what stands behind it. It runs though no output needs it.

import { toMilliseconds } from "../graph/duration.ts";
import type { NodeFinding } from "../graph/graph.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { MaybePromise, Needs, Node, Values } from "../graph/node.ts";
import { ValueError } from "../graph/value-error.ts";
import type { CallContext, NeedValues } from "../graph/work.ts";
import type { JsonObject } from "../json.ts";
import { shownAnswer } from "./callback.ts";
import { readCode, type ReadCode } from "./code.ts";
import { CALL_FORMS, EXECUTOR, NEEDS, optional, type KindForm } from "./form.ts";
import { namesOf, badOption, checkCallOptions, retryPolicy, untyped, type AuthorContext, type CallOptions, type NodeKind } from "./kind.ts";
import { checkMatcher, describeMatcher, isMatch, matcherDetail, type Matcher } from "./matcher.ts";

interface GuardBase<N extends Needs> extends CallOptions {
  readonly needs: N;
  /** What is told when it does not hold; without it the guard's name, and for matchers what was wanted and what was found. */
  readonly message?: string | ((needs: Values<N>) => string);
}

/** A guard has a function (or an executor without capabilities) that gives true or false, or matchers that must all hold. */
export type GuardOptions<N extends Needs> =
  | (GuardBase<N> & { readonly check: (needs: Values<N>, context: AuthorContext) => MaybePromise<boolean>; readonly where?: undefined })
  | (GuardBase<N> & { readonly where: { readonly [P in keyof N]?: Matcher<Values<N>[P]> }; readonly check?: undefined });

export interface GuardMethods {
  /** Checks values. Its own value is true; otherwise it fails with `guard_failed`, and the run with it. It runs though nothing needs it. */
  guard<N extends Needs>(name: string, options: GuardOptions<N>): Node<true>;
}

/** A guard without its author's types. */
interface Check {
  readonly holds: (needs: NeedValues, context: CallContext) => unknown;
  /** Why it does not hold, for a guard without a message. */
  readonly reason: (needs: NeedValues) => string;
  readonly detail: JsonObject;
  readonly lines: readonly string[];
  readonly named: ReadCode["named"];
  readonly findings: readonly NodeFinding[];
}

export const guard: NodeKind<GuardMethods> = {
  kind: "guard",
  methods: ({ declare }) => ({
    guard: (name, options) => {
      const needs = namesOf(options.needs);
      const check = checkOf(name, options, needs);
      const { message } = options;
      const told = typeof message === "function" ? untyped(message) : () => message;
      const judge = (holds: unknown, values: NeedValues): true => {
        if (holds === true) return true;
        if (holds !== false) throw notBoolean(name, holds);
        throw new ValueError("guard_failed", messageOf(told, values, `guard "${name}" ${check.reason(values)}`), {
          details: { guard: name },
        });
      };
      return declare({
        kind: "guard",
        name,
        needs: options.needs,
        options,
        behaviour: {
          work: {
            type: "call",
            outside: false,
            run: (values, context) => {
              const holds = check.holds(values, context);
              return holds instanceof Promise ? holds.then((settled) => judge(settled, values)) : judge(holds, values);
            },
          },
          detail: check.detail,
          picture: { shape: "check", lines: check.lines },
          gives: { const: true },
          always: true,
          onChange: "again",
          timeoutMs: options.timeout === undefined ? undefined : toMilliseconds(options.timeout),
          retry: retryPolicy(options.retry),
          check: () => [...checkCallOptions(options), ...check.findings, ...checkMessage(message)],
          ...(check.named.executor === undefined ? {} : { executor: check.named.executor }),
          declared: () => options,
        },
      });
    },
  }),
};

function checkOf<N extends Needs>(name: string, options: GuardOptions<N>, needs: readonly string[]): Check {
  if (options.check !== undefined && options.where === undefined) {
    const { call, ...code } = readCode(options.check, { option: "check", outside: false, needs });
    return { ...code, holds: call, reason: () => "does not hold" };
  }
  // Each fits the value of its need, which is known in a run only; what is no matcher is a finding.
  const where = (options.where ?? {}) as Readonly<Record<string, Matcher | undefined>>;
  const matchers = Object.entries(where).flatMap(([local, matcher]) => (matcher === undefined ? [] : [{ local, matcher }]));
  const unfit = (values: NeedValues) => matchers.filter(({ local, matcher }) => !isMatch(matcher, values[local]));
  const findings = checkWhere(options, matchers, needs);
  // A matcher with findings never runs, and may be anything.
  const sound = findings.length === 0 ? matchers : [];
  return {
    holds: (values) => unfit(values).length === 0,
    reason: (values) =>
      unfit(values)
        .map(({ local, matcher }) => `wants ${local} to be ${describeMatcher(matcher)}, and it is ${short(values[local])}`)
        .join("; it "),
    detail: { where: Object.fromEntries(sound.map(({ local, matcher }) => [local, matcherDetail(matcher)])) },
    lines: sound.map(({ local, matcher }) => `${local}: ${describeMatcher(matcher)}`),
    named: {},
    findings,
  };
}

function checkWhere<N extends Needs>(
  { check, where }: GuardOptions<N>,
  matchers: readonly { readonly local: string; readonly matcher: unknown }[],
  needs: readonly string[],
): NodeFinding[] {
  const hint = "Give check, a function of the needs, or where, a matcher for each need that is looked at.";
  if (check !== undefined) return [badOption("has both check and where", hint)];
  if (where === undefined) return [badOption("has neither check nor where", hint)];
  if (matchers.length === 0) return [badOption("where has no matchers", hint)];
  return matchers.flatMap(({ local, matcher }) =>
    needs.includes(local)
      ? checkMatcher(`where.${local}`, matcher)
      : [badOption(`where has "${local}", which is none of its needs`, didYouMean(local, needs))],
  );
}

function checkMessage(message: unknown): NodeFinding[] {
  if (message === undefined || typeof message === "function" || (typeof message === "string" && message !== "")) return [];
  return [
    badOption(
      `message is ${message === "" ? "empty" : `of type ${typeof message}`}`,
      "Give a text, or a function of the needs that gives one.",
    ),
  ];
}

/** The author's message. One that cannot be made must not hide that the guard failed. */
function messageOf(told: (needs: NeedValues) => unknown, values: NeedValues, reason: string): string {
  try {
    const message = told(values);
    if (message === undefined) return reason;
    return typeof message === "string" && message !== "" ? message : `${reason} (its message gave ${shownAnswer(message)})`;
  } catch (error) {
    return `${reason} (its message threw: ${error instanceof Error ? error.message : shownAnswer(error)})`;
  }
}

function notBoolean(name: string, given: unknown): ValueError {
  return new ValueError("not_a_boolean", `guard "${name}": its check gave ${resultShown(given)}, and must give true or false`, {
    fix: "Compare explicitly: `value !== null`, `list.length > 0`.",
  });
}

function resultShown(given: unknown): string {
  if (given === undefined || given === null) return String(given);
  return typeof given === "string" || typeof given === "number" ? short(given) : `a value of type ${typeof given}`;
}

const SHOWN_LIMIT = 80;

/** A value as JSON, cut after 80 characters. */
function short(value: unknown): string {
  const text = value === undefined ? "nothing" : (JSON.stringify(value) ?? `a ${typeof value}`);
  return text.length <= SHOWN_LIMIT ? text : `${text.slice(0, SHOWN_LIMIT)}…`;
}

export const guardForm: KindForm = {
  about: "Passes true, or fails the run: an executor that gives true or false (check), or matchers that must all hold (where).",
  options: {
    needs: NEEDS,
    check: optional(EXECUTOR),
    where: optional({ type: "map", of: { type: "matcher" }, about: "Matchers by need." }),
    message: optional({ type: "text", about: "What is told when it does not hold." }),
    ...CALL_FORMS,
  },
  guards: ["check", "where", "message"],
  declare: (g, name, options) => g.guard(name, options),
};
