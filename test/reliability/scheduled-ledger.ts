// A ledger whose syncs and reads end when a scheduler says so.

import type { LedgerPlace } from "../../src/index.ts";
import { overridden } from "../host/ledgers.ts";

/** @param turn resolves when the scheduler lets this wait end */
export function scheduledLedger(place: LedgerPlace, turn: (label: "sync" | "read") => Promise<void>): LedgerPlace {
  return {
    location: place.location,
    open: async (options) => {
      const ledger = await place.open(options);
      let last: Promise<unknown> = Promise.resolve();
      return overridden(ledger, {
        // Syncs end in the order in which they began: that is what a ledger promises.
        append: (commits) => {
          const appended = last.then(() => turn("sync")).then(() => ledger.append(commits));
          last = appended.catch(() => undefined);
          return appended;
        },
        read: (run, range) => turn("read").then(() => ledger.read(run, range)),
      });
    },
  };
}
