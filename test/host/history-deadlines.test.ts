// Awaits that a history answers, with deadlines that pass while nobody is there: what was recorded in time counts, and what came later does not.

import { contract, defineHistory, type LedgerPlace, memoryLedger } from "kindling";
import { manualClock } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling, until } from "./open-host.ts";

const HOUR = 3_600_000;
const payments = defineHistory("payments", { schema: z.object({ order: z.string(), usd: z.number() }) });
const order = contract("order", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define: (g) => g.map("usd", g.await("paid", { on: payments, correlate: { id: "order" }, timeout: "1d" }), ({ usd }) => usd),
});

/** What becomes of a run whose deadline passes while only others record, so many hours after it began. */
async function paidAfter(...hours: readonly number[]) {
  const ledger: LedgerPlace = memoryLedger();
  const clock = manualClock();
  const begun = await openKindling({ contracts: [order], ledger, clock });
  const { id } = await begun.start(order, { id: "o1" });
  await (await begun.run(id)).settled();
  await begun.close();
  const others = await openKindling({ contracts: [], ledger, clock });
  const start = clock.now();
  for (const hour of hours) {
    clock.advance(start + hour * HOUR - clock.now());
    await others.history(payments).append({ order: "o1", usd: hour });
  }
  await others.close();
  clock.advance(48 * HOUR);
  await using later = await openKindling({ contracts: [order], ledger, clock });
  await until(async () => (await later.get(id))?.endedAt !== undefined);
  const { status, error } = await (await later.run(id)).settled();
  return status === "succeeded" ? await (await later.run(id)).result() : error?.message;
}

describe("a deadline that passed while nobody was there", () => {
  it("is kept by an event that was recorded before it", async () => {
    expect(await paidAfter(1)).toBe(1);
    expect(await paidAfter(23, 25)).toBe(23);
  });

  it("is not kept by one that was recorded behind it", async () => {
    expect(await paidAfter(25)).toContain("in time");
    expect(await paidAfter()).toContain("in time");
  });
});
