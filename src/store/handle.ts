// Stores and histories as a program uses them: typed by their definitions, over a ledger to read and a way to the process that writes.

import { BugError, InputError } from "../errors.ts";
import type { Page } from "../host/client.ts";
import type { Feed, FeedQuery } from "../host/feed.ts";
import type { Entry, Ledger } from "../ledger/ledger.ts";
import type { AsOf } from "../ledger/moment.ts";
import type { Moment } from "../moment.ts";
import type { StoreChange, WriteOptions } from "./change.ts";
import type { FactRef } from "./fact.ts";
import { type Asked, factOf, factsOf, keyIn, latestOf, type When } from "./fact-reader.ts";
import type { WriteReceipt } from "./fact-writer.ts";
import type { IndexRange, IndexValue } from "./index-value.ts";
import { assertOptions } from "../graph/given.ts";
import { assertKey, headKeys, streamOf } from "./names.ts";
import { nextOf, pageOf, type PageOptions } from "./page.ts";
import { queryStore, type QueryOptions } from "./query.ts";
import { reindexStore } from "./reindex.ts";
import { type Related, relatedFrom, type RelatedPage, relatedTo } from "./relation.ts";
import type { History, ReadableStore, Store } from "./store.ts";
import { timeOf } from "./valid-time.ts";
import { type IndexChange, watchIndex } from "./watch.ts";
import { read, readWritten, type StoreFact, type Written } from "./value.ts";

/** Where a handle reads and writes. */
export interface FactAccess {
  /** The ledger as it is by now. */
  asked(): Promise<Asked>;
  record(changes: readonly StoreChange[], options: { readonly idempotencyKey?: string }): Promise<WriteReceipt>;
  /** What somebody picks of the commits of the ledger, as they come. */
  follow<C>(query: FeedQuery, picking: FeedPicking<C>): Feed<C>;
}

/** What is picked of commits. What `check` throws, the feed throws when the first change is asked for. */
export interface FeedPicking<C> {
  readonly check: () => void;
  readonly pick: (entry: Entry, ledger: Ledger) => C | undefined | Promise<C | undefined>;
}

/** When. */
export interface GetOptions {
  /** As it was recorded then. */
  readonly asOf?: AsOf;
  /** As it held in the world then, as far as it was recorded (by `asOf`): by `validFrom` of the facts. */
  readonly validAt?: Moment;
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

/**
 * A store of the application, to be read. All reads see what is durable; what a write answered, the next read sees. Values of another version than the definition's are refused with RunError
 * `value_too_new`, or with `upcast_failed` where `upcast` does not make them fit.
 */
export class StoreReader<T, Index extends string, Links = object> {
  readonly #store: ReadableStore<T, Index, Links>;
  readonly #access: FactAccess;

  constructor(store: ReadableStore<T, Index, Links>, access: FactAccess) {
    this.#store = store;
    this.#access = access;
  }

  /**
   * The value of a key as a fact; undefined when it has none, which is not the same as a value of `null`.
   * @throws InputError `bad_key`, `bad_as_of`, `as_of_ahead`, `bad_valid_time`, `detail_unavailable` (what counted then was given up)
   */
  async get(key: string, options: GetOptions = {}): Promise<Written<T> | undefined> {
    assertOptions("get", options);
    assertKey(this.#store.name, key);
    return readWritten(this.#store, await factOf(await this.#access.asked(), this.#stream(key), whenOf(options)));
  }

  /**
   * All facts of a key that are kept, oldest first.
   * @throws InputError `bad_key`, `bad_limit`, `bad_cursor`, `bad_as_of`, `as_of_ahead`, `detail_unavailable` (all that was there at `asOf` was given up)
   */
  async history(key: string, options: PageOptions & { readonly asOf?: AsOf } = {}): Promise<Page<StoreFact<T>>> {
    assertOptions("history", options);
    assertKey(this.#store.name, key);
    return numbered(this.#store, await this.#access.asked(), this.#stream(key), options);
  }

  /** Values of all keys, in the order in which their keys were first written. @throws InputError `bad_limit`, `bad_cursor` */
  async list(options: PageOptions = {}): Promise<Page<Written<T>>> {
    const { ledger } = await this.#access.asked();
    const part = pageOf(options, ledger, ["list", this.#store.name]);
    const { limit, newestFirst, after } = part;
    const heads = ledger.find({ keys: [headKeys.present(this.#store.name)], newestFirst, limit: limit + 1, ...after });
    const facts = await latestOf(ledger, heads.slice(0, limit));
    const written = await Promise.all(facts.map((fact) => readWritten(this.#store, fact)));
    return { items: written.flatMap((fact) => fact ?? []), cursor: nextOf(part, heads, heads[limit - 1]?.started) };
  }

  /**
   * Values that an index finds: those under a value, or in a part of the index, such as `{ below: now }`; by their values, and of equal ones by when their keys were first written.
   * Costs what is given; with `asOf`, a look at every key there ever was.
   * @throws InputError `unknown_index`, `bad_index_value`, `bad_range`, `bad_order`, `bad_limit`, `bad_cursor`, `index_incomplete` (values were recorded without the index: see `reindex`),
   * `scan_needed` (a question about the past of over 10,000 keys), `bad_as_of`, `as_of_ahead`
   * @example await kindling.store(reminders).query("due", { below: Date.now() }, { limit: 20 });
   */
  async query(
    index: Index | (keyof Links & string),
    wanted: IndexValue | IndexRange,
    options: QueryOptions = {},
  ): Promise<Page<Written<T>>> {
    return queryStore(this.#store, await this.#access.asked(), index, wanted, options);
  }

  /**
   * The keys of another store that the value of a key names, each with what is there: no fact where the other store has no value. Undefined where the key itself has none.
   * With `asOf`, both as they were then.
   * @throws InputError `unknown_relation`, `bad_relation` (it leads to no store), `bad_key`, `bad_as_of`, `as_of_ahead`, `detail_unavailable` (what counted then was given up)
   * @example const [technician] = (await kindling.store(bookings).related("technician", "b1")) ?? [];
   */
  async related<Name extends keyof Links & string>(
    relation: Name,
    key: string,
    when: { readonly asOf?: AsOf } = {},
  ): Promise<readonly Related<Links[Name]>[] | undefined> {
    return relatedFrom<T, Links[Name]>(this.#store, await this.#access.asked(), relation, key, when);
  }

  /**
   * The other way: values that name a key of the other store now, and the value of that key as `target`; undefined where it has none.
   * @throws InputError `unknown_relation`, `bad_relation` (it leads to no store), `bad_key`, and those of `query`
   * @example const { items, target } = await kindling.store(bookings).relatedTo("technician", "t1");
   */
  async relatedTo<Name extends keyof Links & string>(
    relation: Name,
    key: string,
    options: QueryOptions = {},
  ): Promise<RelatedPage<T, Links[Name]>> {
    return relatedTo<T, Links[Name]>(this.#store, await this.#access.asked(), relation, key, options);
  }

  /**
   * What comes into a part of an index, changes in it and leaves it, in the order of the ledger: from the oldest fact on, or behind `cursor` or `after`. Nothing is left out, and it goes on
   * from where it was, in a later process too. Of keys that were erased nothing is told.
   * @throws InputError `unknown_index`, `bad_index_value`, `bad_range`, `bad_position`; LedgerError `cursor_too_old`, `cursor_ahead` when the first change is asked for
   * @example
   * const due = kindling.store(reminders).watch("open", "ada", { cursor: "screen", live: true });
   * for await (const { type, key, fact } of due) {
   *   show(type, key, fact);
   *   await due.commit();
   * }
   */
  watch(index: Index | (keyof Links & string), wanted: IndexValue | IndexRange, query: FeedQuery = {}): Feed<IndexChange<T>> {
    return this.#access.follow(query, watchIndex(this.#store, index, wanted));
  }

  #stream(key: string): string {
    return streamOf("store", this.#store.name, key);
  }
}

/** A store of the application. */
export class StoreHandle<T, Index extends string, Links = object> extends StoreReader<T, Index, Links> {
  readonly #store: Store<T, Index, Links>;
  readonly #access: FactAccess;

  constructor(store: Store<T, Index, Links>, access: FactAccess) {
    super(store, access);
    this.#store = store;
    this.#access = access;
  }

  /** Records a value. @throws InputError `bad_key`, `bad_value`, `write_conflict` and others of `kindling.record`; RunError `value_too_new` (a later edition has written what stands there) */
  async write(key: string, value: T, options: WriteOptions & OnceOptions = {}): Promise<FactReceipt> {
    const [said, once] = saidOf("write", options);
    return only(await this.#access.record([this.#store.write(key, value, said)], once));
  }

  /** Records that the key has no value any more; its past stays. @throws InputError as `write` */
  async remove(key: string, options: WriteOptions & OnceOptions = {}): Promise<FactReceipt> {
    const [said, once] = saidOf("remove", options);
    return only(await this.#access.record([this.#store.remove(key, said)], once));
  }

  /**
   * Records values anew that do not stand in all indexes of the definition, since they were recorded before it had them: each as it is read now, as a fact of its own that names the one before
   * as its cause and holds since the same time. Gives how many; asked again it goes on where it was, and finds none when all is done.
   * @throws InputError as `write`, but for `write_conflict`: what somebody else changes meanwhile is looked at again
   */
  async reindex(): Promise<number> {
    return reindexStore(this.#store, this.#access);
  }
}

/** A history of the application. What it reads, and refuses to, is as of a store. */
export class HistoryHandle<T> {
  readonly #history: History<T>;
  readonly #access: FactAccess;

  constructor(history: History<T>, access: FactAccess) {
    this.#history = history;
    this.#access = access;
  }

  /** Records an event. @throws InputError `bad_value`, `bad_key` (of the partition), `write_conflict` and others of `kindling.record` */
  async append(event: T, options: WriteOptions & OnceOptions = {}): Promise<FactReceipt> {
    const [said, once] = saidOf("append", options);
    return only(await this.#access.record([this.#history.append(event, said)], once));
  }

  /**
   * Events of a part that are kept, in their order; without a name, of the history that has no parts.
   * @throws InputError `partition_needed`, `bad_key`, `bad_limit`, `bad_cursor`, `bad_as_of`, `as_of_ahead`, `detail_unavailable` (all that was there at `asOf` was given up)
   */
  async read(part: PageOptions & { readonly partition?: string; readonly asOf?: AsOf } = {}): Promise<Page<Written<T>>> {
    assertOptions("read", part);
    const { partition, ...options } = part;
    const { name, partitionBy } = this.#history;
    if (partitionBy === undefined ? partition !== undefined : partition === undefined)
      throw new InputError("partition_needed", partition === undefined ? `${name} is kept in parts` : `${name} has no parts`, {
        fix: partition === undefined ? "Say which: read({ partition })." : "Leave partition out.",
      });
    // What was recorded while there were no parts stands in one without a name, and `partitions` gives it.
    if (partition !== undefined && partition !== "") assertKey(name, partition, "partition");
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
    const { name } = this.#history;
    const part = pageOf(options, ledger, ["partitions", name]);
    const { limit, newestFirst, after } = part;
    const heads = ledger.find({ keys: [headKeys.all("history", name)], newestFirst, limit: limit + 1, ...after });
    const items = heads.slice(0, limit).map(({ run }) => keyIn("history", name, run));
    return { items, cursor: nextOf(part, heads, heads[limit - 1]?.started) };
  }
}

async function numbered<T>(
  definition: ReadableStore<T> | History<T>,
  asked: Asked,
  stream: string,
  options: PageOptions & { readonly asOf?: AsOf },
): Promise<Page<StoreFact<T>>> {
  const { asOf } = options;
  const part = pageOf(options, asked.ledger, ["facts", stream, asOf]);
  const { limit, newestFirst, after } = part;
  const facts = await factsOf(asked, stream, { newestFirst, limit: limit + 1, ...after, ...(asOf === undefined ? {} : { asOf }) });
  const items = await Promise.all(facts.slice(0, limit).map((fact) => read(definition, fact)));
  return { items, cursor: nextOf(part, facts, items.at(-1)?.number) };
}

/** @throws InputError `bad_valid_time` */
export function whenOf({ asOf, validAt }: GetOptions): When {
  return {
    ...(asOf === undefined ? {} : { asOf }),
    ...(validAt === undefined ? {} : { validAt: timeOf(validAt, "validAt") }),
  };
}

/** What is said with the fact, and what with the call. @throws InputError `bad_options` */
function saidOf(call: string, options: WriteOptions & OnceOptions): [said: WriteOptions, once: OnceOptions] {
  assertOptions(call, options);
  const { idempotencyKey, ...said } = options;
  return [said, idempotencyKey === undefined ? {} : { idempotencyKey }];
}

function only({ facts: [fact], repeated }: WriteReceipt): FactReceipt {
  if (fact === undefined) throw new BugError("a change was recorded and gave no fact");
  return { ...fact, repeated };
}
