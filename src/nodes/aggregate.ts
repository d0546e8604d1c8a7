// One value out of many: counted, summed, compared or folded over a list, or over what succeeded in a collection.

import { isExecutor, type Executor } from "../graph/executor.ts";
import type { NodeFinding } from "../graph/graph.ts";
import { handleInside } from "../graph/handle.ts";
import type { Node } from "../graph/node.ts";
import { ValueError } from "../graph/value-error.ts";
import { toJson, type JsonObject, type JsonValue } from "../json.ts";
import { checkCapabilities } from "./code.ts";
import type { CollectionItem, CollectionResult } from "./collection-result.ts";
import { optional, type KindForm, type OptionForm } from "./form.ts";
import { badOption, codeOf, type CommonOptions, type NodeKind, RUNS_NO_CODE } from "./kind.ts";

/** The names of the members of an item that are of type `V`. */
type FieldOf<I, V> = { readonly [K in keyof I & string]: I[K] extends V ? K : never }[keyof I & string];

/** What is taken of an item: a function of it, or the name of a member. */
type Of<I, V> = ((item: I) => V) | FieldOf<I, V>;

/** How items are made into one value, step by step; `from` is JSON, and each run begins with a copy of it. */
interface Folding<I, F> {
  readonly from: F;
  readonly with: (soFar: F, item: I) => F;
}

/** Exactly one of these says what is made of the items. */
export interface AggregateOptions<I, N, G, F> extends CommonOptions {
  /** How many there are (`true`), or how many of a kind. */
  readonly count?: true | Of<I, boolean>;
  /** 0 for no items. */
  readonly sum?: Of<I, number>;
  /** Null for no items, as for `min` and `max`. */
  readonly average?: N;
  readonly min?: N;
  readonly max?: N;
  /** How many items there are of each group, by the group's name. */
  readonly groupCount?: G;
  readonly fold?: Folding<I, F>;
}

/** What comes out; an option that was not given has nothing but its bound for a type, which has undefined in it. */
type Aggregated<N, G, F> = undefined extends N
  ? undefined extends G
    ? [F] extends [never]
      ? number
      : F
    : Readonly<Record<string, number>>
  : number | null;

export interface AggregateMethods {
  /**
   * Makes one value of the items of a list, or of the successes of a collection in the order of its keys: `{ sum: "amount" }`,
   * `{ count: (item) => item.open }`, `{ fold: { from: 0, with: (soFar, item) => … } }`.
   * An item whose value is no finite number fails the node.
   */
  aggregate<I, N extends Of<I, number> | undefined, G extends Of<I, string> | undefined, F = never>(
    name: string,
    items: Node<readonly I[] | CollectionResult<I>>,
    options: AggregateOptions<I, N, G, F>,
  ): Node<Aggregated<N, G, NoInfer<F>>>;
}

const ITEMS = "items";
const OPERATIONS = ["count", "sum", "average", "min", "max", "groupCount", "fold"] as const;
type Operation = (typeof OPERATIONS)[number];

export const aggregate: NodeKind<AggregateMethods> = {
  kind: "aggregate",
  methods: ({ declare }) => ({
    aggregate: (name, items, options) => {
      const given: Readonly<Partial<Record<Operation, unknown>>> = options;
      const operations = OPERATIONS.filter((operation) => given[operation] !== undefined);
      const [operation = "count"] = operations;
      const of = given[operation];
      return declare({
        kind: "aggregate",
        name,
        needs: { [ITEMS]: items },
        options,
        behaviour: {
          work: {
            type: "call",
            outside: false,
            run: (needs) => REDUCERS[operation]({ name, operation, items: itemsOf(name, needs[ITEMS]), of }),
          },
          detail: { [operation]: detailOf(of) },
          picture: { shape: "box", lines: [typeof of === "string" ? `${operation} of ${of}` : operation] },
          ...RUNS_NO_CODE,
          check: () => (operations.length === 1 ? checkOperation(operation, of) : [notOne(operations)]),
          declared: () => ({ ...options, items }),
        },
      });
    },
  }),
};

function notOne(operations: readonly string[]): NodeFinding {
  const message =
    operations.length === 0 ? "says nothing to make of the items" : `has ${operations.map((each) => `"${each}"`).join(" and ")}`;
  return badOption(message, `Give exactly one of ${OPERATIONS.join(", ")}.`);
}

function checkOperation(operation: Operation, of: unknown): NodeFinding[] {
  if (operation === "fold") return checkFold(of);
  if (operation === "count" && of === true) return [];
  if (isExecutor(of)) return checkExecutor(operation, of);
  if (typeof of === "function" || (typeof of === "string" && of !== "")) return [];
  return [
    badOption(
      `${operation} is ${of === "" ? "empty" : `of type ${typeof of}`}`,
      "Give a function of the item, or the name of one of its members.",
    ),
  ];
}

function checkExecutor(operation: Operation, executor: Executor<never, unknown>): NodeFinding[] {
  const denied = checkCapabilities(executor, { option: operation, outside: false });
  if (denied.length > 0) return denied;
  const message = `${operation} is the executor "${executor.key}", and must be a function of the item alone`;
  return [badOption(message, "Run it for each item with g.collection, and make one value of what that gives.")];
}

function checkFold(of: unknown): NodeFinding[] {
  const { from, with: step } = foldingOf(of);
  const handle = handleInside(from);
  if (handle !== undefined) {
    const message = `fold.from${handle.at} is the handle "${handle.name}"`;
    return [{ code: "handle_as_value", severity: "error", message, hint: "It is a literal. Read other nodes with g.compute and needs." }];
  }
  const json = toJson(from);
  return [
    ...(json.ok
      ? []
      : [badOption(`fold.from${json.problem.at.slice(1)} ${json.problem.message}`, "It is where the fold begins, as JSON.")]),
    ...(typeof step === "function" ? [] : [badOption(`fold.with is of type ${typeof step}`, "Give (soFar, item) => next.")]),
  ];
}

function detailOf(of: unknown): JsonValue {
  if (typeof of === "string") return { field: of };
  if (isFunction(of)) return codeOf(of);
  if (typeof of !== "object") return of === true;
  const { from, with: step } = foldingOf(of);
  const json = toJson(from);
  return { from: json.ok ? json.value : null, with: isFunction(step) ? codeOf(step) : null } satisfies JsonObject;
}

function foldingOf(of: unknown): { readonly from?: unknown; readonly with?: unknown } {
  return typeof of === "object" && of !== null ? of : {};
}

/** An item with its index in the list, or its key in the collection. */
interface Item {
  readonly key: number | string;
  readonly value: unknown;
}

/** What a reducer is given: `of` is the author's function, name of a member, or fold. */
interface Reduction {
  readonly name: string;
  readonly operation: Operation;
  readonly items: readonly Item[];
  readonly of: unknown;
}

const REDUCERS: Readonly<Record<Operation, (reduction: Reduction) => unknown>> = {
  count: (reduction) =>
    reduction.of === true ? reduction.items.length : valuesOf(reduction, "true or false", isBoolean).filter(Boolean).length,
  sum: (reduction) => finite(reduction, sumOf(numbersOf(reduction))),
  average: (reduction) => {
    const numbers = numbersOf(reduction);
    return numbers.length === 0 ? null : finite(reduction, sumOf(numbers) / numbers.length);
  },
  min: (reduction) => extremeOf(numbersOf(reduction), (number, best) => number < best),
  max: (reduction) => extremeOf(numbersOf(reduction), (number, best) => number > best),
  groupCount: (reduction) => {
    const counts = new Map<string, number>();
    for (const group of valuesOf(reduction, "a text", isText)) counts.set(group, (counts.get(group) ?? 0) + 1);
    return Object.fromEntries(counts);
  },
  fold: ({ items, of }) => {
    const { from, with: step } = foldingOf(of);
    if (!isFunction(step)) return null;
    // A copy, so that a step may change it in place and every run begins with the same.
    return items.reduce((soFar, { value }) => step(soFar, value), structuredClone(from));
  },
};

function itemsOf(name: string, value: unknown): readonly Item[] {
  if (Array.isArray(value)) return value.map((member: unknown, key) => ({ key, value: member }));
  if (isCollection(value)) return value.items.flatMap((item) => (item.status === "succeeded" ? [item] : []));
  throw new ValueError(
    "not_a_list",
    `aggregate "${name}": its items must be a list or the result of a collection, and it got ${shown(value)}`,
  );
}

/** The view of a collection: what its node's value is for callbacks. */
function isCollection(value: unknown): value is { readonly items: readonly CollectionItem<unknown>[] } {
  return typeof value === "object" && value !== null && "items" in value && "successes" in value && "toJSON" in value;
}

function numbersOf(reduction: Reduction): readonly number[] {
  return valuesOf(reduction, "a finite number", isFinite);
}

/** What is taken of every item. @throws ValueError `bad_item_value` for the first that is not what is wanted, with its index or key */
function valuesOf<V>({ name, operation, items, of }: Reduction, wanted: string, fits: (value: unknown) => value is V): readonly V[] {
  const read = isFunction(of) ? of : (item: unknown) => memberOf(item, String(of));
  return items.map(({ key, value }) => {
    const taken = read(value);
    if (fits(taken)) return taken;
    const item = typeof key === "number" ? `item ${key}` : `item "${key}"`;
    const place = typeof of === "string" ? `"${of}" of ${item}` : item;
    const message = `aggregate "${name}": ${operation} wants ${wanted}, and ${place} is ${shown(taken)}`;
    throw new ValueError("bad_item_value", message, { details: { item: key } });
  });
}

function memberOf(item: unknown, field: string): unknown {
  return typeof item === "object" && item !== null && Object.hasOwn(item, field)
    ? (item as Readonly<Record<string, unknown>>)[field]
    : undefined;
}

/** Numbers of any size may be finite and their sum not. */
function finite({ name, operation }: Reduction, result: number): number {
  if (Number.isFinite(result)) return result;
  throw new ValueError("not_finite", `aggregate "${name}": the ${operation} is too large for a number`);
}

/** The sum with what rounding lost along the way (Neumaier, 1974): ten times 0.1 is 1. */
function sumOf(numbers: readonly number[]): number {
  let sum = 0;
  let lost = 0;
  for (const number of numbers) {
    const next = sum + number;
    lost += Math.abs(sum) >= Math.abs(number) ? sum - next + number : number - next + sum;
    sum = next;
  }
  return sum + lost;
}

function extremeOf(numbers: readonly number[], isBetter: (number: number, best: number) => boolean): number | null {
  return numbers.reduce<number | null>((best, number) => (best === null || isBetter(number, best) ? number : best), null);
}

function isFunction(value: unknown): value is (...args: readonly unknown[]) => unknown {
  return typeof value === "function";
}

function isFinite(value: unknown): value is number {
  return Number.isFinite(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length <= 40 ? value : `${value.slice(0, 40)}…`);
  if (Array.isArray(value)) return "a list";
  if (value instanceof Promise) return "a promise";
  if (typeof value === "object" && value !== null) return "an object";
  if (value === undefined) return "missing";
  return typeof value === "number" || typeof value === "boolean" || value === null ? `${value}` : `a ${typeof value}`;
}

const MEMBER: OptionForm = optional({ type: "text", about: "The name of a member of each item." });

export const aggregateForm: KindForm = {
  about:
    "Makes one value of the items of a list, or of what succeeded in a collection; exactly one of count, sum, average, min, max, groupCount.",
  options: {
    items: { type: "node" },
    count: optional({
      type: "either",
      of: [{ type: "boolean" }, MEMBER],
      about: "true for all, or the name of a member that is true or false.",
    }),
    sum: MEMBER,
    average: MEMBER,
    min: MEMBER,
    max: MEMBER,
    groupCount: MEMBER,
    fold: optional({ type: "code", cure: "Compute it from the list with an executor." }),
  },
  declare: (g, name, { items, ...options }: { readonly items: Node<readonly never[]> }) => g.aggregate(name, items, options),
};
