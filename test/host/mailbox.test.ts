// Events that come before their run: kept where the contract says so, given to the run that starts, once.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, createRuntime, memoryLedger } from "../../src/index.ts";

const order = contract("order", {
  inputs: { orderId: z.string() },
  correlate: ["orderId"],
  early: { keepFor: "10m" },
  define(g, { orderId }) {
    const slow = g.compute("slow", { needs: { orderId }, run: async ({ orderId }) => orderId });
    const paid = g.await("paid", { event: "order.paid", schema: z.object({ amount: z.number() }), show: { slow } });
    return g.compute("total", { needs: { paid }, run: ({ paid }) => paid.amount });
  },
});

const strict = contract("strict", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define: (g) => g.await("ready", { event: "ready", schema: z.boolean() }),
});

const paid = (amount: number, more = {}) => ({ event: "order.paid", correlation: { orderId: "4711" }, payload: { amount }, ...more });

describe("an event that comes before its run", () => {
  it("is kept and answers the await of the run that starts, also after a restart in between", async () => {
    const ledger = memoryLedger();
    {
      await using kindling = await createRuntime({ contracts: [order], ledger });
      expect(await kindling.deliver(paid(7))).toMatchObject({ status: "kept", contract: "order", keptForMs: 600_000 });
    }
    await using kindling = await createRuntime({ contracts: [order], ledger });
    const run = await kindling.start(order, { orderId: "4711" });
    expect(await run.result()).toBe(7);
    const second = await kindling.start(order, { orderId: "4711" });
    expect((await second.settled()).status, "it is given to one run only").toBe("waiting");
  });

  it("is kept once however often it is delivered, and another payload under its id is a conflict", async () => {
    await using kindling = await createRuntime({ contracts: [order], ledger: memoryLedger() });
    expect(await kindling.deliver(paid(7, { deliveryId: "a" }))).toMatchObject({ status: "kept" });
    expect(await kindling.deliver(paid(7, { deliveryId: "a" })), "a repeat returns the first outcome").toMatchObject({ status: "kept" });
    const facts = await kindling.verify();
    expect(facts.facts, "the repeat recorded nothing").toBe(1);
    expect(await kindling.deliver(paid(8, { deliveryId: "a" }))).toMatchObject({ status: "refused", code: "delivery_conflict" });
  });

  it("is not given to a run with another correlation", async () => {
    await using kindling = await createRuntime({ contracts: [order], ledger: memoryLedger() });
    await kindling.deliver(paid(7));
    const run = await kindling.start(order, { orderId: "1" });
    expect((await run.settled()).status).toBe("waiting");
  });

  it("is forgotten when its time is over", async () => {
    let now = 1_000;
    const clock = { now: () => now, at: () => ({ cancel: () => {} }) };
    await using kindling = await createRuntime({ contracts: [order], ledger: memoryLedger(), clock });
    await kindling.deliver(paid(7));
    now += 600_001;
    const run = await kindling.start(order, { orderId: "4711" });
    expect((await run.settled()).status).toBe("waiting");
  });

  it("is refused with every issue when its payload does not fit", async () => {
    await using kindling = await createRuntime({ contracts: [order], ledger: memoryLedger() });
    expect(await kindling.deliver({ ...paid(0), payload: { amount: "much" } })).toMatchObject({
      status: "refused",
      code: "invalid_payload",
      issues: [{ at: "amount" }],
    });
  });

  it("is refused where the contract does not keep events, or does not know the correlation key", async () => {
    await using kindling = await createRuntime({ contracts: [order, strict], ledger: memoryLedger() });
    expect(await kindling.deliver({ event: "ready", correlation: { id: "x" }, payload: true })).toMatchObject({
      status: "refused",
      code: "run_not_found",
    });
    expect(await kindling.deliver({ ...paid(1), correlation: { order: "4711" } })).toMatchObject({
      status: "refused",
      code: "run_not_found",
    });
  });
});
