// An erasure whose process dies: what was asked for happens all the same, in the next one.

import { describe, expect, it } from "vitest";
import { createRuntime, type LedgerPlace } from "../../src/index.ts";
import { child, encryptedPlace, endedRun, file } from "./erasable.ts";
import { overridden } from "./ledgers.ts";
import { openKindling } from "./open-host.ts";

describe("an erasure that a crash cut short", () => {
  it("is completed by the next process, wherever it died", async () => {
    for (const died of ["before the run is erased", "after it"] as const) {
      const { place } = await encryptedPlace();
      const kindling = await openKindling({ contracts: [file, child], ledger: place });
      const id = await endedRun(kindling, died);
      await kindling.close();
      const cut = await createRuntime({ contracts: [file, child], ledger: dyingAtErase(place, died === "after it") });
      await expect(cut.erase(id, { reason: died })).rejects.toThrow("died");
      await cut.close();
      const later = await openKindling({ contracts: [file, child], ledger: place });
      await expect(later.get(id)).rejects.toMatchObject({ code: "run_erased" });
      expect((await later.erased()).items[0]).toMatchObject({ run: id, reason: died, runs: 2 });
      await later.close();
      await using ledger = await place.open({ access: "read" });
      expect(ledger.find({ keys: ["erasure"], open: true })).toEqual([]);
      const said = (await Array.fromAsync(ledger.changes({ after: 0 }))).map(({ facts }) => JSON.stringify(facts));
      expect(said.filter((text) => text.includes(died) && !text.includes("run.eras"))).toEqual([]);
    }
  });
});

/** A ledger whose process dies when a run is to be erased, or right after. */
function dyingAtErase(target: LedgerPlace, isAfter: boolean): LedgerPlace {
  return {
    ...target,
    open: async (options) => {
      const ledger = await target.open(options);
      return overridden(ledger, {
        erase: async (trees) => {
          const isRun = trees.some(({ runs }) => runs.length > 0);
          if (!isRun || isAfter) await ledger.erase(trees);
          if (isRun) throw new Error("died");
        },
      });
    },
  };
}
