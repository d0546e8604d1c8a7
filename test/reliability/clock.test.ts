// R13: the clock goes back an hour, forwards ten years, through summer time and past the longest timeout of the platform; every timer fires once, none early, in order.

import { describe, expect, it, onTestFinished, vi } from "vitest";
import { z } from "zod";
import { contract, createRuntime, type Kindling, type LedgerPlace, type RecordedFact } from "../../src/index.ts";
import { manualClock, memoryLedger, type ManualClock } from "../../src/testing.ts";
import { seededRandom } from "../ledger/seeded-random.ts";
import { nextTurn, temporaryLedger } from "../host/open-host.ts";
import { figure } from "./figure.ts";
import { sample, SEED } from "./seed.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TEN_YEARS = 3_653 * DAY;
const JUMPS = [-HOUR, HOUR, DAY, 9 * DAY];

/** Two kinds of timers in each run: one that ends a sleep, and one that ends a wait. */
const timed = contract("timed", {
  inputs: { forMs: z.number() },
  define: (g, { forMs }) => ({
    slept: g.sleep("slept", { needs: { forMs }, for: ({ forMs }) => forMs }),
    answer: g.await("answer", { event: "answered", schema: z.string(), timeout: "90d", onTimeout: { value: "late" } }),
  }),
});

/** One timer of a run: when it is due, and when it fired. */
interface Fired {
  readonly run: string;
  readonly node: string;
  readonly due: number;
  /** By the fact. */
  readonly time: number;
  readonly position: number;
}

async function firedIn(kindling: Kindling, runs: readonly string[]): Promise<readonly Fired[]> {
  const facts = (await Promise.all(runs.map((run) => kindling.facts(run)))).flat();
  const settings = facts.flatMap((fact): Fired[] => {
    const due = dueOf(fact);
    return due === undefined || !("node" in fact) ? [] : [{ run: fact.run, node: fact.node, due, time: 0, position: 0 }];
  });
  const fired = facts.filter((fact) => fact.type === "timer.fired");
  return fired
    .map(({ run, node, time, position }) => {
      const set = settings.find((each) => each.run === run && each.node === node);
      return { run, node, time, position, due: set?.due ?? Infinity };
    })
    .sort((a, b) => a.position - b.position);
}

function dueOf(fact: RecordedFact): number | undefined {
  if (fact.type === "timer.set") return fact.at;
  return fact.type === "await.opened" ? fact.deadline : undefined;
}

/** The gate: each once, none before its time, and nothing left. */
function expectFired(fired: readonly Fired[], count: number, place = ""): void {
  expect(new Set(fired.map(({ run, node }) => `${run} ${node}`)).size, place).toBe(fired.length);
  expect(
    fired.filter(({ due, time }) => time < due),
    place,
  ).toEqual([]);
  expect(fired.length, place).toBe(count);
}

async function startAll(kindling: Kindling, lengths: readonly number[]): Promise<readonly string[]> {
  const runs: string[] = [];
  for (const forMs of lengths) {
    const run = await kindling.start(timed, { forMs });
    await run.settled();
    runs.push(run.id);
  }
  return runs;
}

async function opened(clock: ManualClock, ledger: LedgerPlace): Promise<Kindling> {
  const kindling = await createRuntime({ contracts: [timed], ledger, clock });
  onTestFinished(() => kindling.close());
  return kindling;
}

describe(`timers (KINDLING_SEED=${SEED})`, () => {
  it("fire once and never early although the clock goes an hour back, ten years forwards, and the process is another one", {
    timeout: 120_000,
  }, async () => {
    const random = seededRandom(SEED);
    const histories = sample(20, 500);
    let timers = 0;
    for (let history = 0; history < histories; history++) {
      const clock = manualClock();
      const place = history % 5 === 0 ? await temporaryLedger() : memoryLedger();
      let kindling = await opened(clock, place);
      const runs = await startAll(
        kindling,
        Array.from({ length: 6 }, () => Math.floor(random() * 4) * 10 * DAY + Math.floor(random() * 2 * HOUR)),
      );
      const end = clock.now() + TEN_YEARS;
      // Where a clock is set back between the firing and its fact, only the latest time it has shown can tell.
      let latest = clock.now();
      for (let step = 0; step < 12; step++) {
        // Often to the very moment at which the next one is due, when those that are due soon after must wait.
        const next = clock.pending[0];
        clock.set(random() < 0.4 && next !== undefined ? next : clock.now() + (JUMPS[Math.floor(random() * JUMPS.length)] ?? 0));
        latest = Math.max(latest, clock.now());
        if (random() < 0.5) await nextTurn(3);
        const early = (await firedIn(kindling, runs)).filter(({ due }) => due > latest);
        expect(early, `history ${history}, step ${step}`).toEqual([]);
        if (random() > 0.2) continue;
        await kindling.close();
        kindling = await opened(clock, place);
      }
      clock.set(end);
      for (const run of runs) await (await kindling.run(run)).result({ signal: AbortSignal.timeout(20_000) });
      const fired = await firedIn(kindling, runs);
      expectFired(
        fired.map((timer) => ({ ...timer, time: Math.max(timer.time, timer.due) })),
        runs.length * 2,
        `history ${history}`,
      );
      timers += fired.length;
      await kindling.close();
    }
    figure("R13", { histories, timers, early: 0, twice: 0 });
  });

  it.each(["the same process", "the next process"])(
    "that are due in the same millisecond fire in the order in which they were set, after those due before, in %s",
    async (which) => {
      const clock = manualClock();
      const place = memoryLedger();
      let kindling = await opened(clock, place);
      const runs = await startAll(
        kindling,
        Array.from({ length: 40 }, (_, index) => DAY + (index % 4)),
      );
      if (which === "the next process") {
        await kindling.close();
        kindling = await opened(clock, place);
      }
      clock.advance(2 * DAY);
      for (const run of runs) await (await kindling.run(run)).settled({ signal: AbortSignal.timeout(20_000) });
      await nextTurn(20);
      const fired = await firedIn(kindling, runs);
      expectFired(fired, runs.length);
      // Runs were started, and their timers set, in this order.
      const places = fired.map(({ due, run }) => [due, runs.indexOf(run)] as const);
      expect(places).toEqual(places.toSorted(([a, first], [b, second]) => a - b || first - second));
    },
  );
});

describe("the system's clock", () => {
  it("wakes after 30 days, although the platform's timeouts overflow after 24.8", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"], now: Date.UTC(2026, 0, 1) });
    onTestFinished(() => void vi.useRealTimers());
    const kindling = await createRuntime({ contracts: [timed], ledger: memoryLedger() });
    onTestFinished(() => kindling.close());
    const [run = ""] = await startAll(kindling, [30 * DAY]);
    for (const [days, count] of [
      [24.9, 0],
      [5.0, 0],
      [0.2, 1],
      [60, 2],
    ] as const) {
      vi.advanceTimersByTime(days * DAY);
      await nextTurn(5);
      expectFired(await firedIn(kindling, [run]), count, `${days} more days`);
    }
  });

  it("follows the wall clock through both changes of summer time: a timer is due at its moment, not at its hour", async () => {
    const before = process.env["TZ"];
    process.env["TZ"] = "Europe/Berlin";
    onTestFinished(() => {
      if (before === undefined) delete process.env["TZ"];
      else process.env["TZ"] = before;
    });
    // The days before the hour is skipped and before it is there twice.
    for (const start of [Date.UTC(2026, 2, 28, 12), Date.UTC(2026, 9, 24, 12)]) {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"], now: start });
      const kindling = await createRuntime({ contracts: [timed], ledger: memoryLedger() });
      const [run = ""] = await startAll(kindling, [DAY]);
      expect(new Date(start).getTimezoneOffset()).not.toBe(new Date(start + DAY).getTimezoneOffset());
      vi.advanceTimersByTime(DAY - 1);
      await nextTurn(5);
      expectFired(await firedIn(kindling, [run]), 0);
      vi.advanceTimersByTime(1);
      await nextTurn(5);
      expectFired(await firedIn(kindling, [run]), 1);
      await kindling.close();
      vi.useRealTimers();
    }
  });

  it("that is set back an hour delays nothing, and set forwards ten years fires everything at once", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"], now: Date.UTC(2026, 0, 1) });
    onTestFinished(() => void vi.useRealTimers());
    const kindling = await createRuntime({ contracts: [timed], ledger: memoryLedger() });
    onTestFinished(() => kindling.close());
    const [short = "", long = ""] = await startAll(kindling, [2 * HOUR, 80 * DAY]);
    vi.setSystemTime(Date.now() - HOUR);
    vi.advanceTimersByTime(2 * HOUR - 1);
    await nextTurn(5);
    expect(await firedIn(kindling, [short])).toEqual([]);
    vi.advanceTimersByTime(1);
    await nextTurn(5);
    expect((await firedIn(kindling, [short])).map(({ node }) => node)).toEqual(["slept"]);
    vi.setSystemTime(Date.now() + TEN_YEARS);
    // The clock is looked at once a minute.
    vi.advanceTimersByTime(61_000);
    await nextTurn(5);
    expect((await firedIn(kindling, [short, long])).map(({ node }) => node).sort()).toEqual(["answer", "answer", "slept", "slept"]);
  });
});
