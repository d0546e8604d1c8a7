// The calls of a client about facts of the application, over whatever the runtime stands on at the time.

import { activityOf, type ActivityQuery } from "../store/activity.ts";
import { assertChanges, orderOf, type StoreChange } from "../store/change.ts";
import { assertDefinition, assertOptions } from "../graph/given.ts";
import { assertWritten, derivationOrder } from "../store/derivation-graph.ts";
import type { Derived } from "../store/derive.ts";
import type { FactRef, RawFact } from "../store/fact.ts";
import { factById, factRefById } from "../store/fact-reader.ts";
import type { Projection } from "../store/project.ts";
import type { WriteReceipt } from "../store/fact-writer.ts";
import { type FactAccess, HistoryHandle, StoreHandle, StoreReader } from "../store/handle.ts";
import { type FactLineage, type FactLineageOptions, lineageOf } from "../store/lineage.ts";
import { RecordedStore } from "../store/recorded-store.ts";
import { type NamedStore, storeNamed } from "../store/named-store.ts";
import type { AnyStore, History, Store } from "../store/store.ts";
import { assertStoreName, type StoreName, storeNamesOf } from "../store/summary.ts";
import type { Page } from "./client.ts";
import type { Clock } from "./clock.ts";
import { derivationCalls, type DerivationCalls } from "./derivation-calls.ts";
import { keyedRecord } from "./door-client.ts";
import { factChangesOf, type FactChangesQuery } from "./fact-changes.ts";
import { type Feed, LogFeed } from "./feed.ts";
import { assertOwn } from "./one-definition.ts";
import { projectionCall, type ProjectionHandle } from "./projection-calls.ts";
import type { CallOptions, RecordOptions } from "./requests.ts";
import { RunFacts } from "./run-facts.ts";
import type { Standing } from "./standing.ts";

/** A store as its definition says: one that is derived is only read. */
export interface StoreCall {
  <T, Index extends string, Links>(store: Store<T, Index, Links>): StoreHandle<T, Index, Links>;
  <T, Index extends string>(store: Derived<T, Index>): StoreReader<T, Index>;
}

/** What a client can do with facts of the application. */
export interface FactCalls {
  /** A store of the application, over the same ledger as the runs. Costs nothing: definitions are registered nowhere. */
  readonly store: StoreCall;
  /** A history of the application. */
  readonly history: <T>(history: History<T>) => HistoryHandle<T>;
  /**
   * Records changes of stores and histories as one: all of them or none, also over a crash. At most 1,000, with 512 KiB of JSON besides values over 32 KiB.
   * @throws InputError `bad_changes`, `bad_key`, `bad_value`, `bad_index_value`, `bad_valid_time`, `bad_causes`, `bad_producer`, `bad_expectation`, `write_conflict` (`details.current` says how the key stands),
   * `idempotency_conflict`, `bad_idempotency_key`, `unknown_cause`, `too_many_changes`, `changes_too_large`, `store_is_derived`, `other_definition` (the runtime was given another one of that name);
   * RunError `value_too_new` (what stands there is of a later version than the definition's, and is not named by `expect`)
   * @example await kindling.record([customers.write("c1", { name: "Ada" }), calls.append({ customer: "c1", minutes: 3 })]);
   */
  readonly record: (changes: readonly StoreChange[], options?: RecordOptions) => Promise<WriteReceipt>;
  /**
   * Facts of stores and histories in the order of the ledger, as they were recorded, for a consumer that may come and go: as `changes` does for runs.
   * @throws InputError `unknown_store`, `unknown_kind`, `unknown_act`, `run_not_found`, `bad_position`; LedgerError `cursor_too_old`, `cursor_ahead` when the first one is asked for
   * @example
   * const feed = kindling.factChanges({ stores: ["calls"], cursor: "mailer", live: true });
   * for await (const fact of feed) {
   *   await mail(fact);
   *   await feed.commit();
   * }
   */
  readonly factChanges: (query?: FactChangesQuery) => Feed<RawFact>;
  /**
   * Resolves when what was recorded before the call is taken in: derived stores are made of it, and its events have started runs and answered awaits. Those runs go on by themselves;
   * an event that cannot be taken now, as on a full disk, is waited for until the signal aborts.
   * @example
   * await kindling.history(calls).append({ customer: "c1", minutes: 3 });
   * await kindling.settle();
   */
  readonly settle: (options?: CallOptions) => Promise<void>;
  /** How derived stores are kept up, by the process that writes. */
  readonly derivations: DerivationCalls;
  /** A projection: one value made of all facts of some stores and histories. Costs nothing: definitions are registered nowhere. */
  readonly projection: <State>(projection: Projection<State>) => ProjectionHandle<State>;
  /** The stores and histories that have facts in the ledger, in the order in which they began, whether this runtime knows them or not. */
  readonly storeNames: () => Promise<readonly StoreName[]>;
  /** The store or history of this name that the runtime was given, for who knows only the name; undefined for none. */
  readonly storeNamed: (name: string) => NamedStore | undefined;
  /** A store or a history by its name, as it was recorded: needs no definition, so whatever the ledger holds can be looked at. */
  readonly recordedStore: (store: StoreName) => RecordedStore;
  /**
   * What was recorded last in stores and histories, newest first, without values. A part looks at the latest 20,000 commits behind its cursor, so it may be short where there is more.
   * @throws InputError `bad_limit`, `bad_cursor`
   */
  readonly activity: (query?: ActivityQuery) => Promise<Page<FactRef>>;
  /** A fact of the application by its id, with its value as it was recorded; undefined for none, and for one that was erased. @throws InputError `bad_fact_id`, `fact_differs` (it is not what the id names), `detail_unavailable` (it was given up: `kindling.resolve` tells what is left) */
  readonly fact: (id: string) => Promise<RawFact | undefined>;
  /** The same without the value: safe to show to whoever may not see that, and there when the value was given up. @throws InputError `bad_fact_id`, `fact_differs` */
  readonly factRef: (id: string) => Promise<FactRef | undefined>;
  /**
   * Where a fact of the application comes from, or what followed from it; the same for a run, and for a fact of one. It goes through runs: from what a run wrote to what it
   * had read, and from a fact to what runs made of it.
   * @throws InputError `bad_fact_id`, `fact_not_found`, `detail_unavailable` (it was compacted), `fact_differs`, `bad_depth`, `bad_limit`
   */
  readonly lineage: (id: string, options?: FactLineageOptions) => Promise<FactLineage>;
}

/** Made once for a runtime. */
export function factCalls(standing: Standing, clock: Pick<Clock, "now">, stores: readonly AnyStore[]): FactCalls {
  const derived = new Set(derivationOrder(stores).map(({ name }) => name));
  const record: FactCalls["record"] = async (changes, options = {}) => {
    assertOptions("record", options);
    assertChanges(changes);
    const { idempotencyKey } = options;
    for (const change of changes) {
      if (change.act !== "append") assertWritten(derived, change.store.name);
      assertOwn(stores, change.act === "append" ? change.history : change.store);
    }
    const orders = await Promise.all(changes.map((change) => orderOf(change, (value) => standing.disclosure.given(value))));
    const order = { orders, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
    const once = keyedRecord(order);
    const receipt = await standing.write((host, isHanded) => host.record(isHanded ? once : order));
    await standing.turn();
    // A key of the call's own is nobody's matter.
    return idempotencyKey === undefined ? { ...receipt, repeated: false } : receipt;
  };
  const asked = async () => ({ ledger: (await standing.fresh()).ledger, now: clock.now() });
  const assertOpen = () => void standing.opened();
  const follow: FactAccess["follow"] = (query, { check, pick }) => {
    assertOptions("watch", query);
    const { ledger } = standing.engine;
    return new LogFeed({ ledger, assertOpen }, { query, check, pick: (entry) => pick(entry, ledger) });
  };
  const access: FactAccess = { asked, record, follow };
  const names = stores.map(({ name }) => name);
  return {
    store: ((store: Store<unknown> | Derived<unknown>) => {
      assertDefinition("kindling.store", store, "store");
      return "rule" in store ? new StoreReader(store, access) : new StoreHandle(store, access);
    }) as StoreCall,
    history: (history) => {
      assertDefinition("kindling.history", history, "history");
      return new HistoryHandle(history, access);
    },
    record,
    fact: async (id) => factById(await standing.fresh(), id),
    factRef: async (id) => factRefById(await standing.fresh(), id),
    factChanges: (query = {}) => factChangesOf({ ledger: standing.engine.ledger, assertOpen, names }, query),
    settle: async ({ signal } = {}) => {
      signal?.throwIfAborted();
      await standing.write((host) => host.settle(null, signal === undefined ? {} : { signal }));
    },
    derivations: derivationCalls(standing, stores),
    projection: projectionCall(standing),
    storeNames: async () => storeNamesOf((await standing.fresh()).ledger),
    storeNamed: (name) => storeNamed(stores, name, access),
    recordedStore: (name) => {
      assertStoreName("recordedStore", name);
      return new RecordedStore(name, asked);
    },
    activity: async (query = {}) => activityOf((await standing.fresh()).ledger, query),
    lineage: async (id, options) => {
      const { ledger } = await standing.fresh();
      return lineageOf(ledger, id, options, new RunFacts(ledger));
    },
  };
}
