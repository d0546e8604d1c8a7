// The items of a collection by key: the members of a record by their names, those of a list by what `key` makes of them. Knows no runs and no children.

import { didYouMean } from "../graph/nearest.ts";
import { ValueError } from "../graph/value-error.ts";
import type { JsonValue } from "../json.ts";
import { answerOf, shownAnswer } from "./callback.ts";
import { isCollection, reviveCollections } from "./collection-result.ts";

/** How a list's items get their keys: by a function of the item, or by the text in one of its members. */
export type ItemKey = ((item: unknown) => unknown) | string;

/** Reads what a collection is over. */
export interface ItemSource {
  /**
   * The keys in the order of the source, from the value as callbacks see it.
   * @throws ValueError `not_a_list`, `bad_item_key`, `duplicate_item_key`, and whatever the author's function throws
   */
  readonly keysOf: (over: unknown) => readonly string[];
  /** The item of a key, from the value as it is recorded. @throws ValueError `item_missing`, and what `keysOf` throws */
  readonly itemOf: (over: JsonValue | undefined, key: string) => JsonValue;
}

/** The source of a collection of this name; without a key it takes records only, with one lists only. */
export function itemSource(collection: string, key: ItemKey | undefined): ItemSource {
  // Each list is read once: recorded values are frozen and keep their identity, so a fan-out of 100,000 items stays linear. Most are seen as they are recorded,
  // so that the keys of the listing are those by which items are found.
  const known = new WeakMap<object, ReadonlyMap<string, JsonValue>>();
  const keysSeen = new WeakMap<object, readonly string[]>();
  const keysIn = (list: readonly unknown[]): readonly string[] => {
    const keys = keysSeen.get(list) ?? listKeys(collection, list, key);
    keysSeen.set(list, keys);
    return keys;
  };
  const itemsOf = (list: readonly JsonValue[]): ReadonlyMap<string, JsonValue> => {
    const before = known.get(list);
    if (before !== undefined) return before;
    const seen = reviveCollections(list);
    const keys = keysIn(Array.isArray(seen) ? seen : list);
    const items = new Map(keys.map((each, index) => [each, list[index] ?? null]));
    known.set(list, items);
    return items;
  };
  return {
    keysOf: (over) => (Array.isArray(over) ? keysIn(over) : recordKeys(collection, recordOf(collection, over), key)),
    itemOf: (over, wanted) => {
      const item = Array.isArray(over) ? itemsOf(over).get(wanted) : memberOf(collection, over, wanted);
      if (item !== undefined) return item;
      // Keys are asked for again in a new process, so a `key` that gives others each time is found out here.
      throw new ValueError("item_missing", `collection "${collection}": no item has the key "${wanted}" any more`, {
        fix: "key must give the same text for the same item every time: it may not count, nor read clock or chance.",
      });
    },
  };
}

function memberOf(collection: string, over: JsonValue | undefined, name: string): JsonValue | undefined {
  const record = recordOf(collection, over);
  // The members of JSON are JSON.
  return Object.hasOwn(record, name) ? (record[name] as JsonValue) : undefined;
}

function recordOf(collection: string, over: unknown): Readonly<Record<string, unknown>> {
  if (isRecord(over)) return over;
  throw new ValueError("not_a_list", `collection "${collection}": over must be a list or a record, and it is ${describe(over)}`, {
    fix: "Give a handle whose value is one; take it out with g.project where it stands inside another value.",
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isCollection(value);
}

function recordKeys(collection: string, record: Readonly<Record<string, unknown>>, key: ItemKey | undefined): readonly string[] {
  if (key !== undefined) {
    throw new ValueError("bad_item_key", `collection "${collection}": over is a record, and key is given`, {
      fix: "The names of a record's members are the keys: leave key out.",
    });
  }
  const names = Object.keys(record);
  for (const name of names) assertKey(collection, name, "the name of a member");
  return names;
}

function listKeys(collection: string, list: readonly unknown[], key: ItemKey | undefined): readonly string[] {
  if (key === undefined) {
    throw new ValueError("bad_item_key", `collection "${collection}": over is a list, and there is no key`, {
      fix: 'Give key: a function of the item, or the name of a member that is a text: key: "id".',
    });
  }
  const seen = new Set<string>();
  for (const [index, item] of list.entries()) {
    const made = typeof key === "string" ? fieldOf(collection, item, index, key) : answerOf("key", () => key(item), ` at item ${index}`);
    assertKey(collection, made, `the key of item ${index}`);
    if (seen.has(made)) {
      throw new ValueError("duplicate_item_key", `collection "${collection}": the key "${made}" of item ${index} is there already`, {
        fix: "Keys must be unique within the list.",
      });
    }
    seen.add(made);
  }
  return [...seen];
}

function fieldOf(collection: string, item: unknown, index: number, field: string): unknown {
  if (isRecord(item) && Object.hasOwn(item, field)) return item[field];
  const known = isRecord(item) ? didYouMean(field, Object.keys(item)) : `It is ${describe(item)}.`;
  throw new ValueError("bad_item_key", `collection "${collection}": item ${index} has no "${field}" to take its key from`, { fix: known });
}

const KEY_LIMIT = 200;

function assertKey(collection: string, key: unknown, subject: string): asserts key is string {
  if (typeof key === "string" && key !== "" && key.length <= KEY_LIMIT) return;
  const shown = typeof key === "string" && key !== "" ? `a text of ${key.length} characters` : shownAnswer(key);
  throw new ValueError("bad_item_key", `collection "${collection}": ${subject} is ${shown}`, {
    fix: `A key is a text of 1 to ${KEY_LIMIT} characters.`,
  });
}

/** What a value is, for messages. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value instanceof Promise) return "a promise";
  if (typeof value === "object" && value !== null) return isCollection(value) ? "the outcome of a collection" : "an object";
  if (value === undefined || value === null || typeof value === "number" || typeof value === "boolean") return String(value);
  return value === "" ? "empty" : `a ${typeof value}`;
}
