// Mailboxes and schedules do not grow for ever: an empty box and a new mark take the place of what was before, and both are read back all the same.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { SNAPSHOT_FACTS } from "../../src/host/snapshot.ts";
import { contract, type LedgerPlace, memoryLedger } from "../../src/index.ts";
import { manualClock } from "../../src/testing.ts";
import { encryptedPlace } from "./erasable.ts";
import { openKindling, temporaryLedger, until } from "./open-host.ts";

const order = contract("order", {
  inputs: { id: z.string() },
  correlate: ["id"],
  early: { keepFor: "10m" },
  define: (g, { id }) => g.await("paid", { event: "paid", schema: z.number(), show: { id } }),
});

const nightly = contract("nightly", {
  inputs: { at: z.string() },
  schedule: { every: "1h", inputs: (time: Date) => ({ at: time.toISOString() }) },
  define: (g, { at }) => g.map("m", at, (at) => at),
});

async function commitsOf(place: LedgerPlace, stream: string): Promise<number> {
  await using ledger = await place.open({ access: "read" });
  return (await ledger.read(stream)).length;
}

describe("a mailbox", () => {
  it("that is empty remembers nothing of what went through it, and takes further letters, before and after a restart", async () => {
    for (const ledger of [memoryLedger(), await temporaryLedger(), (await encryptedPlace()).place]) {
      for (const round of [1, 2]) {
        const kindling = await openKindling({ contracts: [order], ledger });
        for (const id of [`a${round}`, `b${round}`]) {
          expect(await kindling.deliver({ event: "paid", correlation: { id }, payload: round })).toMatchObject({ status: "kept" });
          expect(await (await kindling.start(order, { id })).result({ signal: AbortSignal.timeout(20_000) })).toBe(round);
        }
        await kindling.close();
        expect(await commitsOf(ledger, "mailbox:order")).toBe(1);
      }
      const kindling = await openKindling({ contracts: [order], ledger });
      await kindling.deliver({ event: "paid", correlation: { id: "kept" }, payload: 3 });
      await kindling.deliver({ event: "paid", correlation: { id: "c" }, payload: 4 });
      expect(await (await kindling.start(order, { id: "c" })).result()).toBe(4);
      await kindling.compact();
      await kindling.close();
      const later = await openKindling({ contracts: [order], ledger });
      expect(await (await later.start(order, { id: "kept" })).result({ signal: AbortSignal.timeout(20_000) })).toBe(3);
      expect((await later.verify()).faults).toEqual([]);
      await later.close();
    }
  });

  it("that was emptied after its snapshot is read back as empty", async () => {
    const clock = manualClock(1_000_000);
    const ledger = memoryLedger();
    const first = await openKindling({ contracts: [order], ledger, clock });
    for (let index = 0; index < SNAPSHOT_FACTS + 8; index++)
      await first.deliver({ event: "paid", correlation: { id: `${index}` }, payload: index });
    await (await first.start(order, { id: "0" })).result();
    clock.advance(700_000);
    await first.deliver({ event: "paid", correlation: { id: "last" }, payload: 9 });
    await (await first.start(order, { id: "last" })).result();
    await first.close();
    clock.set(1_000_000);
    const second = await openKindling({ contracts: [order], ledger, clock });
    expect((await (await second.start(order, { id: "5" })).settled()).status).toBe("waiting");
    expect(await second.deliver({ event: "paid", correlation: { id: "new" }, payload: 1 })).toMatchObject({ status: "kept" });
    expect(await (await second.start(order, { id: "new" })).result()).toBe(1);
  });
});

describe("a schedule", () => {
  it("remembers its last mark only, and goes on from it after a restart", async () => {
    const clock = manualClock(0);
    const ledger = await temporaryLedger();
    const first = await openKindling({ contracts: [nightly], ledger, clock });
    for (let hour = 1; hour <= 3; hour++) {
      clock.set(hour * 3_600_000);
      await until(async () => (await first.list()).items.length === hour);
      await until(() => clock.pending.includes((hour + 1) * 3_600_000));
    }
    await first.close();
    expect(await commitsOf(ledger, "schedule:nightly")).toBe(1);
    const second = await openKindling({ contracts: [nightly], ledger, clock });
    expect((await second.list()).items.length).toBe(3);
    clock.set(4 * 3_600_000);
    await until(async () => (await second.list()).items.length === 4);
    await second.compact();
    expect((await second.verify()).faults).toEqual([]);
  });
});
