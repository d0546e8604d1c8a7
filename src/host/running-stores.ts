// The stores of the ledger as a running call has them: what it records goes the way of every fact of the application, and what it rests on follows from its run.

import { BugError } from "../errors.ts";
import type { StoreAccess } from "../graph/store-access.ts";
import { orderOf } from "../store/change.ts";
import { factById, factOf } from "../store/fact-reader.ts";
import { type FactAccess, HistoryHandle, StoreReader } from "../store/handle.ts";
import { streamOf } from "../store/names.ts";
import type { Carrier } from "./carrier.ts";
import { groundsOf } from "./grounds.ts";
import type { Job } from "./perform.ts";

/** What one call is given. */
export function runningStores(
  { ledger, clock, facts, disclosure }: Pick<Carrier, "ledger" | "clock" | "facts" | "disclosure">,
  { run, node }: Job,
): StoreAccess {
  const access: FactAccess = {
    asked: () => Promise.resolve({ ledger, now: clock.now() }),
    // Only this run asks again.
    record: async (changes, options) =>
      facts.record({
        orders: await Promise.all(changes.map((change) => orderOf(change, (value) => disclosure.given(value)))),
        ...options,
        rememberedFor: { run: run.state.root },
      }),
    follow: () => {
      throw new BugError("a running call was to follow changes of a store");
    },
  };
  return {
    store: (store) => new StoreReader(store, access),
    history: (history) => new HistoryHandle(history, access),
    record: (changes, idempotencyKey) => access.record(changes, { idempotencyKey }),
    inTurn: (store, key, work) => facts.turns.do(streamOf("store", store, key), work),
    latest: (store, key) => factOf({ ledger, now: clock.now() }, streamOf("store", store, key)),
    fact: (id) => factById({ ledger }, id),
    get position() {
      return ledger.position;
    },
    upToDate: (store) => facts.upToDate(store),
    grounds: () => groundsOf(ledger, run.state, node),
  };
}
