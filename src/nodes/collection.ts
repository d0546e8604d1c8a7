// Runs a child for every item of a list, keyed. Items run side by side up to `concurrency`; waiting items do not hold a place.

import type { Needs, Node, Simplify } from "../graph/node.ts";
import type { AnyContract, Contract } from "../graph/contract.ts";
import { InputError } from "../errors.ts";
import { toJson, type JsonValue } from "../json.ts";
import { type CollectionResult, recordCollection, reviveCollections } from "./collection-result.ts";
import type { GraphBuilder } from "./index.ts";
import { checkChildInputs, type ChildValue, type InputsOf } from "./child.ts";
import { badOption, codeOf, type CommonOptions, type NodeKind, RUNS_NO_CODE, untyped } from "./kind.ts";

/** The handles of one item's child: the item's own under the name `as` gives it, and those of `with`. */
type ItemHandles<T, As extends string, W extends Needs> = Simplify<W & { readonly [P in As]: Node<T> }>;

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

export interface CollectionOptions<T, As extends string, W extends Needs, C extends Each<T, As, W>> extends CommonOptions {
  readonly over: Node<readonly ItemFor<InputsOf<C>, As, T>[]>;
  /** The name of the item inside the child; also its correlation key. */
  readonly as: NameFor<InputsOf<C>, As>;
  /** The item's key: unique within the list, 1 to 200 characters, stable over runs. */
  readonly key: (item: T) => string;
  /** What every item gets besides. */
  readonly with?: SharedFor<InputsOf<C>, As, W>;
  readonly each: Whole<C, As, W>;
  /** Items in flight at once, waiting ones not counted. Default 16. */
  readonly concurrency?: number;
  /** `collect` (default) keeps going and reports failures in the result; `failFast` fails with the first. */
  readonly mode?: "collect" | "failFast";
}

export interface CollectionMethods {
  /** Runs `each` once per item of `over`. */
  collection<T, As extends string, C extends Each<T, As, W>, W extends Needs = {}>(
    name: string,
    options: CollectionOptions<T, As, W, C>,
  ): Node<CollectionResult<ChildValue<C>>>;
}

const PART = "each";
const OVER = "over";
const DEFAULT_CONCURRENCY = 16;
const KEY_LIMIT = 200;

export const collection: NodeKind<CollectionMethods> = {
  kind: "collection",
  methods: ({ declare, child }) => ({
    collection: (name, options) => {
      const shared: Needs = options.with ?? {};
      const keyOf = untyped((item: { readonly value: never }) => options.key(item.value));
      const itemsOf = keyedItems(name, (value) => keyOf({ value }));
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
            list: (needs) => ({ part: PART, keys: [...itemsOf(needs[OVER]).keys()] }),
            inputs: (needs, key) => {
              const { [OVER]: list, ...rest } = needs;
              return { ...rest, [options.as]: itemOf(name, itemsOf(list), key) };
            },
            correlation: (key) => ({ [options.as]: key }),
            concurrency,
            failFast: options.mode === "failFast",
            outcome: recordCollection,
          },
          detail: { as: options.as, key: codeOf(options.key), mode: options.mode ?? "collect" },
          picture: { shape: "many", lines: [`each ${options.as}`] },
          ...RUNS_NO_CODE,
          check: () => [
            ...(Number.isInteger(concurrency) && concurrency >= 1
              ? []
              : [badOption(`concurrency is ${concurrency}`, "Give a whole number from 1 on.")]),
            ...[OVER, options.as]
              .filter((local) => local in shared)
              .map((local) => badOption(`with has "${local}", which the collection itself gives`, "Give it another name.")),
            ...checkChildInputs(PART, graph, given, { exact: true }),
          ],
          revive: reviveCollections,
        },
      });
    },
  }),
};

/** Reads a list as items by key. Each list is read once: recorded values are frozen and keep their identity, so a fan-out of 100,000 items stays linear. */
function keyedItems(name: string, keyOf: (item: unknown) => string): (list: unknown) => ReadonlyMap<string, JsonValue> {
  const known = new WeakMap<object, ReadonlyMap<string, JsonValue>>();
  return (list) => {
    if (!Array.isArray(list))
      throw new InputError("not_a_list", `collection "${name}": over must be a list, and it is ${list === null ? "null" : typeof list}`);
    const items = known.get(list) ?? readItems(name, list, keyOf);
    known.set(list, items);
    return items;
  };
}

/** The item of a key that was listed. Keys are asked for again in a new process, so a `key` that gives others each time is found out here. */
function itemOf(name: string, items: ReadonlyMap<string, JsonValue>, key: string): JsonValue {
  const item = items.get(key);
  if (item !== undefined) return item;
  throw new InputError("item_missing", `collection "${name}": no item has the key "${key}" any more`, {
    fix: "key must give the same text for the same item every time: it may not count, nor read clock or chance.",
  });
}

function readItems(name: string, list: readonly unknown[], keyOf: (item: unknown) => string): ReadonlyMap<string, JsonValue> {
  const items = new Map<string, JsonValue>();
  for (const [index, item] of list.entries()) {
    const key = keyOf(item);
    if (typeof key !== "string" || key === "" || key.length > KEY_LIMIT) {
      throw new InputError("bad_item_key", `collection "${name}": the key of item ${index} is ${JSON.stringify(key)}`, {
        fix: `A key is a text of 1 to ${KEY_LIMIT} characters.`,
      });
    }
    if (items.has(key))
      throw new InputError("duplicate_item_key", `collection "${name}": the key "${key}" of item ${index} is there already`, {
        fix: "Keys must be unique within the list.",
      });
    const json = toJson(item);
    items.set(key, json.ok ? json.value : null);
  }
  return items;
}
