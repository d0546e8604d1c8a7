// One part of a value: a member by its key, or what a path leads to.

import type { NodeFinding } from "../graph/graph.ts";
import { handleInside } from "../graph/handle.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { Node } from "../graph/node.ts";
import { ValueError } from "../graph/value-error.ts";
import { toJson, type JsonValue } from "../json.ts";
import { reviveCollections } from "./collection-result.ts";
import { optional, type KindForm } from "./form.ts";
import { badOption, type CommonOptions, type NodeKind, RUNS_NO_CODE } from "./kind.ts";

/** A step into a value: the key of a member, or the index of a list, from 0. */
type Step = string | number;

/** The indexes of a tuple; any number for a list. */
type IndexOf<T extends readonly unknown[]> = number extends T["length"]
  ? number
  : { [K in keyof T]: K extends `${infer I extends number}` ? I : never }[number];

/** The steps that are possible from a value; of several possible shapes those of each. */
type StepOf<T> = T extends readonly unknown[] ? IndexOf<T> : T extends object ? keyof T & string : never;

/**
 * What a step leads to; no step leads nowhere else. A member that may be left out counts as there: where it is not, the node fails or takes its
 * default.
 */
type After<T, K> = [K] extends [never]
  ? T
  : T extends readonly unknown[]
    ? K extends IndexOf<T>
      ? T[K]
      : never
    : T extends object
      ? K extends keyof T
        ? Exclude<T[K], undefined>
        : never
      : never;

/**
 * A single key in the place of a path. The type of what the author wrote, `P`, is only asked whether it is a list: then it is measured as a path
 * alone, and the error stands at the wrong step. The arm of symbols, which nothing takes, is where `P` is inferred.
 */
type KeyUnlessPath<P, K> = P extends readonly unknown[] ? never : P extends symbol ? P : K extends string ? `${K}` : never;

export interface ProjectOptions<Fallback> extends CommonOptions {
  /** The value where any part of the path is missing; JSON. Without it the node fails there. */
  readonly default?: Fallback;
}

export interface ProjectMethods {
  /**
   * Takes one part of a value: `"city"`, or up to six steps as `["address", "city"]` or `["lines", 0, "amount"]`. A part that is there and null is
   * a value; one that is missing gives `default`, or fails with `part_missing`.
   */
  project<
    T,
    const A extends StepOf<T>,
    const B extends StepOf<After<T, A>> = never,
    const C extends StepOf<After<After<T, A>, B>> = never,
    const D extends StepOf<After<After<After<T, A>, B>, C>> = never,
    const E extends StepOf<After<After<After<After<T, A>, B>, C>, D>> = never,
    const F extends StepOf<After<After<After<After<After<T, A>, B>, C>, D>, E>> = never,
    P = unknown,
    const Fallback = never,
  >(
    name: string,
    from: Node<T>,
    part: readonly [A, B?, C?, D?, E?, F?] | KeyUnlessPath<P, A>,
    options?: ProjectOptions<Fallback>,
  ): Node<After<After<After<After<After<After<T, A>, B>, C>, D>, E>, F> | NoInfer<Fallback>>;
}

const FROM = "from";

export const project: NodeKind<ProjectMethods> = {
  kind: "project",
  methods: ({ declare }) => ({
    project: (name, from, part, options = {}) => {
      const given: unknown = part;
      const path: readonly unknown[] = Array.isArray(given) ? given : [given];
      const steps = path.filter(isStep);
      const { default: fallback } = options;
      const otherwise = fallback === undefined ? undefined : toJson(fallback);
      return declare({
        kind: "project",
        name,
        needs: { [FROM]: from },
        options,
        behaviour: {
          work: {
            type: "call",
            outside: false,
            run: (needs) => {
              const found = walk(needs[FROM], steps);
              if (found.there) return recordedForm(found.value);
              if (otherwise?.ok === true) return otherwise.value;
              throw partMissing(name, steps, found);
            },
          },
          detail: { path: steps, ...(otherwise?.ok === true ? { default: otherwise.value } : {}) },
          picture: { shape: "box", lines: [placeOf(steps)] },
          ...RUNS_NO_CODE,
          check: () => [...checkPath(path), ...checkDefault(fallback)],
          revive: reviveCollections,
          declared: () => ({ ...options, from, path: part }),
        },
      });
    },
  }),
};

function isStep(step: unknown): step is Step {
  return typeof step === "string" || (typeof step === "number" && Number.isInteger(step) && step >= 0);
}

function checkPath(path: readonly unknown[]): NodeFinding[] {
  const hint = 'Give a key, or a list of keys and of indexes from 0: ["lines", 0, "amount"].';
  if (path.length === 0) return [badOption("its path is empty", hint)];
  const wrong = path.find((step) => !isStep(step));
  return wrong === undefined && path.every(isStep)
    ? []
    : [badOption(`its path has ${typeof wrong === "number" ? wrong : `a step of type ${typeof wrong}`}`, hint)];
}

function checkDefault(fallback: unknown): NodeFinding[] {
  if (fallback === undefined) return [];
  const handle = handleInside(fallback);
  if (handle !== undefined) {
    return [
      {
        code: "handle_as_value",
        severity: "error",
        message: `default${handle.at} is the handle "${handle.name}"`,
        hint: "A default is a literal. Choose between two nodes with g.compute and needs.",
      },
    ];
  }
  const json = toJson(fallback);
  return json.ok ? [] : [badOption(`default${json.problem.at.slice(1)} ${json.problem.message}`, "It is recorded as JSON.")];
}

/** What a path led to, or how far it went: `at` steps led to `before`, which has no part of the next step's name. */
type Found = { readonly there: true; readonly value: unknown } | { readonly there: false; readonly at: number; readonly before: unknown };

function walk(from: unknown, steps: readonly Step[]): Found {
  let value = from;
  for (const [at, step] of steps.entries()) {
    const members: Readonly<Record<Step, unknown>> | undefined = hasPart(value, step) ? value : undefined;
    if (members === undefined) return { there: false, at, before: value };
    value = members[step];
  }
  return { there: true, value };
}

/** True when it is there, null included. The length of a list and what every object inherits are no parts. */
function hasPart(value: unknown, step: Step): value is Readonly<Record<Step, unknown>> {
  if (Array.isArray(value)) return typeof step === "number" && step < value.length;
  return typeof value === "object" && value !== null && typeof step === "string" && Object.hasOwn(value, step);
}

function partMissing(name: string, steps: readonly Step[], { at, before }: Found & { readonly there: false }): ValueError {
  const step = steps[at] ?? "";
  const place = at === 0 ? "the value" : `"${placeOf(steps.slice(0, at))}"`;
  return new ValueError(
    "part_missing",
    `project "${name}": no ${JSON.stringify(step)} for "${placeOf(steps)}", since ${place} ${lack(before, step)}`,
    {
      fix: "Give a default for values without it, or look at what the value has.",
      details: { path: steps, missing: step },
    },
  );
}

function lack(before: unknown, step: Step): string {
  if (Array.isArray(before)) return typeof step === "number" ? `has ${before.length} items` : "is a list, whose steps are indexes";
  if (typeof before !== "object" || before === null) return `is ${before === null ? "null" : `a ${typeof before}`}`;
  const keys = Object.keys(before);
  return keys.length === 0 ? "is empty" : `has none. ${didYouMean(String(step), keys)}`;
}

/** A path as text: `lines[0].amount`. */
function placeOf(steps: readonly Step[]): string {
  return steps.map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`)).join("");
}

/** A value as it is recorded: with views of collections in it, their JSON. */
function recordedForm(value: unknown): unknown {
  return hasView(value) ? (JSON.parse(JSON.stringify(value)) as JsonValue) : value;
}

function hasView(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "toJSON" in value || Object.values(value).some(hasView);
}

type ProjectDeclared = ProjectOptions<unknown> & { readonly from: Node<never>; readonly path: never };

export const projectForm: KindForm = {
  about: "Takes one part of a value by its path.",
  options: {
    from: { type: "node" },
    path: {
      type: "either",
      of: [{ type: "text" }, { type: "list", of: { type: "either", of: [{ type: "text" }, { type: "number" }] } }],
      about: "A key, or keys and indexes: [lines, 0, amount].",
    },
    default: optional({ type: "json", about: "The value where a part of the path is missing." }),
  },
  declare: (g, name, { from, path, ...options }: ProjectDeclared) => g.project(name, from, path, options),
};
