// Where the values of a store stand in the lists of its indexes, and which indexes were kept when a value was recorded. Pure.

import { InputError } from "../errors.ts";
import { answerOf } from "../graph/given.ts";
import type { Rank } from "../ledger/rank.ts";
import { headKeys } from "./names.ts";
import { indexPlace, type IndexValue } from "./index-value.ts";
import type { IndexOf, ReadableStore } from "./store.ts";

/** What a key is found by while it has a value. */
export interface FoundBy {
  readonly headKeys: readonly string[];
  readonly ranks: readonly Rank[];
}

/** The list of an index. */
export function indexList(store: string, index: string): string {
  return `store-index:${store}:${index}`;
}

/** The list that says of each key with a value which indexes were kept when the value was recorded. */
export function keptList(store: string): string {
  return `store-indexes:${store}`;
}

const BETWEEN = ",";

/** The indexes of a definition as they stand in that list. */
export function keptPlace(indexes: object): string {
  return Object.keys(indexes).sort().join(BETWEEN);
}

/** True when an index was kept where that is said. */
export function wasKept(index: string, place: string): boolean {
  return place.split(BETWEEN).includes(index);
}

/** What a key is found by from now on: with a value, or without one. @throws InputError `bad_index_value` */
export function foundBy<T>(store: ReadableStore<T>, value: { readonly is: T } | undefined): FoundBy {
  const all = headKeys.all("store", store.name);
  if (value === undefined) return { headKeys: [all], ranks: [] };
  const ranks = Object.keys(store.indexes).flatMap((index) =>
    placesIn(store, index, value.is).map((place): Rank => ({ list: indexList(store.name, index), place })),
  );
  const kept = { list: keptList(store.name), place: keptPlace(store.indexes) };
  return { headKeys: [all, headKeys.present(store.name)], ranks: [kept, ...ranks] };
}

/** True when a key is found by the same places. */
export function isFoundAlike(one: readonly Rank[] = [], other: readonly Rank[] = []): boolean {
  return one.length === other.length && one.every(({ list, place }, index) => list === other[index]?.list && place === other[index].place);
}

/** The places of a value in an index, each once. @throws InputError `bad_index_value` */
export function placesIn<T>({ name, indexes }: ReadableStore<T>, index: string, value: T): readonly string[] {
  const find: IndexOf<T> | undefined = Object.hasOwn(indexes, index) ? indexes[index] : undefined;
  const found = find === undefined ? undefined : answerOf("bad_index_value", `${name}: the index "${index}"`, () => find(value));
  if (found === undefined) return [];
  const values: readonly IndexValue[] = Array.isArray(found) ? found : [found as IndexValue];
  if (values.length > VALUES_LIMIT)
    throw new InputError("bad_index_value", `${name}: a value was to stand at ${values.length} places of the index "${index}"`, {
      fix: `Keep to ${VALUES_LIMIT}: they stand in every line of the log that is about the key.`,
      details: { store: name, index },
    });
  return [...new Set(values.map((each) => indexPlace(name, index, each)))];
}

/** Places of one value in one index. */
const VALUES_LIMIT = 1_000;
