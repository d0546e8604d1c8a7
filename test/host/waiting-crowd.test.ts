// A ledger with very many waiting runs: a new host begins to work at once, and what is asked of it costs what it is about.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type OpenAwait } from "../../src/index.ts";
import { manualClock } from "../../src/testing.ts";
import { countingLedger } from "./counting-ledger.ts";
import { openKindling, temporaryLedger, until } from "./open-host.ts";

const RUNS = 20_000;
const DAY = 86_400_000;

const crowd = contract("crowd", {
  inputs: { id: z.string(), tenant: z.string(), days: z.number() },
  correlate: ["id", "tenant"],
  early: { keepFor: "1d" },
  define(g, { id, days }) {
    const rest = g.sleep("rest", { needs: { days }, for: ({ days }) => `${days}d` });
    const answer = g.await("answer", { event: "answered", schema: z.string(), show: { id }, timeout: "30d", onTimeout: { value: "late" } });
    return { answer, rest };
  },
});

/** A real ledger of so many runs that all wait; a few of them are due after two days. */
async function crowded(clock: ReturnType<typeof manualClock>) {
  const place = countingLedger(await temporaryLedger());
  const first = await openKindling({ contracts: [crowd], ledger: place, clock });
  for (let index = 0; index < RUNS; index += 500) {
    const some = Array.from({ length: 500 }, (_, offset) => index + offset);
    await Promise.all(
      some.map((each) => first.start(crowd, { id: `${each}`, tenant: `t${each % 4_000}`, days: each % 1_000 === 0 ? 2 : 60 })),
    );
  }
  await until(async () => (await first.list({ status: "running", limit: 1 })).items.length === 0);
  await first.close();
  place.reset();
  return place;
}

function megabytes(): number {
  return Math.round(process.memoryUsage().heapUsed / 1_000_000);
}

describe(`a ledger with ${RUNS} waiting runs`, () => {
  it("is opened by looking at those that are due, and each request by looking at what it is about", { timeout: 120_000 }, async () => {
    const clock = manualClock();
    const place = await crowded(clock);
    const before = megabytes();
    clock.advance(3 * DAY);
    const kindling = await openKindling({ contracts: [crowd], ledger: place, clock });
    const woken = RUNS / 1_000;
    // The next time of all the others is looked at, too, so that the clock can wait for it.
    expect(place.counts.heads).toBeLessThanOrEqual(2 * (woken + 101));
    await until(async () => (await kindling.list({ status: "running", limit: 1 })).items.length === 0);
    expect(clock.pending.length).toBe(1);

    place.reset();
    expect(await kindling.deliver({ event: "answered", correlation: { id: "77" }, payload: "yes" })).toMatchObject({ status: "delivered" });
    expect(place.counts.heads, "an event for one run").toBeLessThanOrEqual(4);
    place.reset();
    expect(await kindling.deliver({ event: "answered", correlation: { tenant: "t5" }, payload: "yes", to: "all" })).toMatchObject({
      status: "delivered",
    });
    expect(place.counts.heads, "an event for five runs").toBeLessThanOrEqual(20);
    place.reset();
    expect(await kindling.deliver({ event: "answered", run: "run_nobody", payload: "yes" })).toMatchObject({ code: "run_not_found" });
    expect(await kindling.deliver({ event: "answered", correlation: { id: "nobody" }, payload: "yes" })).toMatchObject({ status: "kept" });
    expect((await kindling.list({ limit: 10 })).items).toHaveLength(10);
    expect(await kindling.inbox({ limit: 10 })).toHaveLength(10);
    expect(place.counts.heads, "refusals, a mailbox and two lists").toBeLessThanOrEqual(1_100);
    expect(place.counts.longest, "the longest list that was asked for").toBeLessThanOrEqual(256);
    console.log(`${RUNS} waiting runs: heap ${before} MB before the host was opened, ${megabytes()} MB after`);
  });

  it("shows its inbox part by part, everything once, also while awaits are answered", { timeout: 120_000 }, async () => {
    const clock = manualClock();
    const kindling = await openKindling({ contracts: [crowd], ledger: await crowded(clock), clock });
    const seen = new Set<string>();
    let last: OpenAwait | undefined;
    for (let part = await kindling.inbox({ limit: 3_000 }); part.length > 0; part = await kindling.inbox({ limit: 3_000, after: last })) {
      for (const { run } of part) expect(seen.has(run), run).toBe(false);
      for (const { run } of part) seen.add(run);
      last = part.at(-1);
      if (last !== undefined) await kindling.deliver({ event: "answered", run: last.run, payload: "yes" });
    }
    expect(seen.size).toBe(RUNS);
  });
});
