// Stores and histories as a program uses them: typed by their definitions, over a ledger to read and a way to the process that writes.

import { BugError, InputError } from "../errors.ts";
import type { Page } from "../host/client.ts";
import type { StreamHead } from "../ledger/ledger.ts";
import type { AsOf } from "../ledger/moment.ts";
import type { ChangeOptions, StoreChange, WriteOptions } from "./change.ts";
import type { FactRef } from "./fact.ts";
import { type Asked, factOf, factsOf, keyIn, latestOf, type When } from "./fact-reader.ts";
import type { WriteReceipt } from "./fact-writer.ts";
import { assertKey, headKeys, streamOf } from "./names.ts";
import { type History, indexedBy, type IndexValue, indexText, type Store } from "./store.ts";
import { timeOf } from "./valid-time.ts";
import { read, readWritten, type StoreFact, type Written } from "./value.ts";

/** Where a handle reads and writes. */
export interface FactAccess {
  /** The ledger as it is by now. */
  asked(): Promise<Asked>;
  record(changes: readonly StoreChange[], options: { readonly idempotencyKey?: string }): Promise<WriteReceipt>;
}

/** Which part of a list. */
export interface PageOptions {
  /** 1 to 1,000; 100 when left out. */
  readonly limit?: number;
  /** Of the part before. */
  readonly cursor?: string;
  readonly newestFirst?: boolean;
}

/** When. */
export interface GetOptions {
  /** As it was recorded then. */
  readonly asOf?: AsOf;
  /** As it held in the world then, as far as it was recorded (by `asOf`): by `validFrom` of the facts. */
  readonly validAt?: Date | number | string;
}

/** What may be said with a single write. */
export interface OnceOptions {
  /** The same key gives the first receipt again. */
  readonly idempotencyKey?: string;
}

/** The receipt of a single change. */
export interface FactReceipt extends FactRef {
  /** True when the same idempotency key recorded it before. */
  readonly repeated: boolean;
}

/** A store of the application. All reads see what is durable; what a write answered, the next read sees. */
export class StoreHandle<T, Index extends string> {
  readonly #store: Store<T, Index>;
  readonly #access: FactAccess;

  constructor(store: Store<T, Index>, access: FactAccess) {
    this.#store = store;
    this.#access = access;
  }

  /**
   * The value of a key as a fact; undefined when it has none, which is not the same as a value of `null`.
   * @throws InputError `bad_key`, `bad_as_of`, `as_of_ahead`, `bad_valid_time`
   */
  async get(key: string, options: GetOptions = {}): Promise<Written<T> | undefined> {
    assertKey(this.#store.name, key);
    return readWritten(this.#store, await factOf(await this.#access.asked(), this.#stream(key), whenOf(options)));
  }

  /** Records a value. @throws InputError `bad_key`, `bad_value`, `write_conflict` and others of `kindling.record` */
  async write(key: string, value: T, { idempotencyKey, ...options }: WriteOptions & OnceOptions = {}): Promise<FactReceipt> {
    return only(await this.#access.record([this.#store.write(key, value, options)], once(idempotencyKey)));
  }

  /** Records that the key has no value any more; its past stays. @throws InputError as `write` */
  async remove(key: string, { idempotencyKey, ...options }: WriteOptions & OnceOptions = {}): Promise<FactReceipt> {
    return only(await this.#access.record([this.#store.remove(key, options)], once(idempotencyKey)));
  }

  /** All facts of a key, oldest first. @throws InputError `bad_key`, `bad_limit`, `bad_cursor` */
  async history(key: string, options: PageOptions & { readonly asOf?: AsOf } = {}): Promise<Page<StoreFact<T>>> {
    assertKey(this.#store.name, key);
    return numbered(this.#store, await this.#access.asked(), this.#stream(key), options);
  }

  /** Values of all keys, in the order in which their keys were first written. @throws InputError `bad_limit`, `bad_cursor` */
  async list(options: PageOptions = {}): Promise<Page<Written<T>>> {
    return this.#found(headKeys.present(this.#store.name), options);
  }

  /**
   * Values that stand in an index under a value, in the order in which their keys were first written. Costs what is found. With `asOf` every key there ever was is looked at.
   * @throws InputError `unknown_index`, `bad_index_value`, `bad_limit`, `bad_cursor`
   */
  async query(
    index: Index,
    value: IndexValue,
    { asOf, ...options }: PageOptions & { readonly asOf?: AsOf } = {},
  ): Promise<Page<Written<T>>> {
    const { name, indexes } = this.#store;
    if (!Object.hasOwn(indexes, index))
      throw new InputError("unknown_index", `${name} has no index ${JSON.stringify(index)}`, {
        fix: `There ${Object.keys(indexes).length === 0 ? "are none: name some in defineStore" : `are ${Object.keys(indexes).join(", ")}`}.`,
      });
    const text = indexText(name, index, value);
    if (asOf === undefined) return this.#found(headKeys.indexed(name, index, text), options);
    return this.#foundThen(asOf, options, (fact) =>
      indexedBy(this.#store, fact.value).some(([of, under]) => of === index && under === text),
    );
  }

  async #found(key: string, options: PageOptions): Promise<Page<Written<T>>> {
    const { ledger } = await this.#access.asked();
    const { limit, newestFirst, after } = pageOf(options);
    const heads = ledger.find({ keys: [key], newestFirst, limit: limit + 1, ...after });
    const facts = await latestOf(ledger, heads.slice(0, limit));
    const written = await Promise.all(facts.map((fact) => readWritten(this.#store, fact)));
    return { items: written.flatMap((fact) => fact ?? []), cursor: nextOf(heads, limit) };
  }

  /** What was there at a moment, key by key. */
  async #foundThen(asOf: AsOf, options: PageOptions, isAsked: (fact: Written<T>) => boolean): Promise<Page<Written<T>>> {
    const asked = await this.#access.asked();
    const { limit, newestFirst, after } = pageOf(options);
    const items: Written<T>[] = [];
    let at = after;
    for (;;) {
      const heads = asked.ledger.find({ keys: [headKeys.all("store", this.#store.name)], newestFirst, limit: SCAN_HEADS, ...at });
      for (const head of heads) {
        const fact = await readWritten(this.#store, await factOf(asked, head.run, { asOf }));
        at = { after: head.started };
        if (fact === undefined || !isAsked(fact)) continue;
        items.push(fact);
        if (items.length === limit) return { items, cursor: String(head.started) };
      }
      if (heads.length < SCAN_HEADS) return { items, cursor: undefined };
    }
  }

  #stream(key: string): string {
    return streamOf("store", this.#store.name, key);
  }
}

/** A history of the application. */
export class HistoryHandle<T> {
  readonly #history: History<T>;
  readonly #access: FactAccess;

  constructor(history: History<T>, access: FactAccess) {
    this.#history = history;
    this.#access = access;
  }

  /** Records an event. @throws InputError `bad_value`, `bad_key` (of the partition) and others of `kindling.record` */
  async append(event: T, { idempotencyKey, ...options }: ChangeOptions & OnceOptions = {}): Promise<FactReceipt> {
    return only(await this.#access.record([this.#history.append(event, options)], once(idempotencyKey)));
  }

  /** Events of a part in their order; without a name, of the history that has no parts. @throws InputError `partition_needed`, `bad_key`, `bad_limit`, `bad_cursor` */
  async read({
    partition,
    ...options
  }: PageOptions & { readonly partition?: string; readonly asOf?: AsOf } = {}): Promise<Page<Written<T>>> {
    const { name, partitionBy } = this.#history;
    if (partitionBy === undefined ? partition !== undefined : partition === undefined)
      throw new InputError("partition_needed", partition === undefined ? `${name} is kept in parts` : `${name} has no parts`, {
        fix: partition === undefined ? "Say which: read({ partition })." : "Leave partition out.",
      });
    if (partition !== undefined) assertKey(name, partition, "partition");
    const { items, cursor } = await numbered(
      this.#history,
      await this.#access.asked(),
      streamOf("history", name, partition ?? ""),
      options,
    );
    return { items: items.flatMap((fact) => (fact.act === "written" ? fact : [])), cursor };
  }

  /** The parts there are, in the order in which they began. @throws InputError `bad_limit`, `bad_cursor` */
  async partitions(options: PageOptions = {}): Promise<Page<string>> {
    const { ledger } = await this.#access.asked();
    const { limit, newestFirst, after } = pageOf(options);
    const { name } = this.#history;
    const heads = ledger.find({ keys: [headKeys.all("history", name)], newestFirst, limit: limit + 1, ...after });
    return { items: heads.slice(0, limit).map(({ run }) => keyIn("history", name, run)), cursor: nextOf(heads, limit) };
  }
}

/** Keys looked at in one go while a past is searched. */
const SCAN_HEADS = 256;
const LIMIT = 100;
const LIMIT_MOST = 1_000;

async function numbered<T>(
  definition: Store<T> | History<T>,
  asked: Asked,
  stream: string,
  options: PageOptions & { readonly asOf?: AsOf },
): Promise<Page<StoreFact<T>>> {
  const { limit, newestFirst, after } = pageOf(options);
  const { asOf } = options;
  const facts = await factsOf(asked, stream, { newestFirst, limit: limit + 1, ...after, ...(asOf === undefined ? {} : { asOf }) });
  const items = await Promise.all(facts.slice(0, limit).map((fact) => read(definition, fact)));
  return { items, cursor: facts.length > limit ? String(items.at(-1)?.number) : undefined };
}

function pageOf({ limit = LIMIT, cursor, newestFirst = false }: PageOptions): {
  readonly limit: number;
  readonly newestFirst: boolean;
  readonly after: { readonly after?: number };
} {
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MOST)
    throw new InputError("bad_limit", `limit is ${limit}`, { fix: `Give a whole number from 1 to ${LIMIT_MOST}.` });
  if (cursor === undefined) return { limit, newestFirst, after: {} };
  const after = /^\d{1,15}$/.test(cursor) ? Number(cursor) : undefined;
  if (after === undefined)
    throw new InputError("bad_cursor", "the cursor is none of a page", { fix: "Pass cursor of the page before as it is." });
  return { limit, newestFirst, after: { after } };
}

function nextOf(heads: readonly StreamHead[], limit: number): string | undefined {
  return heads.length > limit ? String(heads[limit - 1]?.started) : undefined;
}

function whenOf({ asOf, validAt }: GetOptions): When {
  return {
    ...(asOf === undefined ? {} : { asOf }),
    ...(validAt === undefined ? {} : { validAt: timeOf(validAt, "validAt") }),
  };
}

function once(idempotencyKey: string | undefined): { readonly idempotencyKey?: string } {
  return idempotencyKey === undefined ? {} : { idempotencyKey };
}

function only({ facts: [fact], repeated }: WriteReceipt): FactReceipt {
  if (fact === undefined) throw new BugError("a change was recorded and gave no fact");
  return { ...fact, repeated };
}
