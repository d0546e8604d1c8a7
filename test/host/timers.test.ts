// Deadlines: they fire at or after their time, also after a restart, and race with events fairly.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import { manualClock, memoryLedger } from "../../src/testing.ts";
import { Timers } from "../../src/host/timers.ts";
import { factsOf } from "./ledgers.ts";
import { nextTurn, openBareHost, openKindling } from "./open-host.ts";

const DAY = 86_400_000;

const deadline = (onTimeout?: { readonly value: { readonly ok: boolean } }) =>
  contract("deadline", {
    inputs: { id: z.string() },
    correlate: ["id"],
    define(g, { id }) {
      const answer = g.await("answer", {
        event: "answered",
        schema: z.object({ ok: z.boolean() }),
        show: { id },
        timeout: "30d",
        ...(onTimeout === undefined ? {} : { onTimeout }),
      });
      return g.compute("after", { needs: { answer }, run: ({ answer }) => answer.ok });
    },
  });

const answered = { event: "answered", correlation: { id: "1" }, payload: { ok: true } };

describe("a deadline", () => {
  it("fails its await when it passes, and not before", async () => {
    const clock = manualClock();
    const kindling = await openKindling({ contracts: [deadline()], clock });
    const run = await kindling.start("deadline", { id: "1" });
    clock.advance(30 * DAY - 1);
    await nextTurn(5);
    expect((await run.settled()).status).toBe("waiting");
    clock.advance(1);
    await expect(run.result()).rejects.toMatchObject({ code: "run_failed", details: { error: { code: "await_timed_out" } } });
  });

  it("with a value goes on with it", async () => {
    const clock = manualClock();
    const kindling = await openKindling({ contracts: [deadline({ value: { ok: false } })], clock });
    const run = await kindling.start("deadline", { id: "1" });
    clock.advance(30 * DAY);
    expect(await run.result()).toBe(false);
  });

  it("that passed while no process ran fires at once when one does", async () => {
    const clock = manualClock();
    const place = memoryLedger();
    const first = await openKindling({ contracts: [deadline({ value: { ok: false } })], ledger: place, clock });
    const { id } = await first.start("deadline", { id: "1" });
    await first.close();
    clock.advance(300 * DAY);
    const again = await openKindling({ contracts: [deadline({ value: { ok: false } })], ledger: place, clock });
    expect(await (await again.run(id)).result()).toBe(false);
    expect((await factsOf(place)).filter(({ type }) => type === "timer.fired")).toHaveLength(1);
  });

  it("still to come is kept over a restart, without the run in memory", async () => {
    const clock = manualClock();
    const place = memoryLedger();
    const first = await openKindling({ contracts: [deadline()], ledger: place, clock });
    const { id } = await first.start("deadline", { id: "1" });
    await first.close();
    clock.advance(10 * DAY);
    const again = await openKindling({ contracts: [deadline()], ledger: place, clock });
    clock.advance(20 * DAY - 1);
    await nextTurn(5);
    expect((await (await again.run(id)).settled()).status).toBe("waiting");
    clock.advance(1);
    await expect((await again.run(id)).result()).rejects.toMatchObject({ details: { error: { code: "await_timed_out" } } });
  });

  it("and an event at the same moment: whichever is recorded first wins, the other is told (G6)", async () => {
    for (const eventFirst of [true, false]) {
      const clock = manualClock();
      const place = memoryLedger();
      const kindling = await openKindling({ contracts: [deadline({ value: { ok: false } })], clock, ledger: place });
      const run = await kindling.start("deadline", { id: "1" });
      const delivery = eventFirst ? kindling.deliver(answered) : undefined;
      clock.advance(30 * DAY);
      const late = delivery ?? kindling.deliver(answered);
      const status = (await late).status;
      expect(["delivered", "refused"]).toContain(status);
      expect(await run.result()).toBe(status === "delivered");
      const decisions = (await factsOf(place)).filter(
        (fact) => fact.node === "answer" && (fact.type === "event.delivered" || fact.type === "node.succeeded"),
      );
      expect(decisions).toHaveLength(1);
    }
  });

  it("of an await that was answered does nothing later, and does not load the ended run", async () => {
    const clock = manualClock();
    const place = memoryLedger();
    const kindling = await openKindling({ contracts: [deadline()], clock, ledger: place });
    const run = await kindling.start("deadline", { id: "1" });
    await kindling.deliver(answered);
    await run.result();
    const before = (await factsOf(place)).length;
    clock.advance(31 * DAY);
    await nextTurn(5);
    expect((await factsOf(place)).length).toBe(before);
  });

  it("fires once although the clock goes back and forth", async () => {
    const clock = manualClock();
    const place = memoryLedger();
    const kindling = await openKindling({ contracts: [deadline({ value: { ok: false } })], clock, ledger: place });
    const run = await kindling.start("deadline", { id: "1" });
    const start = clock.now();
    clock.set(start - DAY);
    clock.set(start + 30 * DAY);
    clock.set(start);
    clock.set(start + 40 * DAY);
    await run.result();
    expect((await factsOf(place)).filter(({ type }) => type === "timer.fired")).toHaveLength(1);
  });
});

describe("timers", () => {
  it("of thousands fire in the order of their times, from one timer of the clock", () => {
    const clock = manualClock(0);
    const timers = new Timers(clock);
    const fired: number[] = [];
    const times = Array.from({ length: 2_000 }, (_, index) => 1 + ((index * 7919) % 2_000));
    for (const [index, at] of times.entries()) timers.set(`n${index}`, at, () => fired.push(at));
    expect(clock.pending).toHaveLength(1);
    clock.advance(3_000);
    expect(fired).toEqual(times.toSorted((a, b) => a - b));
  });

  it("that are set anew fire at the new time only", () => {
    const clock = manualClock(0);
    const timers = new Timers(clock);
    const fired: string[] = [];
    timers.set("a", 10, () => fired.push("old"));
    timers.set("a", 20, () => fired.push("new"));
    clock.advance(15);
    expect(fired).toEqual([]);
    clock.advance(5);
    expect(fired).toEqual(["new"]);
  });

  it("set while others fire, for a time that has come, fire too", () => {
    const clock = manualClock(0);
    const timers = new Timers(clock);
    const fired: string[] = [];
    timers.set("a", 10, () => timers.set("b", 5, () => fired.push("b")));
    clock.advance(10);
    expect(fired).toEqual(["b"]);
  });

  it("that are closed fire no more", () => {
    const clock = manualClock(0);
    const timers = new Timers(clock);
    const fired: string[] = [];
    timers.set("a", 10, () => fired.push("a"));
    timers.close();
    clock.advance(100);
    expect([fired, clock.pending]).toEqual([[], []]);
  });
});

describe("a waiting run with a deadline", () => {
  it("is not in memory", async () => {
    const host = await openBareHost([deadline()]);
    for (let index = 0; index < 20; index++) await host.start({ contract: "deadline", inputs: { id: `${index}` } });
    await nextTurn(3);
    expect(host.residents.size).toBe(0);
  });
});
