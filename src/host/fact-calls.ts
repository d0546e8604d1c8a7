// The calls of a client about facts of the application, over whatever the runtime stands on at the time.

import type { FactWriter } from "../store/fact-writer.ts";
import { orderOf } from "../store/change.ts";
import { type FactAccess, HistoryHandle, StoreHandle } from "../store/handle.ts";
import type { Kindling } from "./client.ts";
import { keyed } from "./door-client.ts";
import type { Clock } from "./clock.ts";
import type { Standing } from "./standing.ts";

/** Made once for a runtime. */
export function factCalls(standing: Standing, clock: Pick<Clock, "now">): Pick<Kindling, "store" | "history" | "record"> {
  const record: Kindling["record"] = async (changes, { idempotencyKey } = {}) => {
    const orders = await Promise.all(changes.map(orderOf));
    const order: Parameters<FactWriter["record"]>[0] = { orders, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
    const receipt = await standing.write((host, isRemote) => host.record(isRemote ? keyed(order) : order));
    await standing.fresh();
    return receipt;
  };
  const access: FactAccess = { asked: async () => ({ ledger: (await standing.fresh()).ledger, now: clock.now() }), record };
  return {
    store: (store) => new StoreHandle(store, access),
    history: (history) => new HistoryHandle(history, access),
    record,
  };
}
