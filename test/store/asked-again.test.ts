// Programs that ask again and again, as fast as they are answered: until something is there, or until nobody was in between.

import { defineStore, fileLedger, type LedgerPlace, memoryLedger } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const counts = defineStore("counts", { schema: z.number(), indexes: { size: (count) => count } });
const before = defineStore("counts", { schema: z.number() });

/** Beyond this nobody waits: who asks so often is never let through. */
const TRIES = 10_000;

const places: readonly (readonly [string, () => Promise<LedgerPlace>])[] = [
  ["in memory", async () => memoryLedger()],
  ["on the disk", async () => fileLedger(await temporaryFolder())],
];

describe.each(places)("a program that asks again at once, %s", (_where, place) => {
  it("counts up what others count up, too: who is refused sees by whom when it reads again", async () => {
    await using kindling = await openKindling({ contracts: [], ledger: await place() });
    const store = kindling.store(counts);
    await store.write("visits", 0);
    let tries = 0;
    const count = async (): Promise<void> => {
      const fact = await store.get("visits");
      if (++tries > TRIES) throw new Error("never let through");
      await store.write("visits", (fact?.value ?? 0) + 1, { expect: fact?.id ?? "absent" }).catch(async (error: { code?: string }) => {
        if (error.code !== "write_conflict") throw error;
        await count();
      });
    };
    await Promise.all(Array.from({ length: 5 }, count));
    expect((await store.get("visits"))?.value).toBe(5);
    expect(tries).toBeLessThanOrEqual(15);
  });

  it("looks until something is there, and everything else goes on meanwhile", async () => {
    await using kindling = await openKindling({ contracts: [], ledger: await place() });
    const store = kindling.store(counts);
    const written = new Promise((resolve) => setTimeout(resolve, 1)).then(() => store.write("late", 1));
    let tries = 0;
    while ((await store.get("late")) === undefined) if (++tries > 100 * TRIES) throw new Error("it never came");
    await written;
  });

  it("records values in new indexes from two places at once, each value once", async () => {
    await using kindling = await openKindling({ contracts: [], ledger: await place() });
    const changes = Array.from({ length: 30 }, (_, key) => before.write(`k${key}`, key));
    await kindling.record(changes);
    const store = kindling.store(counts);
    const recorded = await Promise.all([store.reindex(), store.reindex()]);
    expect(recorded.reduce((sum, each) => sum + each, 0)).toBe(30);
    expect((await store.query("size", {})).items.length).toBe(30);
  });
});
