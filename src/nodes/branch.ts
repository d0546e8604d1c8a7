// Runs exactly one case, a child. The callback `on` only chooses; what stands inside the cases is known before anything runs.

import type { Graph, NodeFinding } from "../graph/graph.ts";
import type { Needs, Node, Values } from "../graph/node.ts";
import type { SettledChild } from "../graph/work.ts";
import { InputError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { didYouMean } from "../graph/nearest.ts";
import { reviveCollections } from "./collection-result.ts";
import { checkChildInputs, type Child, type ChildDefinition, type ChildValue } from "./child.ts";
import { codeOf, type CommonOptions, type NodeKind, RUNS_NO_CODE, untyped } from "./kind.ts";

export interface BranchOptions<N extends Needs, K extends string, C extends Child<N, Values<N>>> extends CommonOptions {
  readonly needs: N;
  /** Names the case to run. */
  readonly on: (needs: Values<N>) => K;
  /** One child for every value `on` can give, and no other. */
  readonly cases: { readonly [P in K]: C };
}

export interface BranchMethods {
  /** Runs the case that `on` names; the node's type is the union of what the cases give. */
  branch<N extends Needs, K extends string, C extends Child<N, Values<N>>>(
    name: string,
    options: BranchOptions<N, K, C>,
  ): Node<ChildValue<C>>;
}

export const branch: NodeKind<BranchMethods> = {
  kind: "branch",
  methods: ({ declare, child }) => ({
    branch: (name, options) => {
      const locals = Object.keys(options.needs);
      const cases = Object.entries<ChildDefinition>(options.cases);
      const parts = Object.fromEntries(cases.map(([part, definition]) => [part, child(name, part, definition, locals)]));
      const choose = untyped(options.on);
      return declare({
        kind: "branch",
        name,
        needs: options.needs,
        options,
        behaviour: {
          work: {
            type: "children",
            parts,
            list: (needs) => {
              const part = choose(needs);
              // What a model said may choose: "toString" is no case, though every object has one.
              if (!Object.hasOwn(parts, part)) throw noSuchCase(name, part, Object.keys(parts));
              return { part, keys: [part] };
            },
            inputs: (needs) => needs,
            correlation: () => ({}),
            concurrency: 1,
            failFast: true,
            outcome: onlyValue,
          },
          detail: { on: codeOf(options.on), cases: Object.keys(parts) },
          picture: { shape: "choice", lines: [] },
          ...RUNS_NO_CODE,
          check: () => checkCases(parts, locals),
          revive: reviveCollections,
        },
      });
    },
  }),
};

/** Paths write a case in brackets after its node, so its name holds none of their signs. */
const CASE_NAME = /^[^[\]/]{1,100}$/;

function checkCases(parts: Readonly<Record<string, Graph>>, needs: readonly string[]): NodeFinding[] {
  const findings: NodeFinding[] = [];
  if (needs.length === 0 || Object.keys(parts).length === 0) {
    findings.push({
      code: "no_cases",
      severity: "error",
      message: "has no cases to choose from, or nothing to choose by",
      hint: "Give needs and cases.",
    });
  }
  for (const [part, graph] of Object.entries(parts)) {
    if (!CASE_NAME.test(part))
      findings.push({
        code: "bad_name",
        severity: "error",
        message: `"${part}" is no name for a case`,
        hint: "A case has 1 to 100 characters, and no [, ] or /.",
      });
    findings.push(...checkChildInputs(part, graph, needs, { exact: false }));
  }
  return findings;
}

/** The value of a node that has just one child. */
export function onlyValue(settled: readonly SettledChild[]): JsonValue {
  const [child] = settled;
  return child?.status === "succeeded" ? child.value : null;
}

function noSuchCase(name: string, part: string, known: readonly string[]): InputError {
  return new InputError("no_such_case", `branch "${name}": on gave "${part}", and there is no such case`, { fix: didYouMean(part, known) });
}
