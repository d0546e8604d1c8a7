// What a branch chooses by: a text, a number or a boolean, from a function of the needs or from a path into them. Knows no cases.

import type { NodeFinding } from "../graph/graph.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { Needs, value } from "../graph/node.ts";
import { ValueError } from "../graph/value-error.ts";
import type { NeedValues } from "../graph/work.ts";
import { answerOf, shownAnswer } from "./callback.ts";
import { badOption, codeOf } from "./kind.ts";

/** What `on` may give. Cases are named by its text: `approve`, `200`, `true`. */
export type Choice = string | number | boolean;

/** What a path leads to; any text where there is no such path, so that the error stands at the path. */
export type ChoiceAt<N extends Needs, P extends string> = P extends `${infer Head}.${infer Rest}`
  ? Head extends keyof N
    ? ChoiceIn<N[Head][typeof value], Rest>
    : string
  : P extends keyof N
    ? ChoiceOf<N[P][typeof value]>
    : string;

type ChoiceIn<V, P extends string> = P extends `${infer Head}.${infer Rest}`
  ? Head extends keyof V
    ? ChoiceIn<V[Head], Rest>
    : string
  : P extends keyof V
    ? ChoiceOf<V[P]>
    : string;

type ChoiceOf<V> = [V] extends [Choice] ? V : string;

/** The path when it leads to a choice, else what could stand in its place. */
export type PathIn<V, P extends string, Before extends string = ""> = P extends `${infer Head}.${infer Rest}`
  ? Head extends keyof V
    ? PathIn<V[Head], Rest, `${Before}${Head}.`>
    : `${Before}${keyof V & string}`
  : P extends keyof V
    ? V[P] extends Choice
      ? `${Before}${P}`
      : `${Before}${P}.${keyof V[P] & string}`
    : `${Before}${keyof V & string}`;

/** What `on` is, read once. */
export interface Chooser {
  /** @throws ValueError `bad_choice`, and whatever the author's function throws */
  readonly choose: (needs: NeedValues) => Choice;
  /** For the fingerprint: the path, or the function's source text. */
  readonly detail: string;
  /** The path, when it is one. */
  readonly path: string | undefined;
  readonly findings: readonly NodeFinding[];
}

/** Reads `on` of a branch whose needs have these names. */
export function readChooser(branch: string, on: unknown, needs: readonly string[]): Chooser {
  if (typeof on === "string") {
    const steps = on.split(".");
    return {
      choose: (values) => choiceOf(branch, walk(branch, on, steps, values)),
      detail: on,
      path: on,
      findings: checkPath(steps, needs),
    };
  }
  if (typeof on === "function") {
    // The builder's types made sure that the function takes the values of the node's needs.
    const choose = on as (needs: NeedValues) => unknown;
    return {
      choose: (values) =>
        choiceOf(
          branch,
          answerOf("on", () => choose(values)),
        ),
      detail: codeOf(choose),
      path: undefined,
      findings: [],
    };
  }
  const finding = badOption(
    `on is of type ${on === null ? "null" : typeof on}`,
    'Give a function of the needs, or a path into them: "review.decision".',
  );
  return { choose: () => "", detail: "", path: undefined, findings: [finding] };
}

function checkPath(steps: readonly string[], needs: readonly string[]): NodeFinding[] {
  const [first = ""] = steps;
  if (steps.includes("")) return [badOption(`on is the path "${steps.join(".")}"`, 'Give a need and keys: "review.decision".')];
  return needs.includes(first) ? [] : [badOption(`on reads the need "${first}", and there is none`, didYouMean(first, needs))];
}

function walk(branch: string, path: string, steps: readonly string[], needs: NeedValues): unknown {
  let at: unknown = needs;
  for (const step of steps) {
    const members: Readonly<Record<string, unknown>> | undefined = hasMember(at, step) ? at : undefined;
    if (members === undefined) {
      const known = typeof at === "object" && at !== null && !Array.isArray(at) ? Object.keys(at) : [];
      throw new ValueError("bad_choice", `branch "${branch}": on reads "${path}", and there is no "${step}"`, {
        fix: didYouMean(step, known),
        details: { path },
      });
    }
    at = members[step];
  }
  return at;
}

function hasMember(value: unknown, step: string): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.hasOwn(value, step);
}

function choiceOf(branch: string, given: unknown): Choice {
  if (typeof given === "string" || typeof given === "boolean" || (typeof given === "number" && Number.isFinite(given))) return given;
  const isPromise = given instanceof Promise;
  throw new ValueError("bad_choice", `branch "${branch}": on gave ${shownAnswer(given)}`, {
    fix: isPromise
      ? "It must answer at once: make the value in a node before the branch."
      : "It must give a text, a finite number or a boolean.",
  });
}
