// The changefeed of stores and histories: facts of the application in the order of the ledger, as they were recorded.

import type { Ledger } from "../ledger/ledger.ts";
import { factIn, type RawFact } from "../store/fact.ts";
import { type Feed, type FeedQuery, LogFeed } from "./feed.ts";

/** Which facts, and from where on. */
export interface FactChangesQuery extends FeedQuery {
  /** Of stores and histories of these names; of all when left out. */
  readonly stores?: readonly string[];
}

/** The feed. Of facts that were erased nothing is told. */
export function factChangesOf(ledger: Ledger, query: FactChangesQuery): Feed<RawFact> {
  const stores = query.stores === undefined ? undefined : new Set(query.stores);
  return new LogFeed(ledger, {
    query,
    check: () => {},
    pick: (entry) => {
      const fact = factIn(entry);
      return fact === undefined || stores?.has(fact.store) === false ? undefined : fact;
    },
  });
}
