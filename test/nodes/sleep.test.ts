// Sleeping for a duration or until a time: recorded once, woken once, over restarts and clocks that are set, and without memory meanwhile.

import { contract, createRuntime, memoryLedger } from "kindling";
import { manualClock } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Timers } from "../../src/host/timers.ts";
import { findingsOf } from "../dsl/findings-of.ts";
import { factsOf } from "../host/ledgers.ts";
import { nextTurn, openBareHost, openKindling, temporaryLedger, until } from "../host/open-host.ts";

const NOW = 1_700_000_000_000;
const DAY = 86_400_000;
const iso = (at: number) => new Date(at).toISOString();

const nap = contract("nap", {
  inputs: { time: z.any() },
  define(g, { time }) {
    const slept = g.sleep("slept", { until: time });
    return g.compute("after", { needs: { slept }, run: ({ slept }) => slept });
  },
});

const pause = contract("pause", {
  inputs: { length: z.any() },
  define(g, { length }) {
    return g.sleep("slept", { needs: { length }, for: ({ length }) => length as number });
  },
});

const week = contract("week", {
  inputs: {},
  define: (g) => g.compute("after", { needs: { slept: g.sleep("slept", { for: "7d" }) }, run: ({ slept }) => slept }),
});

describe("a sleep", () => {
  it("for a duration wakes when it is over and not before; its value is that time", async () => {
    const clock = manualClock(NOW);
    const kindling = await openKindling({ contracts: [week], clock });
    const run = await kindling.start(week, {});
    const view = await run.settled();
    expect([view.status, view.nodes[0]?.status]).toEqual(["waiting", "waiting"]);
    clock.advance(7 * DAY - 1);
    await nextTurn(5);
    expect((await run.get()).status).toBe("waiting");
    clock.advance(1);
    expect(await run.result()).toBe(iso(NOW + 7 * DAY));
    expect((await run.facts()).map(({ type }) => type)).toEqual([
      "run.started",
      "timer.set",
      "run.waiting",
      "timer.fired",
      "node.succeeded",
      "node.succeeded",
      "run.succeeded",
    ]);
  });

  it.each([
    ["ISO text", "2023-11-21T00:00:00Z", Date.UTC(2023, 10, 21)],
    ["ISO text of another time zone", "2023-11-21T01:30:00.5+01:30", Date.UTC(2023, 10, 21) + 500],
    ["a date", "2023-11-21", Date.UTC(2023, 10, 21)],
    ["the last day of a February", "2024-02-29", Date.UTC(2024, 1, 29)],
    ["milliseconds", NOW + 5_000, NOW + 5_000],
    ["a part of a millisecond, which counts as a whole one", NOW + 0.25, NOW + 1],
    ["the last time there is", 8.64e15, 8.64e15],
    ["the last time there is, as text", "+275760-09-13T00:00:00Z", 8.64e15],
  ])("until %s wakes then", async (_what, time, at) => {
    const clock = manualClock(NOW);
    const kindling = await openKindling({ contracts: [nap], clock });
    const run = await kindling.start(nap, { time });
    expect((await run.settled()).status).toBe("waiting");
    clock.set(at - 1);
    await nextTurn(5);
    expect((await run.get()).status).toBe("waiting");
    clock.set(at);
    expect(await run.result()).toBe(iso(at));
  });

  it.each([
    ["just now", NOW],
    ["in the past", NOW - DAY],
    ["long ago", "1815-12-10"],
    ["the first time there is", -8.64e15],
  ])("until a time %s wakes at once", async (_what, time) => {
    const kindling = await openKindling({ contracts: [nap], clock: manualClock(NOW) });
    const run = await kindling.start(nap, { time });
    expect(await run.result()).toBe(iso(typeof time === "number" ? time : Date.parse(time)));
  });

  it.each([
    ["nonsense", "soon"],
    ["text the platform would take for a time", "foo 1"],
    ["a time without a zone, which is another one on every machine", "2023-11-21T00:00:00"],
    ["a day that is none", "2023-02-29T00:00:00Z"],
    ["a month that is none", "2023-13-01"],
    ["an hour that is none", "2023-11-21T25:00:00Z"],
    ["an empty text", ""],
    ["null", null],
    ["an object", {}],
    ["further than a date can be", 8.64e15 + 1],
  ])("until %s fails, and says what it was given", async (_what, time) => {
    const kindling = await openKindling({ contracts: [nap], clock: manualClock(NOW) });
    const { error } = await (await kindling.start(nap, { time })).settled();
    expect(error).toMatchObject({ code: "bad_time", message: `slept: sleep "slept": until is ${JSON.stringify(time)}, which is no time` });
    expect(error?.fix).toContain("Z");
  });

  it.each([
    ["nonsense", "a while"],
    ["less than nothing", -1],
    ["more than time there is", 8.64e15],
    ["null", null],
    ["a year of the wrong unit", "1y"],
  ])("for %s fails, and says what it was given", async (_what, length) => {
    const kindling = await openKindling({ contracts: [pause], clock: manualClock(NOW) });
    const { error } = await (await kindling.start(pause, { length })).settled();
    expect(error).toMatchObject({ code: "bad_time", message: expect.stringContaining(`for gave ${JSON.stringify(length)}`) });
  });

  it("for no time at all goes on at once", async () => {
    const kindling = await openKindling({ contracts: [pause], clock: manualClock(NOW) });
    expect(await (await kindling.start(pause, { length: 0 })).result()).toBe(iso(NOW));
  });

  it("that cannot be is refused when it is defined", () => {
    const wrong = (options: object) =>
      findingsOf(() =>
        contract("wrong", {
          inputs: { n: z.number() },
          // As a contract written in JavaScript would pass it.
          define: (g, { n }) =>
            g.sleep("s", {
              ...("needs" in options ? { needs: { until: n } } : {}),
              ...options,
              ...("until" in options ? { until: n } : {}),
            }),
        }),
      ).map(({ code, message }) => `${code}: ${message}`);
    expect(wrong({})).toEqual(["bad_option: has neither for nor until"]);
    expect(wrong({ for: "3d", until: true })).toEqual(["bad_option: has both for and until"]);
    expect(wrong({ for: "3 days" })).toEqual(['bad_option: for is "3 days"']);
    expect(wrong({ for: -1 })).toEqual(["bad_option: for is -1"]);
  });
});

describe("a run that sleeps", () => {
  it("wakes at its time after a restart, counted from when it fell asleep", async () => {
    const clock = manualClock(NOW);
    const place = await temporaryLedger();
    const first = await createRuntime({ contracts: [week], ledger: place, clock });
    const { id } = await first.start(week, {});
    await (await first.run(id)).settled();
    await first.close();
    clock.advance(6 * DAY);
    const second = await createRuntime({ contracts: [week], ledger: place, clock });
    await nextTurn(5);
    expect((await second.get(id))?.status).toBe("waiting");
    await second.close();
    clock.advance(DAY);
    const third = await openKindling({ contracts: [week], ledger: place, clock });
    expect(await (await third.run(id)).result()).toBe(iso(NOW + 7 * DAY));
    const facts = await factsOf(place);
    expect(facts.filter(({ type }) => type === "timer.set" || type === "timer.fired").map(({ type }) => type)).toEqual([
      "timer.set",
      "timer.fired",
    ]);
  });

  it("wakes once, although the clock is set back and forth", async () => {
    const clock = manualClock(NOW);
    const place = memoryLedger();
    const kindling = await openKindling({ contracts: [week], ledger: place, clock });
    const run = await kindling.start(week, {});
    await run.settled();
    clock.set(NOW - 30 * DAY);
    await nextTurn(3);
    expect((await run.get()).status).toBe("waiting");
    clock.set(NOW + 6 * DAY);
    await nextTurn(3);
    expect((await run.get()).status).toBe("waiting");
    clock.set(NOW + 7 * DAY);
    clock.set(NOW);
    clock.set(NOW + 8 * DAY);
    expect(await run.result()).toBe(iso(NOW + 7 * DAY));
    clock.advance(DAY);
    await nextTurn(3);
    expect((await factsOf(place)).filter(({ type }) => type === "timer.fired")).toHaveLength(1);
  });

  it("that is cancelled does not wake", async () => {
    const clock = manualClock(NOW);
    const place = memoryLedger();
    const kindling = await openKindling({ contracts: [week], ledger: place, clock });
    const run = await kindling.start(week, {});
    await run.settled();
    expect((await run.cancel()).status).toBe("cancelled");
    clock.advance(8 * DAY);
    await nextTurn(5);
    expect((await factsOf(place)).map(({ type }) => type)).toEqual(["run.started", "timer.set", "run.waiting", "run.cancelled"]);
  });

  it("in its items wakes each at its own time", async () => {
    const clock = manualClock(NOW);
    const items = contract("items", {
      inputs: { days: z.array(z.number()) },
      define: (g, { days }) =>
        g.collection("all", {
          over: days,
          as: "day",
          key: (day) => `${day}`,
          each: (g, { day }) => g.sleep("slept", { needs: { day }, for: ({ day }) => day * DAY }),
        }),
    });
    const kindling = await openKindling({ contracts: [items], clock });
    const run = await kindling.start(items, { days: [1, 3, 2] });
    await run.settled();
    const settled = async () => (await run.facts()).flatMap((fact) => (fact.type === "child.settled" ? [fact.key] : []));
    for (const [day, keys] of [
      [1, ["1"]],
      [2, ["1", "2"]],
    ] as const) {
      clock.set(NOW + day * DAY);
      await until(async () => (await settled()).length === day, "an item");
      expect(await settled()).toEqual(keys);
      expect((await run.settled()).status).toBe("waiting");
    }
    clock.set(NOW + 3 * DAY);
    expect((await run.result()).successes).toEqual({ 1: iso(NOW + DAY), 2: iso(NOW + 2 * DAY), 3: iso(NOW + 3 * DAY) });
  });

  it("holds no memory: of 10,000 none is loaded, and one timer of the clock is enough", async () => {
    const host = await openBareHost([week]);
    for (let batch = 0; batch < 100; batch++)
      await Promise.all(Array.from({ length: 100 }, () => host.start({ contract: "week", inputs: {} })));
    await until(() => host.residents.size === 0, "rest");
    expect(host.ledger.find({ keys: ["status:waiting"], open: true })).toHaveLength(10_000);
    const clock = manualClock(NOW);
    const timers = new Timers(clock);
    for (let number = 0; number < 10_000; number++) timers.set(`${number}`, NOW + DAY + number, () => {});
    expect(clock.pending).toHaveLength(1);
  });
});
