// What a collection gives: every item by its key, those that succeeded and those that failed. Recorded as plain JSON, read through this view.

import type { Failure } from "../errors.ts";
import { isJsonObject, type JsonValue } from "../json.ts";

/** How one item ended. */
export type CollectionItem<T> =
  | { readonly key: string; readonly status: "succeeded"; readonly value: T }
  | { readonly key: string; readonly status: "failed"; readonly error: Failure };

/** The outcome of a collection. Keys keep the order of the items. */
export interface CollectionResult<T> {
  readonly keys: readonly string[];
  readonly items: readonly CollectionItem<T>[];
  readonly successes: Readonly<Record<string, T>>;
  readonly failures: Readonly<Record<string, Failure>>;
  readonly summary: { readonly total: number; readonly succeeded: number; readonly failed: number };
  /** The item's value; undefined when there is no such key or the item failed. */
  get(key: string): T | undefined;
  toJSON(): { readonly items: readonly CollectionItem<T>[] };
}

/** The view of a recorded collection. */
export function collectionResult(recorded: JsonValue): CollectionResult<unknown> {
  const items = readItems(recorded);
  const byKey = new Map(items.map((item) => [item.key, item]));
  const successes: Record<string, unknown> = {};
  const failures: Record<string, Failure> = {};
  for (const item of items) {
    if (item.status === "succeeded") successes[item.key] = item.value;
    else failures[item.key] = item.error;
  }
  const failed = Object.keys(failures).length;
  return Object.freeze({
    keys: items.map((item) => item.key),
    items,
    successes,
    failures,
    summary: { total: items.length, succeeded: items.length - failed, failed },
    get: (key: string) => {
      const item = byKey.get(key);
      return item?.status === "succeeded" ? item.value : undefined;
    },
    toJSON: () => ({ items }),
  });
}

function readItems(recorded: JsonValue): readonly CollectionItem<unknown>[] {
  const items = isJsonObject(recorded) ? recorded["items"] : undefined;
  // Written by the collection's own `outcome`; the ledger's checksums vouch for it since.
  return (items ?? []) as unknown as readonly CollectionItem<unknown>[];
}
