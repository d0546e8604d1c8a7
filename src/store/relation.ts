// Relations: how values of a store name keys of another one. They are kept as indexes are, so they follow whatever a value says now; and they are read both ways, at any moment.

import { InputError } from "../errors.ts";
import type { Page } from "../host/client.ts";
import type { AsOf } from "../ledger/moment.ts";
import { type Asked, factOf } from "./fact-reader.ts";
import { answerOf, assertOptions } from "../graph/given.ts";
import { assertKey, shortly, streamOf } from "./names.ts";
import { queryStore, type QueryOptions } from "./query.ts";
import type { IndexOf, ReadableStore } from "./store.ts";
import { readWritten, type Written } from "./value.ts";

/** How values of a store name keys of another one. */
export interface Relation<T, Target> {
  /** The other store: a function, since it may be defined further down. */
  readonly to: () => ReadableStore<Target>;
  /** The key that a value names, several, or none (`null`, `undefined`). Only what it is given may matter. */
  readonly by: (value: T) => string | readonly string[] | null | undefined;
}

/** A key that a value names, and what is there: no fact for one without a value. */
export interface Related<Target> {
  readonly key: string;
  readonly fact: Written<Target> | undefined;
}

/** What names a key, and the value of that key: none where the names lead to nothing. */
export interface RelatedPage<T, Target> extends Page<Written<T>> {
  readonly target: Written<Target> | undefined;
}

/** A relation as an index. @throws InputError `bad_key` when it names what can be no key, `bad_index_value` when it names nothing at once */
export function relationIndex<T>(store: string, relation: string, by: Relation<T, unknown>["by"]): IndexOf<T> {
  return (value) => {
    const named = answerOf("bad_index_value", `${store}: by of the relation "${relation}"`, () => by(value));
    if (named === undefined || named === null) return undefined;
    const keys: readonly string[] = typeof named === "string" ? [named] : named;
    for (const key of keys) assertKey(store, key, `key that "${relation}" leads to`);
    return keys;
  };
}

/**
 * What a value names, in its order; undefined where the key has no value.
 * @throws InputError `unknown_relation`, `bad_relation`, `bad_key`
 */
export async function relatedFrom<T, Target>(
  store: ReadableStore<T>,
  asked: Asked,
  relation: string,
  key: string,
  when: { readonly asOf?: AsOf },
): Promise<readonly Related<Target>[] | undefined> {
  const target = targetOf<T, Target>(store, relation);
  assertOptions("related", when);
  assertKey(store.name, key);
  const fact = await readWritten(store, await factOf(asked, streamOf("store", store.name, key), when));
  if (fact === undefined) return undefined;
  // Made by `relationIndex`, which gives keys.
  const named = store.indexes[relation]?.(fact.value) as readonly string[] | undefined;
  return Promise.all([...new Set(named)].map(async (each) => ({ key: each, fact: await valueOf(target, asked, each, when) })));
}

/**
 * What names a key.
 * @throws InputError `unknown_relation`, `bad_relation`, `bad_key`, and those of `queryStore`
 */
export async function relatedTo<T, Target>(
  store: ReadableStore<T>,
  asked: Asked,
  relation: string,
  key: string,
  options: QueryOptions,
): Promise<RelatedPage<T, Target>> {
  const target = targetOf<T, Target>(store, relation);
  assertKey(target.name, key);
  assertOptions("relatedTo", options);
  const { asOf } = options;
  const page = await queryStore(store, asked, relation, key, options);
  return { ...page, target: await valueOf(target, asked, key, asOf === undefined ? {} : { asOf }) };
}

async function valueOf<Target>(
  target: ReadableStore<Target>,
  asked: Asked,
  key: string,
  when: { readonly asOf?: AsOf },
): Promise<Written<Target> | undefined> {
  return readWritten(target, await factOf(asked, streamOf("store", target.name, key), when));
}

function targetOf<T, Target>({ name, relations = {} }: ReadableStore<T>, relation: string): ReadableStore<Target> {
  // Of the type its name has in the definition; whoever asks with a name of their own is refused here.
  const known = relations as Readonly<Record<string, { readonly to: () => ReadableStore<Target> }>>;
  const found = Object.hasOwn(known, relation) ? known[relation] : undefined;
  if (found === undefined) {
    const names = Object.keys(known);
    throw new InputError("unknown_relation", `${name} has no relation ${shortly(relation)}`, {
      fix: `There ${names.length === 0 ? "are none: name some in defineStore" : `are ${names.join(", ")}`}.`,
      details: { store: name, relation, relations: names },
    });
  }
  const target: unknown = found.to();
  if (typeof target === "object" && target !== null && "kind" in target && target.kind === "store") return found.to();
  throw new InputError("bad_relation", `${name}: the relation "${relation}" leads to no store`, {
    fix: `Give a function that gives one: ${relation}: { to: () => customers, by: … }.`,
    details: { store: name, relation },
  });
}
