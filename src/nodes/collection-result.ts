// What a collection gives: every item by its key, those that succeeded, those that failed, and those still to come while it runs. Recorded as plain
// JSON, read through this view.

import type { Failure } from "../errors.ts";
import type { SettledChild } from "../graph/work.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";

/** How one item stands; `pending` only while its collection is not finished. */
export type CollectionItem<T> =
  | { readonly key: string; readonly status: "succeeded"; readonly value: T }
  | { readonly key: string; readonly status: "failed"; readonly error: Failure }
  | { readonly key: string; readonly status: "pending" };

/** How many items ended how. A collection that collects succeeds as a node even when all its items failed: `status` tells. */
export interface CollectionSummary {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly pending: number;
  /** `succeeded` when all items did (also when there are none), `failed` when all failed, `pending` while one is not settled. */
  readonly status: "succeeded" | "partial_failure" | "failed" | "pending";
}

/** The outcome of a collection. Keys keep the order of the items. */
export interface CollectionResult<T> {
  readonly keys: readonly string[];
  readonly items: readonly CollectionItem<T>[];
  readonly successes: Readonly<Record<string, T>>;
  readonly failures: Readonly<Record<string, Failure>>;
  /** The keys of items that are not settled; empty for a collection that is finished. */
  readonly pending: readonly string[];
  readonly summary: CollectionSummary;
  /** The item's value; undefined when there is no such key or the item has no value. */
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

/** A collection that is not finished, as it would be recorded: keys in their order, those that are not among the settled as pending. */
export function partialCollection(keys: readonly string[], settled: ReadonlyMap<string, SettledChild>): JsonValue {
  return recordCollection(keys.map((key) => settled.get(key) ?? { key, status: "pending" }));
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
const known = new WeakSet<object>();

/** True for a collection's outcome, recorded or as its view: it is no list and no record, though it has members. */
export function isCollection(value: object): boolean {
  // It is only looked at: whatever it holds, two of its members decide.
  return known.has(value) || isRecordedCollection(value as JsonObject);
}

function viewOf(recorded: RecordedCollection): CollectionResult<unknown> {
  const before = views.get(recorded);
  if (before !== undefined) return before;
  const view = makeView(recorded);
  views.set(recorded, view);
  known.add(view);
  return view;
}

function makeView(recorded: RecordedCollection): CollectionResult<unknown> {
  // Written by `recordCollection`; the ledger's checksums vouch for it since.
  const raw = recorded.items as unknown as readonly CollectionItem<JsonValue>[];
  const items = raw.map(
    (item): CollectionItem<unknown> => (item.status === "succeeded" ? { ...item, value: reviveCollections(item.value) } : item),
  );
  const byKey = new Map(items.map((item) => [item.key, item]));
  const successes = items.flatMap((item) => (item.status === "succeeded" ? [[item.key, item.value] as const] : []));
  const failures = items.flatMap((item) => (item.status === "failed" ? [[item.key, item.error] as const] : []));
  const pending = items.flatMap((item) => (item.status === "pending" ? [item.key] : []));
  return Object.freeze({
    keys: items.map((item) => item.key),
    items,
    successes: Object.fromEntries(successes),
    failures: Object.fromEntries(failures),
    pending,
    summary: summaryOf(successes.length, failures.length, pending.length),
    get: (key: string) => {
      const item = byKey.get(key);
      return item?.status === "succeeded" ? item.value : undefined;
    },
    toJSON: () => recorded,
  });
}

function summaryOf(succeeded: number, failed: number, pending: number): CollectionSummary {
  const total = succeeded + failed + pending;
  return { total, succeeded, failed, pending, status: statusOf(succeeded, failed, pending) };
}

function statusOf(succeeded: number, failed: number, pending: number): CollectionSummary["status"] {
  if (pending > 0) return "pending";
  if (failed === 0) return "succeeded";
  return succeeded === 0 ? "failed" : "partial_failure";
}

function isRecordedCollection(value: JsonObject): value is RecordedCollection {
  const { type, items } = value;
  return (
    type === "collection" &&
    Array.isArray(items) &&
    items.every((item: JsonValue) => isJsonObject(item) && "key" in item && "status" in item)
  );
}
