// The calls of a client about facts of the application, over whatever the runtime stands on at the time.

import { orderOf, type StoreChange } from "../store/change.ts";
import type { RawFact } from "../store/fact.ts";
import { factById } from "../store/fact-reader.ts";
import type { WriteReceipt } from "../store/fact-writer.ts";
import { type FactAccess, HistoryHandle, StoreHandle } from "../store/handle.ts";
import { type FactLineage, type FactLineageOptions, lineageOf } from "../store/lineage.ts";
import type { History, Store } from "../store/store.ts";
import type { Clock } from "./clock.ts";
import { keyed } from "./door-client.ts";
import { factChangesOf, type FactChangesQuery } from "./fact-changes.ts";
import type { Feed } from "./feed.ts";
import type { RecordOptions } from "./requests.ts";
import type { Standing } from "./standing.ts";

/** What a client can do with facts of the application. */
export interface FactCalls {
  /** A store of the application, over the same ledger as the runs. Costs nothing: definitions are registered nowhere. */
  readonly store: <T, Index extends string>(store: Store<T, Index>) => StoreHandle<T, Index>;
  /** A history of the application. */
  readonly history: <T>(history: History<T>) => HistoryHandle<T>;
  /**
   * Records changes of stores and histories as one: all of them or none, also over a crash. At most 1,023, with 512 KiB of JSON besides values over 32 KiB.
   * @throws InputError `bad_key`, `bad_value`, `bad_index_value`, `bad_valid_time`, `bad_causes`, `bad_expectation`, `write_conflict` (`details.current` says how the key stands),
   * `idempotency_conflict`, `bad_idempotency_key`, `unknown_cause`, `too_many_changes`, `changes_too_large`
   * @example await kindling.record([customers.write("c1", { name: "Ada" }), calls.append({ customer: "c1", minutes: 3 })]);
   */
  readonly record: (changes: readonly StoreChange[], options?: RecordOptions) => Promise<WriteReceipt>;
  /**
   * Facts of stores and histories in the order of the ledger, as they were recorded, for a consumer that may come and go: as `changes` does for runs.
   * @throws InputError `bad_position`, LedgerError `cursor_too_old`, `cursor_ahead` when the first one is asked for
   * @example
   * const feed = kindling.factChanges({ stores: ["calls"], cursor: "mailer", live: true });
   * for await (const fact of feed) {
   *   await mail(fact);
   *   await feed.commit();
   * }
   */
  readonly factChanges: (query?: FactChangesQuery) => Feed<RawFact>;
  /** A fact of the application by its id, with its value as it was recorded; undefined for none. @throws InputError `bad_fact_id`, `fact_differs` (it is not what the id names) */
  readonly fact: (id: string) => Promise<RawFact | undefined>;
  /**
   * Where a fact of the application comes from, or what followed from it; or what followed from a run.
   * @throws InputError `bad_fact_id`, `fact_not_found`, `fact_differs`, `bad_depth`, `bad_limit`
   */
  readonly lineage: (id: string, options?: FactLineageOptions) => Promise<FactLineage>;
}

/** Made once for a runtime. */
export function factCalls(standing: Standing, clock: Pick<Clock, "now">): FactCalls {
  const record: FactCalls["record"] = async (changes, { idempotencyKey } = {}) => {
    const orders = await Promise.all(changes.map(orderOf));
    const order = { orders, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
    const receipt = await standing.write((host, isRemote) => host.record(isRemote ? keyed(order) : order));
    await standing.fresh();
    return receipt;
  };
  const access: FactAccess = { asked: async () => ({ ledger: (await standing.fresh()).ledger, now: clock.now() }), record };
  return {
    store: (store) => new StoreHandle(store, access),
    history: (history) => new HistoryHandle(history, access),
    record,
    fact: async (id) => factById(await standing.fresh(), id),
    factChanges: (query = {}) => factChangesOf(standing.engine.ledger, query),
    lineage: async (id, options) => lineageOf((await standing.fresh()).ledger, id, options),
  };
}
