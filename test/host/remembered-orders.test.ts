// What remembers orders by their idempotency keys: for ever, but for keys that only a run or a lost call could ask with again.

import { contract, defineStore, fileLedger, type Kindling, type LedgerPlace } from "kindling";
import { manualClock } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { ALL, keepingAll } from "./compactable.ts";
import { ledgerWith, logOf } from "./ledgers.ts";
import { openKindling } from "./open-host.ts";

const DAY_MS = 86_400_000;
const marks = defineStore("marks", { schema: z.number() });
const marking = contract("marking", {
  inputs: { id: z.string() },
  define: (g, { id }) =>
    g.collection("each", {
      over: g.compute("list", { needs: { id }, run: ({ id }) => [1, 2, 3].map((n) => `${id}${n}`) }),
      as: "key",
      key: String,
      each: (inner, { key }) => inner.write("mark", marks, { key, value: inner.compute("value", { needs: { key }, run: () => 1 }) }),
    }),
});

/** How many orders a ledger remembers. */
async function remembered(place: LedgerPlace): Promise<number> {
  const ledger = await place.open({ access: "read" });
  const { length } = ledger.find({ keys: ["store-once"] });
  await ledger.close();
  return length;
}

async function marked(kindling: Kindling, id: string): Promise<void> {
  await (await kindling.start(marking, { id })).result();
}

describe("what a run recorded once", () => {
  it("is remembered as long as the run has its details, and what programs recorded for ever", async () => {
    const place = keepingAll();
    await using kindling = await openKindling({ contracts: [marking], stores: [marks], ledger: place });
    await marked(kindling, "a");
    await marked(kindling, "b");
    const first = await kindling.store(marks).write("own", 1, { idempotencyKey: "mine" });
    expect(await remembered(place)).toBe(7);
    await kindling.compact({ retention: ALL });
    expect(await remembered(place)).toBe(1);
    expect(await kindling.store(marks).write("own", 1, { idempotencyKey: "mine" })).toMatchObject({ id: first.id, repeated: true });
    expect((await kindling.store(marks).list()).items.map(({ key }) => key).sort()).toEqual(["a1", "a2", "a3", "b1", "b2", "b3", "own"]);
    expect((await kindling.verify()).ok).toBe(true);
  });

  it("is forgotten as a whole, whichever commit of the compaction was the last before a crash", async () => {
    const place = keepingAll();
    const kindling = await openKindling({ contracts: [marking], stores: [marks], ledger: place });
    await marked(kindling, "a");
    const before = (await logOf(place)).entries.length;
    await kindling.compact({ retention: ALL });
    const log = await logOf(place);
    expect(log.entries.length - before).toBeGreaterThan(6);
    for (let commits = before; commits <= log.entries.length; commits++) {
      const cut = await ledgerWith(log, commits);
      const next = await openKindling({ contracts: [marking], stores: [marks], ledger: cut });
      await next.compact({ retention: ALL });
      expect(await remembered(cut), `after ${commits} commits`).toBe(0);
      await next.close();
    }
  });
});

describe("a write of another process without a key", () => {
  it("is remembered for a day, in which its call may be made again", async () => {
    const place = fileLedger(await temporaryFolder());
    const clock = manualClock(Date.UTC(2026, 10, 21));
    await using writer = await openKindling({ contracts: [], stores: [marks], ledger: place, clock });
    await using other = await openKindling({ contracts: [], stores: [marks], ledger: place, clock, access: "shared" });
    await other.store(marks).write("a", 1);
    await other.store(marks).write("b", 1, { idempotencyKey: "mine" });
    await writer.compactFacts();
    expect(await remembered(place)).toBe(2);
    clock.advance(DAY_MS);
    await other.store(marks).write("c", 1);
    await writer.compactFacts({ dryRun: true });
    expect(await remembered(place)).toBe(3);
    await writer.compactFacts();
    expect(await remembered(place)).toBe(2);
    expect(await other.store(marks).write("b", 1, { idempotencyKey: "mine" })).toMatchObject({ repeated: true });
  });
});
