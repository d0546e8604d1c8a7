// Runs a child for every item of a list or every member of a record, keyed. Items run side by side up to `concurrency`; waiting items do not hold a place.

import type { Needs, Node } from "../graph/node.ts";
import type { AnyContract, Contract } from "../graph/contract.ts";
import type { NodeFinding } from "../graph/graph.ts";
import { itemSource, type ItemKey } from "./collection-items.ts";
import { type CollectionResult, partialCollection, recordCollection, reviveCollections } from "./collection-result.ts";
import { NEEDS, optional, type KindForm } from "./form.ts";
import type { GraphBuilder } from "./index.ts";
import { checkChildInputs, type ChildValue, type InputsOf } from "./child.ts";
import { badOption, codeOf, type CommonOptions, type NodeKind, RUNS_NO_CODE } from "./kind.ts";

/** The handles of one item's child: the item's own under the name `as` gives it, and those of `with`. */
type ItemHandles<T, As extends string, W extends Needs> = W & { readonly [P in As]: Node<T> };

/** What runs for each item: an inline definition, or a contract, whose inputs the other options are then measured by. */
export type Each<T, As extends string, W extends Needs> =
  | ((g: GraphBuilder, handles: ItemHandles<T, As, W>) => Node<unknown> | Needs)
  | AnyContract;

// Each of these is what the author wrote when it fits the contract's inputs, and else what they want: so the error stands at the option that is wrong.
type NameFor<In, As> = In extends undefined ? As : As extends keyof In ? As : keyof In;
type ItemFor<In, As, T> = In extends undefined ? T : As extends keyof In ? (T extends In[As] ? T : In[As]) : T;
type SharedFor<In, As, W> = In extends undefined
  ? W
  : As extends keyof In
    ? { readonly [P in keyof In as P extends As ? never : P]: Node<In[P]> }
    : W;

/** The child; without `with`, a contract must get along with the item alone. */
type Whole<C, As, W> = [keyof W] extends [never]
  ? C extends Contract<infer In, unknown>
    ? Contract<{ readonly [P in As & keyof In]: In[P] }, unknown>
    : C
  : C;

/**
 * What a collection may be over. `Keyed` is "no key" where none is given, inferred like a branch's default: then it takes records, whose members have
 * their names as keys, and else lists.
 */
type Source<T, Keyed> = (readonly T[] & KeyOf<Keyed>) | (Readonly<Record<string, T>> & NoKeyOf<Keyed>);

type KeyOf<Keyed> = "no key" extends Keyed ? KeyIsMissing : unknown;
type NoKeyOf<Keyed> = "no key" extends Keyed ? unknown : KeyIsTooMuch;

interface KeyIsMissing {
  readonly key: "the items of a list need one";
}

interface KeyIsTooMuch {
  readonly key: "the members of a record have their names";
}

/** The members of an item that are texts. */
type TextField<T> = T extends object ? { [P in keyof T & string]: T[P] extends string ? P : never }[keyof T & string] : never;

export interface CollectionOptions<T, As extends string, W extends Needs, C extends Each<T, As, W>, Keyed extends PropertyKey>
  extends CommonOptions {
  /** A list, whose items get their keys from `key`, or a record, whose members have their names as keys. */
  readonly over: Node<Source<ItemFor<InputsOf<C>, As, T>, Keyed>>;
  /** The name of the item inside the child; also its correlation key. */
  readonly as: NameFor<InputsOf<C>, As>;
  /**
   * The item's key, from a function of it or from a member that is a text: unique within the list, 1 to 200 characters, stable over runs. Left out for a
   * record.
   */
  readonly key?: (((item: T) => string) & { readonly [P in Keyed]?: unknown }) | TextField<T>;
  /** What every item gets besides. */
  readonly with?: SharedFor<InputsOf<C>, As, W>;
  readonly each: Whole<C, As, W>;
  /** Items in flight at once, waiting ones not counted. Default 16. */
  readonly concurrency?: number;
  /**
   * `collect` (default) keeps going and reports failures in the result, which then has the status `partial_failure` or `failed`; `failFast` fails with the
   * first.
   */
  readonly mode?: "collect" | "failFast";
}

export interface CollectionMethods {
  /** Runs `each` once per item of `over`. */
  collection<T, As extends string, C extends Each<T, As, W>, W extends Needs = {}, Keyed extends PropertyKey = "no key">(
    name: string,
    options: CollectionOptions<T, As, W, C, Keyed>,
  ): Node<CollectionResult<ChildValue<C>>>;
}

const PART = "each";
const OVER = "over";
const DEFAULT_CONCURRENCY = 16;

export const collection: NodeKind<CollectionMethods> = {
  kind: "collection",
  methods: ({ declare, child }) => ({
    collection: (name, options) => {
      const shared: Needs = options.with ?? {};
      // The builder's types made sure that the function takes an item.
      const key = options.key as ItemKey | undefined;
      const source = itemSource(name, key);
      const given = [...new Set([...Object.keys(shared), options.as])];
      const graph = child(name, PART, options.each, given);
      const concurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
      return declare({
        kind: "collection",
        name,
        needs: { ...shared, [OVER]: options.over },
        options,
        behaviour: {
          work: {
            type: "children",
            parts: { [PART]: graph },
            list: (needs) => ({ part: PART, keys: source.keysOf(needs[OVER]) }),
            inputs: ({ [OVER]: over, ...rest }, item) => ({ ...rest, [options.as]: source.itemOf(over, item) }),
            correlation: (item) => ({ [options.as]: item }),
            concurrency,
            failFast: options.mode === "failFast",
            outcome: recordCollection,
          },
          detail: { as: options.as, ...keyDetail(key), mode: options.mode ?? "collect" },
          forecast: { type: "items", over: OVER, as: options.as },
          picture: { shape: "many", lines: [`each ${options.as}`] },
          ...RUNS_NO_CODE,
          check: () => [
            ...checkKey(key),
            ...(Number.isInteger(concurrency) && concurrency >= 1
              ? []
              : [badOption(`concurrency is ${concurrency}`, "Give a whole number from 1 on.")]),
            ...[OVER, options.as]
              .filter((local) => local in shared)
              .map((local) => badOption(`with has "${local}", which the collection itself gives`, "Give it another name.")),
            ...checkChildInputs(PART, graph, given, { exact: true }),
          ],
          partial: partialCollection,
          revive: reviveCollections,
          declared: () => ({ ...options, each: graph }),
        },
      });
    },
  }),
};

function keyDetail(key: ItemKey | undefined): { readonly key?: string } {
  if (key === undefined) return {};
  return { key: typeof key === "function" ? codeOf(key) : String(key) };
}

function checkKey(key: unknown): NodeFinding[] {
  if (key === undefined || typeof key === "function" || (typeof key === "string" && key !== "")) return [];
  return [
    badOption(
      `key is ${key === "" ? "empty" : `of type ${key === null ? "null" : typeof key}`}`,
      'Give a function of the item, or the name of a member that is a text: key: "id".',
    ),
  ];
}

export const collectionForm: KindForm = {
  about: "Runs a child for every item of a list or member of a record; its value is the result of the collection.",
  options: {
    over: { type: "node" },
    as: { type: "text", about: "The name of the item inside the child." },
    key: optional({ type: "text", about: "The member of an item that is its key; left out for a record." }),
    with: optional(NEEDS),
    each: { type: "child" },
    concurrency: optional({ type: "number" }),
    mode: optional({ type: "text", values: ["collect", "failFast"] }),
  },
  given: ["with", "as"],
  declare: (g, name, options) => g.collection(name, options),
};
