// Compacting facts as others see it: those who read meanwhile, those who only read, and those who hand it to the process that writes.

import { setImmediate as nextTurn } from "node:timers/promises";
import { defineStore, fileLedger, type Kindling } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const customers = defineStore("customers", { schema: z.object({ city: z.string() }), retention: { last: 2 } });

async function moves(kindling: Kindling, cities: readonly string[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const city of cities) ids.push((await kindling.store(customers).write("ada", { city })).id);
  return ids;
}

describe("compacting facts", () => {
  it("is not noticed by those who read meanwhile", async () => {
    await using kindling = await openKindling({ contracts: [], ledger: fileLedger(await temporaryFolder()), stores: [customers] });
    const store = kindling.store(customers);
    await moves(kindling, ["0"]);
    let isOver = false;
    const reader = async (): Promise<number> => {
      let [reads, last] = [0, 0];
      for (; !isOver; reads++) {
        const [now, { items }, found] = await Promise.all([
          store.get("ada"),
          store.history("ada", { newestFirst: true, limit: 2 }),
          store.list(),
        ]);
        expect(now?.number).toBeGreaterThanOrEqual(last);
        last = now?.number ?? 0;
        expect(items.map(({ number }) => number)).toEqual(items.length === 1 ? [1] : [items[0]?.number, (items[0]?.number ?? 0) - 1]);
        expect(found.items.map(({ key }) => key)).toEqual(["ada"]);
        // Others have their turn between two looks.
        await nextTurn();
      }
      return reads;
    };
    const readers = [reader(), reader()];
    for (let n = 1; n < 40; n++) {
      await store.write("ada", { city: String(n) });
      if (n % 3 === 0) await kindling.compactFacts();
    }
    isOver = true;
    for (const reads of await Promise.all(readers)) expect(reads).toBeGreaterThan(5);
  });

  it("tells its plan to who only reads, too", async () => {
    const place = fileLedger(await temporaryFolder());
    await using kindling = await openKindling({ contracts: [], ledger: place, stores: [customers] });
    const [first = ""] = await moves(kindling, ["Bonn", "Köln", "Ulm"]);
    await using reader = await openKindling({ contracts: [], ledger: place, access: "read", stores: [customers] });
    const { hash } = await reader.compactFacts({ dryRun: true });
    expect(hash).toBe((await kindling.compactFacts({ dryRun: true })).hash);
    expect((await reader.pruneFacts({ ids: [first], reason: "x", dryRun: true })).ready).toMatchObject([{ facts: 1 }]);
    await expect(reader.compactFacts()).rejects.toMatchObject({ code: "ledger_read_only" });
  });

  it("is ordered, and its receipts are read, by a process that does not write, too", async () => {
    const place = fileLedger(await temporaryFolder());
    await using kindling = await openKindling({ contracts: [], ledger: place, stores: [customers] });
    await using other = await openKindling({ contracts: [], ledger: place, access: "shared", stores: [customers] });
    const [first = ""] = await moves(kindling, ["Bonn", "Köln", "Ulm"]);
    const plan = await other.compactFacts({ dryRun: true });
    const { receipts } = await other.compactFacts({ plan: plan.hash });
    expect((await other.compactFacts({ plan: plan.hash })).repeated).toBe(true);
    expect(await other.resolve(first)).toMatchObject({ status: "detail_unavailable", receipt: { id: receipts[0]?.id } });
    expect((await other.factReceipts({ store: "customers", kind: "compact" })).items).toEqual(receipts);
    expect((await other.store(customers).history("ada")).items.length).toBe(2);
  });
});
