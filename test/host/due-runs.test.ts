// Times of runs that are not in memory: the ledger knows them, and memory holds no more than the next ones.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type AnyContract, type LedgerPlace } from "../../src/index.ts";
import { manualClock, memoryLedger, type ManualClock } from "../../src/testing.ts";
import { countingLedger } from "./counting-ledger.ts";
import { factsOf } from "./ledgers.ts";
import { DueRuns } from "../../src/host/due-runs.ts";
import { Timers } from "../../src/host/timers.ts";
import { nextTurn, openBareHost, openKindling, until } from "./open-host.ts";

const MINUTE = 60_000;

const sleeper = (name: string) =>
  contract(name, {
    inputs: { minutes: z.number() },
    define: (g, { minutes }) => g.sleep("rest", { needs: { minutes }, for: ({ minutes }) => `${minutes}m` }),
  });
const patient = sleeper("patient");
const other = sleeper("other");

const START = 1_700_000_000_000;

async function sleepers(definition: AnyContract, minutes: readonly number[], place: LedgerPlace, clock: ManualClock): Promise<string[]> {
  const kindling = await openKindling({ contracts: [definition], ledger: place, clock });
  const runs = await Promise.all(minutes.map((each) => kindling.start(definition.name, { minutes: each })));
  await Promise.all(runs.map((run) => run.settled()));
  await kindling.close();
  return runs.map(({ id }) => id);
}

/** Runs whose timers have fired, in order. */
async function fired(place: LedgerPlace): Promise<string[]> {
  return (await factsOf(place)).flatMap(({ type, run }) => (type === "timer.fired" ? [run] : []));
}

describe("runs whose time is far off", () => {
  it("cost one timer of the clock, and each wakes when its time has come and not before", async () => {
    const clock = manualClock(START);
    const place = memoryLedger();
    const kindling = await openKindling({ contracts: [patient], ledger: place, clock });
    for (const minutes of [30, 10, 20, 10]) await kindling.start("patient", { minutes });
    await nextTurn(5);
    expect(clock.pending).toEqual([START + 10 * MINUTE]);
    clock.set(START + 10 * MINUTE - 1);
    await nextTurn(5);
    expect(await fired(place)).toEqual([]);
    clock.advance(1);
    await until(async () => (await fired(place)).length === 2);
    expect(clock.pending).toEqual([START + 20 * MINUTE]);
    clock.advance(20 * MINUTE);
    await until(async () => (await fired(place)).length === 4);
    expect(clock.pending).toEqual([]);
  });

  it("are in memory when they come within a minute, or when no head tells of them", async () => {
    const host = await openBareHost([patient]);
    const timers = new Timers(host.clock);
    const due = new DueRuns(host, timers);
    const now = host.clock.now();
    due.set("a", "rest", now + 10 * MINUTE, true);
    due.setExit("b", now + 10 * MINUTE);
    expect(timers.size).toBe(0);
    due.set("a", "rest", now + MINUTE / 2, true);
    due.set("c", "retried", now + 10 * MINUTE, false);
    due.setExit("b", now + MINUTE / 2);
    expect(timers.size).toBe(3);
    due.close();
  });

  it("keep nobody from being looked at whose time comes before theirs", async () => {
    const clock = manualClock(START);
    const place = memoryLedger();
    const kindling = await openKindling({ contracts: [patient], ledger: place, clock });
    await kindling.start("patient", { minutes: 600 });
    await nextTurn(5);
    const early = await kindling.start("patient", { minutes: 5 });
    await nextTurn(5);
    clock.advance(5 * MINUTE);
    await until(async () => (await fired(place)).includes(early.id));
  });
});

describe("runs whose time came while no process ran", () => {
  it("wake in the order of their times, and no list that is asked for is longer than a page", async () => {
    const clock = manualClock(START);
    const place = countingLedger(memoryLedger());
    const minutes = Array.from({ length: 350 }, (_, index) => 2 + ((index * 7919) % 350));
    const ids = await sleepers(patient, minutes, place, clock);
    clock.advance(400 * MINUTE);
    place.reset();
    await openKindling({ contracts: [patient], ledger: place, clock });
    await until(async () => (await fired(place)).length === minutes.length);
    const inOrder = ids.map((id, index) => ({ id, at: minutes[index] ?? 0 })).toSorted((one, next) => one.at - next.at);
    expect(await fired(place)).toEqual(inOrder.map(({ id }) => id));
    expect(place.counts.longest).toBeLessThanOrEqual(2 * 101);
  });

  it("wake although others are due before them that this process cannot carry on", async () => {
    const clock = manualClock(START);
    const place = memoryLedger();
    await sleepers(
      other,
      Array.from({ length: 250 }, () => 2),
      place,
      clock,
    );
    const [mine = ""] = await sleepers(patient, [3], place, clock);
    clock.advance(10 * MINUTE);
    await openKindling({ contracts: [patient], ledger: place, clock });
    await until(async () => (await fired(place)).includes(mine));
    expect(await fired(place)).toEqual([mine]);
  });
});
