// Taking back what effects did when their run fails or is cancelled: the last thing first, over faults and restarts.

import { contract, createRuntime } from "kindling";
import { manualClock } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { nextTurn, openKindling, temporaryLedger, until } from "../host/open-host.ts";
import { newBank } from "./bank.ts";
import { ended, failing, ofType, step } from "./steps.ts";

describe("what was done is taken back", () => {
  it("the last thing first, when a later node fails, each under a key of its own, with its value", async () => {
    const bank = await newBank();
    const values: unknown[] = [];
    const trip = contract("trip", {
      inputs: {},
      define(g) {
        const flight = step(g, bank, "flight", []);
        const hotel = step(g, bank, "hotel", [flight]);
        const car = g.effect("car", {
          needs: { flight, hotel },
          run: (_needs, { idempotencyKey }) => bank.act("car", idempotencyKey, 3),
          compensate: (value, needs, { idempotencyKey }) => {
            values.push([value, needs]);
            bank.act("undo car", idempotencyKey, 3);
          },
        });
        return failing(g, [car]);
      },
    });
    const kindling = await openKindling({ contracts: [trip] });
    const run = await kindling.start(trip, {});
    expect((await ended(run)).error).toMatchObject({ message: "check: out of stock" });
    expect(bank.actions()).toEqual(["flight", "hotel", "car", "undo car", "undo hotel", "undo flight"]);
    expect(values).toMatchObject([
      [
        { receipt: `${run.id}:car`, amount: 3 },
        { flight: { receipt: `${run.id}:flight` }, hotel: { amount: 1 } },
      ],
    ]);
    expect(bank.keys("undo car")).toEqual([`${run.id}:car:compensate`]);
    expect((await run.get()).error?.details).not.toHaveProperty("uncompensated");
  });

  it("when the run is cancelled while it waits, and not before the ones that need it", async () => {
    const bank = await newBank();
    const waiting = contract("waiting", {
      inputs: {},
      define: (g) => g.await("go", { event: "go", schema: z.string(), after: [step(g, bank, "b", [step(g, bank, "a", [])])] }),
    });
    const kindling = await openKindling({ contracts: [waiting] });
    const run = await kindling.start(waiting, {});
    await run.settled();
    await run.cancel({ reason: "enough" });
    expect((await ended(run)).status).toBe("cancelled");
    expect(bank.actions()).toEqual(["a", "b", "undo b", "undo a"]);
    expect((await run.get()).error).toMatchObject({ message: "enough" });
  });

  it("after an effect that is in flight at the cancel has ended: it is taken back, too", async () => {
    const bank = await newBank();
    let begun = false;
    let goOn: () => void = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const slow = contract("slow", {
      inputs: {},
      define: (g) =>
        g.effect("pay", {
          needs: {},
          run: async (_needs, { idempotencyKey, signal }) => {
            begun = true;
            await held;
            signal.throwIfAborted();
            return bank.act("pay", idempotencyKey, 1);
          },
          compensate: (_value, _needs, { idempotencyKey }) => bank.act("undo pay", idempotencyKey, 1),
        }),
    });
    const kindling = await openKindling({ contracts: [slow] });
    const run = await kindling.start(slow, {});
    await until(() => begun, "the effect");
    await run.cancel();
    await nextTurn(3);
    expect((await run.get()).status).toBe("running");
    goOn();
    expect((await ended(run)).status).toBe("cancelled");
    expect(bank.actions()).toEqual(["pay", "undo pay"]);
  });

  it("not where it failed itself, nor where nothing says how", async () => {
    const bank = await newBank();
    const trip = contract("trip", {
      inputs: {},
      define(g) {
        const sent = g.effect("send", { needs: {}, run: (_needs, { idempotencyKey }) => bank.act("send", idempotencyKey, 1) });
        return step(g, bank, "pay", [sent], new Set(["pay"]));
      },
    });
    const kindling = await openKindling({ contracts: [trip] });
    const run = await kindling.start(trip, {});
    expect((await ended(run)).status).toBe("failed");
    expect(bank.actions()).toEqual(["send", "pay"]);
  });
});

describe("taking back that fails", () => {
  it("is tried again, then told; the others are taken back all the same", async () => {
    const bank = await newBank();
    const clock = manualClock();
    const trip = contract("trip", {
      inputs: {},
      define(g) {
        const flight = step(g, bank, "flight", []);
        const hotel = step(g, bank, "hotel", [flight], new Set(["undo hotel"]), 3);
        return failing(g, [step(g, bank, "car", [hotel])]);
      },
    });
    const kindling = await openKindling({ contracts: [trip], clock });
    const run = await kindling.start(trip, {});
    const view = await ended(run, async () => {
      const last = (await run.facts()).at(-1);
      if (last?.type === "compensation.failed" && last.retryAt !== undefined) clock.set(last.retryAt);
    });
    expect(view).toMatchObject({
      status: "failed",
      error: { message: "check: out of stock", details: { node: "check", uncompensated: ["hotel"] } },
    });
    expect(bank.actions()).toEqual(["flight", "hotel", "car", "undo car", "undo hotel", "undo flight"]);
    const faults = ofType(await run.facts(), "compensation.failed");
    expect(faults.map((fact) => fact.type === "compensation.failed" && [fact.attempt, fact.retryAt !== undefined])).toEqual([
      [1, true],
      [2, true],
      [3, false],
    ]);
    expect(bank.calls().filter(({ action }) => action === "undo hotel")).toHaveLength(3);
    expect(bank.keys("undo hotel")).toHaveLength(1);
  });

  it("keeps its pause over a restart", async () => {
    const bank = await newBank();
    const clock = manualClock();
    const place = await temporaryLedger();
    const broken = new Set(["undo pay"]);
    const trip = contract("trip", { inputs: {}, define: (g) => failing(g, [step(g, bank, "pay", [], broken, 3)]) });
    const first = await createRuntime({ contracts: [trip], ledger: place, clock });
    const run = await first.start(trip, {});
    await until(async () => ofType(await run.facts(), "compensation.failed").length === 1, "a fault");
    await first.close();
    broken.clear();
    const second = await openKindling({ contracts: [trip], ledger: place, clock });
    await nextTurn(5);
    expect(bank.calls().filter(({ action }) => action === "undo pay")).toHaveLength(1);
    clock.advance(10_000);
    expect((await ended(await second.run(run.id))).error?.details).not.toHaveProperty("uncompensated");
    expect(bank.calls().filter(({ action }) => action === "undo pay")).toHaveLength(2);
  });
});

describe("a retry after taking back", () => {
  it("does the effects again, under other keys, and takes those back when it fails again", async () => {
    const bank = await newBank();
    let isBroken = true;
    const trip = contract("trip", { inputs: {}, define: (g) => failing(g, [step(g, bank, "pay", [])], () => isBroken) });
    const kindling = await openKindling({ contracts: [trip] });
    const run = await kindling.start(trip, {});
    await ended(run);
    await run.retry();
    expect((await ended(run)).status).toBe("failed");
    isBroken = false;
    await run.retry();
    expect(await run.result()).toBe("fine");
    expect(bank.actions()).toEqual(["pay", "undo pay", "pay", "undo pay", "pay"]);
    expect([bank.keys("pay").length, bank.keys("undo pay").length]).toEqual([3, 2]);
  });
});
