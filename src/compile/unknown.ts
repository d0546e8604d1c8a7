// What keeps the cost of a run from being known beforehand, which of it weighs most, and what would make it known. Pure.

import type { Span } from "./amount.ts";

/** Something nobody knows before the run. */
export interface Unknown {
  readonly code: "children_unknown" | "price_unknown" | "model_unknown" | "prompt_unknown" | "too_many_nodes";
  /** The node it is about; for a price the first one that asks this model. */
  readonly path: string | null;
  readonly model: string | null;
  /** As a noun: `how many children "posts" will have`. */
  readonly message: string;
  /** What would make it known, or bound what it may come to. */
  readonly fix: string;
}

/** Many more nodes than are listed. */
export const TOO_MANY_NODES: Unknown = {
  code: "too_many_nodes",
  path: null,
  model: null,
  message: "more nodes than can be listed",
  fix: "Look at the contracts of its children one by one; a budget caps what a run may cost.",
};

/** A node whose number of children is not known; `input` is the run's input that would tell it. */
export interface Uncounted {
  readonly path: string;
  readonly input: string | undefined;
}

export function childrenUnknown({ path, input }: Uncounted): Unknown {
  return {
    code: "children_unknown",
    path,
    model: null,
    message: `how many children "${path}" will have`,
    fix:
      input === undefined
        ? "What they are made of comes up in the run: a budget caps what it may cost."
        : `Give the input ${input}: its items are counted.`,
  };
}

export function modelUnknown(path: string): Unknown {
  return {
    code: "model_unknown",
    path,
    model: null,
    message: `which model "${path}" asks`,
    fix: 'Give the node a model, or the project a default one: model: "provider:name".',
  };
}

export function priceUnknown(path: string, model: string): Unknown {
  return {
    code: "price_unknown",
    path,
    model,
    message: `the price of ${model}`,
    fix: `Add it to prices, in US dollars for a million tokens: models: { ${JSON.stringify(model)}: { input: …, output: … } }.`,
  };
}

export function promptUnknown(path: string, isFunction: boolean): Unknown {
  return {
    code: "prompt_unknown",
    path,
    model: null,
    message: `how long the prompt of "${path}" is${isFunction ? ": a function makes it" : ": it is filled in the run"}`,
    fix: `Say about how many tokens it has: --prompt-tokens, or promptTokens${isFunction ? "; of a prompt file the fixed text is counted" : ""}.`,
  };
}

/** What an unknown keeps from being known: how often a node runs, and the most that each run of it gives. */
export interface Weighed {
  readonly unknown: Unknown;
  readonly times: Span;
  readonly outputTokens: Span;
}

/** Each once, what weighs most first: what has no bound at all before the rest, and of the rest that behind which most is asked. */
export function biggestFirst(found: readonly Weighed[]): readonly Unknown[] {
  const weights = new Map<string, { readonly unknown: Unknown; weight: number }>();
  for (const { unknown, times, outputTokens } of found) {
    const known = weights.get(unknown.message) ?? { unknown, weight: 0 };
    const isUnbounded = times.high === null || outputTokens.high === null;
    known.weight += isUnbounded && unknown.code === "children_unknown" ? Number.POSITIVE_INFINITY : (outputTokens.high ?? outputTokens.low);
    weights.set(unknown.message, known);
  }
  // Without a price or a model nothing of a call's cost is known; of one whose prompt is not known, what it gives is.
  const rank = ({ code }: Unknown) => (code === "children_unknown" ? 0 : code === "prompt_unknown" ? 2 : 1);
  const all = [...weights.values()];
  return all.toSorted((a, b) => rank(a.unknown) - rank(b.unknown) || heavier(a.weight, b.weight)).map(({ unknown }) => unknown);
}

function heavier(a: number, b: number): number {
  return a === b ? 0 : a > b ? -1 : 1;
}
