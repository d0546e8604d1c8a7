// A mailbox through which many letters went: read back from its snapshot, and looked at only for runs that it holds a letter for.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { SNAPSHOT_FACTS } from "../../src/host/snapshot.ts";
import { contract } from "../../src/index.ts";
import { memoryLedger } from "../../src/testing.ts";
import { countingLedger } from "./counting-ledger.ts";
import { openKindling } from "./open-host.ts";

const order = contract("order", {
  inputs: { id: z.string() },
  correlate: ["id"],
  early: { keepFor: "10m" },
  define: (g, { id }) => g.await("paid", { event: "paid", schema: z.number(), show: { id } }),
});

describe("a mailbox with many letters", () => {
  it("is read back from its snapshot and the letters after it, and gives each to its run", async () => {
    const place = countingLedger(memoryLedger());
    const letters = SNAPSHOT_FACTS + 100;
    const first = await openKindling({ contracts: [order], ledger: place });
    for (let index = 0; index < letters; index++)
      expect(await first.deliver({ event: "paid", correlation: { id: `${index}` }, payload: index })).toMatchObject({ status: "kept" });
    await first.close();
    place.reset();
    const second = await openKindling({ contracts: [order], ledger: place });
    for (const index of [3, letters - 1]) expect(await (await second.start(order, { id: `${index}` })).result()).toBe(index);
    expect(place.counts.facts).toBeLessThan(SNAPSHOT_FACTS);
  });
});
