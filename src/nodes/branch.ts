// Runs exactly one case, a child. `on` only chooses; what stands inside the cases is known before anything runs.

import type { Graph, NodeFinding } from "../graph/graph.ts";
import type { Needs, Node, Values } from "../graph/node.ts";
import type { SettledChild } from "../graph/work.ts";
import type { JsonValue } from "../json.ts";
import { caseLines, casesDetail, checkCases, chooseCase, DEFAULT_CASE, readCases, type Case, type MatcherCase } from "./case.ts";
import { checkChildInputs, type Child, type ChildDefinition, type ChildValue } from "./child.ts";
import { readChooser, type Choice, type ChoiceAt, type PathIn } from "./choice.ts";
import { reviveCollections } from "./collection-result.ts";
import { NEEDS, optional, type KindForm, type OptionForm } from "./form.ts";
import { namesOf, type CommonOptions, type NodeKind, givesOf, RUNS_NO_CODE } from "./kind.ts";

/** What may stand as a case. */
type CaseOf<C> = C | MatcherCase<C>;

// The type parameters: what the needs are (N), what `on` gives (K) or the path it is (P), the names of the cases and what they are (C), the default (D),
// and Absent, which is "default" where there is none. Absent is inferred from the keys of the default, which a function has none of: whether there is
// a default is known so before the types inside it are. Conditions on `cases` itself would be worked out anew for every parameter of every case, so
// there are none.

/** The names that must be there: without a default all that `on` may give. */
type Required<K extends Choice, Absent> = `${K}` & AnyName[Absent & "default"];

interface AnyName {
  readonly default: string;
}

/** The names that may be there: a default makes room for those of conditions. */
type Known<K extends Choice, Absent> = ["default"] extends [Absent] ? `${K}` | (K & number) : string | number;

/** Told at `on` when it may give more than names can list, and there is no default; and when it is a path that leads to no choice. */
type CheckOpen<N extends Needs, P extends string, Absent> = [P] extends [never]
  ? NeedsDefault<Absent>
  : P extends PathIn<Values<N>, P>
    ? NeedsDefault<Absent>
    : PathIn<Values<N>, P>;

type NeedsDefault<Absent> = "default" extends Absent ? DefaultIsMissing : unknown;

interface DefaultIsMissing {
  readonly default: "on may give more than the cases name";
}

/** Told at the default, since without conditions a case of another name would never be taken. */
type CheckNames<K extends Choice, Names extends string | number, C> = [Extract<C, MatcherCase<unknown>>] extends [never]
  ? [K] extends [never]
    ? unknown
    : [`${Names}`] extends [`${K}`]
      ? unknown
      : NeverGiven<Exclude<`${Names}`, `${K}`>>
  : unknown;

interface NeverGiven<Name> {
  readonly "on never gives": Name;
}

export interface BranchOptions<
  N extends Needs,
  K extends Choice,
  P extends string,
  Names extends string | number,
  C extends CaseOf<Child<N, Values<N>>>,
  D,
  Absent extends PropertyKey,
> extends CommonOptions {
  readonly needs: N;
  /** What to choose by: a function of the needs, or a path into them, such as `"review.decision"`. */
  readonly on: (((needs: Values<N>) => K) | `${P}`) &
    (string extends K ? NoInfer<CheckOpen<N, P, Absent>> : number extends K ? NoInfer<CheckOpen<N, P, Absent>> : unknown);
  /**
   * Children by name. A child by itself takes the value whose text its name is; `{ when, run }` takes those that fit. They are tried in the order
   * they are declared, except that JavaScript puts names that are whole numbers first.
   */
  readonly cases: { readonly [Q in Names]: C } & { readonly [Q in Required<K, Absent>]: unknown };
  /** Takes what no case does. Needed for conditions, and when `on` may give any text or number. */
  readonly default?: D & Child<N, Values<N>> & { readonly [Q in Absent]?: unknown } & CheckNames<K, Names, C>;
}

export interface BranchMethods {
  /** Runs the first case that takes what `on` gives, else the default; the node's type is the union of what they give. */
  branch<
    N extends Needs,
    D,
    C extends CaseOf<Child<N, Values<N>>>,
    Names extends Known<K, Absent>,
    P extends string = never,
    K extends Choice = ChoiceAt<N, P>,
    Absent extends PropertyKey = "default",
  >(name: string, options: BranchOptions<N, K, P, Names, C, D, Absent>): Node<ChildValue<C> | ChildValue<D>>;
}

const NOTE_LIMIT = 1_000;

export const branch: NodeKind<BranchMethods> = {
  kind: "branch",
  methods: ({ declare, child }) => ({
    branch: (name, options) => {
      const locals = namesOf(options.needs);
      const chooser = readChooser(name, options.on, locals);
      const cases = readCases(options.cases);
      const fallback: ChildDefinition | undefined = options.default;
      const hasDefault = fallback !== undefined;
      const children = [
        ...cases.map((each) => [each.name, each.definition] as const),
        ...(hasDefault ? [[DEFAULT_CASE, fallback] as const] : []),
      ];
      const parts = Object.fromEntries(children.map(([part, definition]) => [part, child(name, part, definition, locals)]));
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
              const value = chooser.choose(needs);
              const part = chooseCase(name, cases, hasDefault, value);
              return { part, keys: [part], note: typeof value === "string" ? value.slice(0, NOTE_LIMIT) : value };
            },
            inputs: (needs) => needs,
            correlation: () => ({}),
            concurrency: 1,
            failFast: true,
            outcome: onlyValue,
          },
          detail: { on: chooser.detail, cases: casesDetail(cases), ...(hasDefault ? { default: true } : {}) },
          picture: { shape: "choice", lines: [...(chooser.path === undefined ? [] : [`on ${chooser.path}`]), ...caseLines(cases)] },
          ...RUNS_NO_CODE,
          ...givesOf(...Object.values(parts)),
          check: () => [...checkChoice(locals, cases), ...chooser.findings, ...checkCases(cases, hasDefault), ...checkParts(parts, locals)],
          revive: reviveCollections,
          declared: () => ({ ...options, cases: declaredCases(cases, parts), default: hasDefault ? parts[DEFAULT_CASE] : undefined }),
        },
      });
    },
  }),
};

function checkChoice(needs: readonly string[], cases: readonly Case[]): NodeFinding[] {
  if (needs.length > 0 && cases.length > 0) return [];
  return [
    {
      code: "no_cases",
      severity: "error",
      message: "has no cases to choose from, or nothing to choose by",
      hint: "Give needs and cases.",
    },
  ];
}

function checkParts(parts: Readonly<Record<string, Graph>>, needs: readonly string[]): NodeFinding[] {
  return Object.entries(parts).flatMap(([part, graph]) => checkChildInputs(part, graph, needs, { exact: false }));
}

/** The value of a node that has just one child. */
export function onlyValue(settled: readonly SettledChild[]): JsonValue {
  const [child] = settled;
  return child?.status === "succeeded" ? child.value : null;
}

/** The cases with their graphs. */
function declaredCases(cases: readonly Case[], parts: Readonly<Record<string, Graph>>): object {
  return Object.fromEntries(cases.map(({ name, when }) => [name, when === undefined ? parts[name] : { when, run: parts[name] }]));
}

const CHILD: OptionForm = { type: "child" };

export const branchForm: KindForm = {
  about:
    "Runs exactly one case, a child that is given the needs: the one whose name is what on leads to, or the first whose when fits it, or the default.",
  options: {
    needs: NEEDS,
    on: { type: "text", about: "A path into the needs: review.decision." },
    cases: { type: "map", of: { type: "either", of: [CHILD, { type: "object", members: { when: { type: "matcher" }, run: CHILD } }] } },
    default: optional(CHILD),
  },
  given: ["needs"],
  declare: (g, name, options) => g.branch(name, options),
};
