// Runs a child again on its own outcome until a condition holds. Each round is a child run; there are never more than `max`.

import type { Contract } from "../graph/contract.ts";
import type { NodeFinding } from "../graph/graph.ts";
import type { Needs, Node, Simplify } from "../graph/node.ts";
import { ValueError } from "../graph/value-error.ts";
import type { SettledChild } from "../graph/work.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { answerOf, shownAnswer } from "./callback.ts";
import { checkChildInputs, type ChildValue } from "./child.ts";
import { reviveCollections } from "./collection-result.ts";
import { NEEDS, optional, type KindForm } from "./form.ts";
import type { GraphBuilder } from "./index.ts";
import { badOption, givesOf, type CommonOptions, type NodeKind, RUNS_NO_CODE } from "./kind.ts";
import { readUntil, type UntilMatchers } from "./until.ts";

/** The handles of a round: what the round before gave, under the name `as` gives it, and those of `with`. */
type RoundHandles<T, As extends string, W extends Needs> = Simplify<W & { readonly [P in As]: Node<T> }>;

/** Handles of a value's members: what an inline definition may give instead of one handle. */
type Members<T> = T extends object ? { readonly [P in keyof T]: Node<T[P]> } : never;

/** What runs in each round: an inline definition, or a contract whose inputs are `as` and those of `with`. What it gives is what the next round is given. */
export type Round<T, As extends string, W extends Needs> =
  | ((g: GraphBuilder, handles: RoundHandles<T, As, W>) => Node<T> | Members<T>)
  | Contract<never, T>;

export interface RepeatOptions<T, As extends string, W extends Needs, C extends Round<T, As, W>> extends CommonOptions {
  /** What the first round is given. */
  readonly from: Node<T>;
  /** The name under which a round is given what the one before gave. */
  readonly as: As;
  /** What every round gets besides. */
  readonly with?: W;
  readonly child: C;
  /** Whether this was the last round; asked after each with what it gave: a function (`round` counts from 1), or matchers. */
  readonly until: ((outcome: ChildValue<C>, round: number) => boolean) | UntilMatchers<ChildValue<C>>;
  /** Rounds at most, 1 to 10,000. */
  readonly max: number;
  /** When `max` rounds were not enough: fail with `repeat_exhausted` (default), or take what the last one gave. */
  readonly onMax?: "fail" | "take";
}

export interface RepeatMethods {
  /** Runs `child` on its own outcome until `until` says so; the node's value is what the last round gave. */
  repeat<T, As extends string, C extends Round<T, As, W>, W extends Needs = {}>(
    name: string,
    options: RepeatOptions<T, As, W, C>,
  ): Node<ChildValue<C>>;
}

const PART = "round";
const FROM = "from";
const MAX_LIMIT = 10_000;

export const repeat: NodeKind<RepeatMethods> = {
  kind: "repeat",
  methods: ({ declare, child }) => ({
    repeat: (name, options) => {
      const { max, onMax = "fail" } = options;
      const shared: Needs = options.with ?? {};
      const given = [...new Set([...Object.keys(shared), options.as])];
      const graph = child(name, PART, options.child, given);
      const until = readUntil(options.until);
      return declare({
        kind: "repeat",
        name,
        needs: { ...shared, [FROM]: options.from },
        options,
        behaviour: {
          work: {
            type: "children",
            parts: { [PART]: graph },
            list: () => ({ part: PART, keys: ["1"] }),
            more: (_needs, settled) => {
              const round = settled.length;
              const outcome = settled.at(-1);
              // A failed round fails the node, which the core sees to.
              if (
                outcome?.status !== "succeeded" ||
                holds(
                  name,
                  answerOf("until", () => until.holds(reviveCollections(outcome.value), round), ` after round ${round}`),
                )
              )
                return [];
              if (round < max) return [String(round + 1)];
              if (onMax === "take") return [];
              throw new ValueError("repeat_exhausted", `repeat "${name}": after ${max} rounds, until still says no`, {
                fix: 'Raise max, change until, or give onMax: "take" to go on with what the last round gave.',
                details: { rounds: max },
              });
            },
            inputs: (needs, key, settled) => inputsOf(needs, options.as, settled.get(String(Number(key) - 1))),
            correlation: () => ({}),
            concurrency: 1,
            failFast: true,
            outcome: lastValue,
          },
          detail: { as: options.as, until: until.detail, max, onMax },
          picture: { shape: "loop", lines: [`at most ${max} rounds`] },
          ...RUNS_NO_CODE,
          forecast: { type: "rounds", from: FROM, as: options.as, atMost: max },
          ...givesOf(graph),
          check: () => [
            ...checkRepeat(max, shared, options.as),
            ...until.findings,
            ...checkChildInputs(PART, graph, given, { exact: true }),
          ],
          revive: reviveCollections,
          declared: () => ({ ...options, child: graph }),
        },
      });
    },
  }),
};

function holds(name: string, answer: unknown): boolean {
  if (typeof answer === "boolean") return answer;
  throw new ValueError(
    "not_a_boolean",
    `repeat "${name}": until gave ${typeof answer === "string" ? `the string ${shownAnswer(answer)}` : shownAnswer(answer)}, and must give true or false`,
    {
      fix: "Compare explicitly: `score >= 0.8`.",
    },
  );
}

function inputsOf({ [FROM]: from, ...rest }: JsonObject, as: string, before: SettledChild | undefined): JsonObject {
  return { ...rest, [as]: before?.status === "succeeded" ? before.value : (from ?? null) };
}

function lastValue(settled: readonly SettledChild[]): JsonValue {
  const last = settled.at(-1);
  return last?.status === "succeeded" ? last.value : null;
}

function checkRepeat(max: number, shared: Needs, as: string): NodeFinding[] {
  return [
    ...(Number.isInteger(max) && max >= 1 && max <= MAX_LIMIT
      ? []
      : [badOption(`max is ${max}`, `Give a whole number from 1 to ${MAX_LIMIT}.`)]),
    ...[FROM, as]
      .filter((local) => local in shared)
      .map((local) => badOption(`with has "${local}", which the repeat itself gives`, "Give it another name.")),
  ];
}

export const repeatForm: KindForm = {
  about: "Runs a child again on its own outcome until a condition holds; the child's input `as` is what the round before gave.",
  options: {
    from: { type: "node", about: "What the first round is given." },
    as: { type: "text" },
    with: optional(NEEDS),
    child: { type: "child" },
    until: {
      type: "either",
      of: [
        { type: "object", members: { is: { type: "matcher" } } },
        { type: "object", members: { where: { type: "map", of: { type: "matcher" } } } },
      ],
    },
    max: { type: "number" },
    onMax: optional({ type: "text", values: ["fail", "take"] }),
  },
  given: ["with", "as"],
  declare: (g, name, options) => g.repeat(name, options),
};
