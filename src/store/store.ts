// What an author says of a store or a history: the shape of its values, how older ones are read, what they are found by. Data and functions; knows no ledger.

import { InputError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import type { Schema } from "../schema.ts";
import type { StoreChange, WriteOptions } from "./change.ts";
import { type FactRetention, factRetentionProblem } from "./fact-retention.ts";
import { answerOf, assertObject } from "../graph/given.ts";
import type { IndexValue } from "./index-value.ts";
import { assertKey, nameProblem, shortly, type StoreKind } from "./names.ts";
import { type Relation, relationIndex } from "./relation.ts";

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
  /** How much of the past is kept when facts are compacted: all of it when left out. The latest fact of a key always stays. */
  readonly retention?: FactRetention;
}

/** What `defineStore` takes. */
export interface StoreOptions<T, Index extends string = never, Links = object> extends ValueOptions<T> {
  /**
   * What values are found by besides their key. Maintained with every write, so it must not change its mind: only what it is given may matter, and another function needs another name.
   * Up to 50, with those of `relations`.
   */
  readonly indexes?: Readonly<Record<Index, IndexOf<T>>>;
  /** Keys of other stores that values name. Each is an index of that name, too. */
  readonly relations?: { readonly [Name in keyof Links]: Relation<T, Links[Name]> };
}

/** What `defineHistory` takes. */
export interface HistoryOptions<T> extends ValueOptions<T> {
  /** To which part an event belongs, e.g. `({ customer }) => customer`. Reading a part costs what stands in it. One part when left out. */
  readonly partitionBy?: (event: T) => string;
}

/** What is there now, by key, with all it ever was: how it is read. */
export interface ReadableStore<T, Index extends string = string, Links = object> {
  readonly kind: "store";
  readonly name: string;
  readonly schema: Schema<T>;
  readonly version: number;
  readonly upcast: Readonly<Record<number, Upcast>>;
  readonly retention: FactRetention;
  /** Those of relations included. */
  readonly indexes: Readonly<Record<Index, IndexOf<T>>>;
  readonly relations?: { readonly [Name in keyof Links]: Pick<Relation<T, Links[Name]>, "to"> };
}

/** What is there now, by key, with all it ever was. Made by `defineStore`. */
export interface Store<T, Index extends string = string, Links = object> extends ReadableStore<T, Index, Links> {
  /** A value for a key, to be recorded. */
  write(key: string, value: T, options?: WriteOptions): StoreChange;
  /** That a key has no value any more, to be recorded. What it was stays. */
  remove(key: string, options?: WriteOptions): StoreChange;
}

/** A store or a history, whatever its values are. */
export interface AnyStore extends Omit<ReadableStore<unknown>, "kind" | "indexes" | "relations"> {
  readonly kind: StoreKind;
  /** A history has none. */
  readonly indexes?: Readonly<Record<string, IndexOf<never>>>;
}

/** What happened, in order: facts are added and never replaced. Made by `defineHistory`. */
export interface History<T> {
  readonly kind: "history";
  readonly name: string;
  readonly schema: Schema<T>;
  readonly version: number;
  readonly upcast: Readonly<Record<number, Upcast>>;
  readonly retention: FactRetention;
  readonly partitionBy: ((event: T) => string) | undefined;
  /** An event, to be recorded. */
  append(event: T, options?: WriteOptions): StoreChange;
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
export function defineStore<T, Index extends string = never, Links = object>(
  name: string,
  options: StoreOptions<T, Index, Links>,
): Store<T, Index, Links> {
  // In a change, of values nobody knows the type of: its functions are given nothing but what its own schema gave.
  const store: Store<T, Index, Links> = Object.freeze({
    kind: "store",
    name,
    ...common(name, options),
    ...found(name, options),
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
  assertObject(`history ${shortly(name)}`, options);
  const { partitionBy } = options;
  if (partitionBy !== undefined && typeof partitionBy !== "function")
    throw badStore(name, "partitionBy is no function", "Give one: partitionBy: ({ customer }) => customer.");
  // As with a store: in a change its functions are given only what its own schema gave.
  const history: History<T> = Object.freeze({
    kind: "history",
    name,
    ...common(name, options),
    partitionBy,
    append: (event: T, said: WriteOptions = {}): StoreChange => ({
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
  const partition = answerOf("bad_key", `${name}: partitionBy`, () => partitionBy(event));
  assertKey(name, partition, "partition");
  return partition;
}

/** What values are found by. */
function found<T, Index extends string, Links>(
  name: string,
  { indexes, relations }: StoreOptions<T, Index, Links>,
): Pick<Store<T, Index, Links>, "indexes" | "relations"> {
  for (const [option, each] of Object.entries({ indexes, relations }))
    if (each !== undefined) assertObject(`store ${shortly(name)}, ${option}`, each);
  const all: Record<string, IndexOf<T>> = { ...indexes };
  // Of what the other stores hold nothing is asked here.
  const links = Object.entries((relations ?? {}) as Readonly<Record<string, Relation<T, unknown>>>);
  for (const [relation, link] of links) {
    const isWhole = typeof link?.to === "function" && typeof link.by === "function";
    if (!isWhole)
      throw badStore(
        name,
        `the relation "${relation}" is none`,
        `Give one: ${relation}: { to: () => others, by: (value) => value.other }.`,
      );
    if (Object.hasOwn(all, relation))
      throw badStore(name, `"${relation}" is an index and a relation`, "Rename one: a relation is an index, too.");
    all[relation] = relationIndex(name, relation, link.by);
  }
  for (const [index, find] of Object.entries<unknown>(all)) {
    const problem = nameProblem(index);
    if (problem !== undefined) throw badStore(name, `the name of an index ${problem}`, 'Rename it: indexes: { "by-owner": … }.');
    if (typeof find !== "function")
      throw badStore(name, `the index "${index}" is no function`, `Give one: ${index}: (value) => value.owner.`);
  }
  const count = Object.keys(all).length;
  if (count > INDEX_LIMIT) throw badStore(name, `has ${count} indexes`, `Keep to ${INDEX_LIMIT}: each of them is kept with every write.`);
  const made = { indexes: Object.freeze(all) as Readonly<Record<Index, IndexOf<T>>> };
  return relations === undefined ? made : { ...made, relations: Object.freeze({ ...relations }) };
}

/** Indexes of one store. */
const INDEX_LIMIT = 50;

function common<T>(name: string, options: ValueOptions<T>): Pick<Store<T>, "schema" | "version" | "upcast" | "retention"> {
  const problem = nameProblem(name);
  if (problem !== undefined) throw badStore(name, `its name ${problem}`, 'Rename it: "open-orders".');
  assertObject(`store ${shortly(name)}`, options);
  const { schema, version = 1, upcast = {}, retention = "permanent" } = options;
  assertObject(`store ${shortly(name)}, upcast`, upcast);
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
  const unfit = factRetentionProblem(retention);
  if (unfit !== undefined) throw badStore(name, unfit.message, unfit.fix);
  return { schema, version, upcast: Object.freeze({ ...upcast }), retention };
}

function shown(value: unknown): string {
  return typeof value === "number" ? `${value}` : shortly(value);
}

function badStore(name: unknown, message: string, fix: string): InputError {
  return new InputError("bad_store", `store ${shortly(name)}: ${message}`, { fix });
}
