// What an author says of a store or a history: the shape of its values, how older ones are read, what they are found by. Data and functions; knows no ledger.

import { InputError } from "../errors.ts";
import { canonicalJson, type JsonValue } from "../json.ts";
import type { Schema } from "../schema.ts";
import type { ChangeOptions, StoreChange, WriteOptions } from "./change.ts";
import { assertKey, KEY_LIMIT, nameProblem, shortly } from "./names.ts";

/** What an index finds values by. */
export type IndexValue = string | number | boolean | null;

/** Under what a value stands in an index: one value, several, or none (`undefined`: it does not stand there). */
export type IndexOf<T> = (value: T) => IndexValue | readonly IndexValue[] | undefined;

/** Makes a value of the next version from one of this version. */
export type Upcast = (value: JsonValue) => JsonValue;

interface ValueOptions<T> {
  /** Checked before a value is recorded; what it gives is what is recorded, so it must be JSON. */
  readonly schema: Schema<T>;
  /** Of the values: 1 when left out. Raise it when older ones no longer fit the schema. */
  readonly version?: number;
  /** For every version before this one, how a value of it becomes one of the next. What is recorded stays as it is. */
  readonly upcast?: Readonly<Record<number, Upcast>>;
}

/** What `defineStore` takes. */
export interface StoreOptions<T, Index extends string = never> extends ValueOptions<T> {
  /** What values are found by besides their key. Maintained with every write, so it must not change its mind: only what it is given may matter. */
  readonly indexes?: Readonly<Record<Index, IndexOf<T>>>;
}

/** What `defineHistory` takes. */
export interface HistoryOptions<T> extends ValueOptions<T> {
  /** To which part an event belongs, e.g. `({ customer }) => customer`. Reading a part costs what stands in it. One part when left out. */
  readonly partitionBy?: (event: T) => string;
}

/** What is there now, by key, with all it ever was. Made by `defineStore`. */
export interface Store<T, Index extends string = string> {
  readonly kind: "store";
  readonly name: string;
  readonly schema: Schema<T>;
  readonly version: number;
  readonly upcast: Readonly<Record<number, Upcast>>;
  readonly indexes: Readonly<Record<Index, IndexOf<T>>>;
  /** A value for a key, to be recorded. */
  write(key: string, value: T, options?: WriteOptions): StoreChange;
  /** That a key has no value any more, to be recorded. What it was stays. */
  remove(key: string, options?: WriteOptions): StoreChange;
}

/** What happened, in order: facts are added and never replaced. Made by `defineHistory`. */
export interface History<T> {
  readonly kind: "history";
  readonly name: string;
  readonly schema: Schema<T>;
  readonly version: number;
  readonly upcast: Readonly<Record<number, Upcast>>;
  readonly partitionBy: ((event: T) => string) | undefined;
  /** An event, to be recorded. */
  append(event: T, options?: ChangeOptions): StoreChange;
}

/**
 * Defines a store of the application: values by key in the ledger of the runs, each with its past.
 *
 * @throws InputError `bad_store`
 * @example
 * ```ts
 * const reminders = defineStore("reminders", {
 *   schema: z.object({ owner: z.string(), text: z.string(), done: z.boolean() }),
 *   indexes: { open: ({ done, owner }) => (done ? undefined : owner) },
 * });
 * ```
 */
export function defineStore<T, Index extends string = never>(name: string, options: StoreOptions<T, Index>): Store<T, Index> {
  const indexes = { ...options.indexes } as Readonly<Record<Index, IndexOf<T>>>;
  for (const [index, find] of Object.entries<unknown>(indexes)) {
    const problem = nameProblem(index);
    if (problem !== undefined) throw badStore(name, `the name of an index ${problem}`, 'Rename it: indexes: { "by-owner": … }.');
    if (typeof find !== "function")
      throw badStore(name, `the index "${index}" is no function`, `Give one: ${index}: (value) => value.owner.`);
  }
  // In a change, of values nobody knows the type of: its functions are given nothing but what its own schema gave.
  const store: Store<T, Index> = Object.freeze({
    kind: "store",
    name,
    ...common(name, options),
    indexes: Object.freeze(indexes),
    write: (key: string, value: T, said: WriteOptions = {}): StoreChange => ({
      act: "write",
      store: store as unknown as Store<unknown>,
      key,
      value,
      options: said,
    }),
    remove: (key: string, said: WriteOptions = {}): StoreChange => ({
      act: "remove",
      store: store as unknown as Store<unknown>,
      key,
      options: said,
    }),
  });
  return store;
}

/**
 * Defines a history of the application: events in order, in the ledger of the runs.
 *
 * @throws InputError `bad_store`
 * @example
 * ```ts
 * const calls = defineHistory("calls", { schema: z.object({ customer: z.string(), minutes: z.number() }), partitionBy: ({ customer }) => customer });
 * ```
 */
export function defineHistory<T>(name: string, options: HistoryOptions<T>): History<T> {
  const { partitionBy } = options;
  if (partitionBy !== undefined && typeof partitionBy !== "function")
    throw badStore(name, "partitionBy is no function", "Give one: partitionBy: ({ customer }) => customer.");
  // As with a store: in a change its functions are given only what its own schema gave.
  const history: History<T> = Object.freeze({
    kind: "history",
    name,
    ...common(name, options),
    partitionBy,
    append: (event: T, said: ChangeOptions = {}): StoreChange => ({
      act: "append",
      history: history as unknown as History<unknown>,
      event,
      options: said,
    }),
  });
  return history;
}

/** The part an event belongs to; empty where there are none. @throws InputError `bad_key` */
export function partitionOf<T>({ name, partitionBy }: History<T>, event: T): string {
  if (partitionBy === undefined) return "";
  const partition: unknown = partitionBy(event);
  assertKey(name, partition, "partition");
  return partition;
}

/** Under what a value stands in the indexes of a store, as pairs of index and canonical JSON. @throws InputError `bad_index_value` */
export function indexedBy<T, Index extends string>(
  { name, indexes }: Store<T, Index>,
  value: T,
): readonly (readonly [index: string, value: string])[] {
  return Object.entries<IndexOf<T>>(indexes).flatMap(([index, find]) => {
    const found = find(value);
    if (found === undefined) return [];
    const values: readonly IndexValue[] = Array.isArray(found) ? found : [found as IndexValue];
    return [...new Set(values.map((each) => indexText(name, index, each)))].map((text) => [index, text] as const);
  });
}

/** A value of an index as it is looked up. @throws InputError `bad_index_value` */
export function indexText(store: string, index: string, value: unknown): string {
  const isScalar =
    value === null || typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value));
  if (isScalar) {
    const text = canonicalJson(value);
    if (text.length <= KEY_LIMIT && text.isWellFormed()) return text;
  }
  throw new InputError("bad_index_value", `${store}: ${isScalar ? shortly(value) : shown(value)} cannot stand in the index "${index}"`, {
    fix: `Give a text of at most ${KEY_LIMIT - 2} characters, a number, true, false or null; a list of them; or undefined for none.`,
    details: { store, index },
  });
}

function common<T>(name: string, options: ValueOptions<T>): Pick<Store<T>, "schema" | "version" | "upcast"> {
  const problem = nameProblem(name);
  if (problem !== undefined) throw badStore(name, `its name ${problem}`, 'Rename it: "open-orders".');
  const { schema, version = 1, upcast = {} } = options;
  if (typeof schema?.["~standard"]?.validate !== "function")
    throw badStore(name, "has no schema", "Give a Standard Schema, such as one of zod: schema: z.object({ … }).");
  if (!Number.isSafeInteger(version) || version < 1) throw badStore(name, `version is ${shown(version)}`, "Give a whole number from 1 on.");
  for (let older = 1; older < version; older++)
    if (typeof upcast[older] !== "function")
      throw badStore(
        name,
        `version is ${version}, and nothing makes values of version ${older} to ones of version ${older + 1}`,
        `Give it: upcast: { ${older}: (value) => … }.`,
      );
  const strange = Object.keys(upcast).find((key) => !(Number(key) >= 1 && Number(key) < version));
  if (strange !== undefined)
    throw badStore(name, `upcast[${strange}] is never used: version is ${version}`, "Raise the version, or remove it.");
  return { schema, version, upcast: Object.freeze({ ...upcast }) };
}

function shown(value: unknown): string {
  return typeof value === "number" ? `${value}` : shortly(value);
}

function badStore(name: unknown, message: string, fix: string): InputError {
  return new InputError("bad_store", `store ${shortly(name)}: ${message}`, { fix });
}
