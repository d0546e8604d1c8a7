// A ledger that counts what is asked of it: heads looked at, facts read, and how long a list anybody asked for.

import type { LedgerPlace } from "../../src/ledger/ledger.ts";
import { overridden } from "./ledgers.ts";

/** What was asked of a ledger since the last `reset`. */
export interface CountingLedger extends LedgerPlace {
  readonly counts: { heads: number; facts: number; longest: number };
  reset(): void;
}

/** Counts what is asked of a place once it is opened. */
export function countingLedger(place: LedgerPlace): CountingLedger {
  const counts = { heads: 0, facts: 0, longest: 0 };
  const given = <T>(list: readonly T[]): readonly T[] => {
    counts.heads += list.length;
    counts.longest = Math.max(counts.longest, list.length);
    return list;
  };
  return {
    location: place.location,
    ...(place.folder === undefined ? {} : { folder: place.folder }),
    counts,
    reset: () => void Object.assign(counts, { heads: 0, facts: 0, longest: 0 }),
    open: async (options) => {
      const ledger = await place.open(options);
      return overridden(ledger, {
        find: (query) => given(ledger.find(query)),
        due: (query) => given(ledger.due(query)),
        read: async (run, from) => {
          const entries = await ledger.read(run, from);
          for (const { facts } of entries) counts.facts += facts.length;
          return entries;
        },
      });
    },
  };
}
