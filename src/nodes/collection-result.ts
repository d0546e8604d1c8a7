// What a collection gives: every item by its key, those that succeeded and those that failed. Recorded as plain JSON, read through this view.

import type { Failure } from "../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";

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
  /** As it is recorded: `{ "type": "collection", "items": […] }`. */
  toJSON(): JsonValue;
}

/** How a collection is recorded. */
interface RecordedCollection extends JsonObject {
  readonly type: "collection";
  readonly items: readonly JsonValue[];
}

/** A collection's outcome as it is recorded. */
export function recordCollection(items: readonly CollectionItem<JsonValue>[]): JsonValue {
  // An item is JSON: its value went through `toJson`, and a failure is made of text.
  return { type: "collection", items: items as unknown as JsonValue };
}

/** A recorded value with every collection in it, at whatever depth, as its view. Values without one come back as they are. */
export function reviveCollections(value: JsonValue): unknown {
  if (Array.isArray(value)) {
    const revived = value.map((member: JsonValue) => reviveCollections(member));
    return revived.some((member, index) => member !== value[index]) ? revived : value;
  }
  if (!isJsonObject(value)) return value;
  if (isRecordedCollection(value)) return viewOf(value);
  const revived = Object.entries(value).map(([name, member]) => [name, reviveCollections(member)] as const);
  return revived.some(([name, member]) => member !== value[name]) ? Object.fromEntries(revived) : value;
}

// A view is made once per recorded value: several nodes may read the same large collection.
const views = new WeakMap<RecordedCollection, CollectionResult<unknown>>();

function viewOf(recorded: RecordedCollection): CollectionResult<unknown> {
  const known = views.get(recorded);
  if (known !== undefined) return known;
  const view = makeView(recorded);
  views.set(recorded, view);
  return view;
}

function makeView(recorded: RecordedCollection): CollectionResult<unknown> {
  // Written by `recordCollection`; the ledger's checksums vouch for it since.
  const raw = recorded.items as unknown as readonly CollectionItem<JsonValue>[];
  const items = raw.map(
    (item): CollectionItem<unknown> => (item.status === "failed" ? item : { ...item, value: reviveCollections(item.value) }),
  );
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
    toJSON: () => recorded,
  });
}

function isRecordedCollection(value: JsonObject): value is RecordedCollection {
  const { type, items } = value;
  return (
    type === "collection" &&
    Array.isArray(items) &&
    items.every((item: JsonValue) => isJsonObject(item) && "key" in item && "status" in item)
  );
}
