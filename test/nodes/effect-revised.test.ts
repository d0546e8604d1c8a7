// Effects in runs that are updated and forked: what was done stands, and taking back knows what it was that was done.

import { contract, type Kindling, type Run } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling, until } from "../host/open-host.ts";
import { newBank, type Bank } from "./bank.ts";
import { ended, failing, step } from "./steps.ts";

interface Options {
  readonly onUpdate?: "keep" | "again";
  readonly keyOf?: (order: string) => string;
}

/** Pays, and waits for a word that says whether all is well. */
function paying(bank: Bank, { onUpdate = "keep", keyOf }: Options = {}) {
  return contract("paying", {
    inputs: { order: z.string(), amount: z.number() },
    define(g, { order, amount }) {
      const paid = g.effect("pay", {
        needs: { order, amount },
        onUpdate,
        ...(keyOf === undefined ? {} : { idempotencyKey: ({ order }: { readonly order: string }) => keyOf(order) }),
        run: ({ amount }, { idempotencyKey }) => bank.act("pay", idempotencyKey, amount),
        compensate: (_value, { amount }, { idempotencyKey }) => bank.act("refund", idempotencyKey, amount),
      });
      const word = g.await("word", { event: "word", schema: z.string(), show: { order } });
      return g.compute("end", {
        needs: { paid, word },
        run: ({ paid, word }) => {
          if (word !== "fine") throw new Error("not fine");
          return paid.amount;
        },
      });
    },
  });
}

const say = (kindling: Kindling, run: Run, payload: string) => kindling.deliver({ event: "word", run: run.id, payload });
const booked = (bank: Bank, action: string) => bank.calls().filter((call) => call.action === action);

describe("an update", () => {
  it("leaves what was done as it is, and it is still taken back when the run fails", async () => {
    const bank = await newBank();
    const kindling = await openKindling({ contracts: [paying(bank)] });
    const run = await kindling.start("paying", { order: "a", amount: 5 });
    await run.settled();
    await run.update({ amount: 7 });
    expect((await run.settled()).status).toBe("waiting");
    await say(kindling, run, "bad");
    expect((await ended(run)).status).toBe("failed");
    expect(bank.actions()).toEqual(["pay", "refund"]);
  });

  // Taking back is given what the node would read now, not what it had read when it acted.
  it("leaves taking back what the effect had read when it was done", async () => {
    const bank = await newBank();
    const kindling = await openKindling({ contracts: [paying(bank)] });
    const run = await kindling.start("paying", { order: "a", amount: 5 });
    await run.settled();
    await run.update({ amount: 7 });
    await run.settled();
    await say(kindling, run, "bad");
    await ended(run);
    expect(booked(bank, "refund")).toMatchObject([{ amount: 5 }]);
  });

  // The same: the author's key is made from what the node would read now.
  it("leaves taking back the author's key under which the effect was done", async () => {
    const bank = await newBank();
    const kindling = await openKindling({ contracts: [paying(bank, { keyOf: (order) => `order-${order}` })] });
    const run = await kindling.start("paying", { order: "a", amount: 5 });
    await run.settled();
    await run.update({ order: "b" });
    await run.settled();
    await say(kindling, run, "bad");
    await ended(run);
    expect([bank.keys("pay"), bank.keys("refund")]).toEqual([["order-a"], ["order-a:compensate"]]);
  });

  it("does it again where the effect says so, under another key; a failing run takes both back, the last first", async () => {
    const bank = await newBank();
    const kindling = await openKindling({ contracts: [paying(bank, { onUpdate: "again" })] });
    const run = await kindling.start("paying", { order: "a", amount: 5 });
    await run.settled();
    await run.update({ amount: 7 });
    await run.settled();
    await say(kindling, run, "bad");
    expect((await ended(run)).status).toBe("failed");
    expect(bank.actions()).toEqual(["pay", "pay", "refund", "refund"]);
    expect(bank.keys("refund")).toHaveLength(2);
  });

  // As above: both are given what the node read last.
  it("does it again, and each is taken back with what it had read", async () => {
    const bank = await newBank();
    const kindling = await openKindling({ contracts: [paying(bank, { onUpdate: "again" })] });
    const run = await kindling.start("paying", { order: "a", amount: 5 });
    await run.settled();
    await run.update({ amount: 7 });
    await run.settled();
    await say(kindling, run, "bad");
    await ended(run);
    expect(booked(bank, "refund")).toMatchObject([{ amount: 7 }, { amount: 5 }]);
  });

  const unanswered = async (onUpdate: "keep" | "again") => {
    const bank = await newBank();
    let calls = 0;
    const made = contract("unanswered", {
      inputs: { amount: z.number() },
      define: (g, { amount }) =>
        g.effect("pay", {
          needs: { amount },
          onUpdate,
          run: ({ amount }, { idempotencyKey }) => {
            calls += 1;
            const receipt = bank.act("pay", idempotencyKey, amount);
            // The first one has reached the bank, and its answer never comes.
            return calls === 1 ? new Promise<typeof receipt>(() => {}) : receipt;
          },
        }),
    });
    const kindling = await openKindling({ contracts: [made] });
    const run = await kindling.start(made, { amount: 5 });
    await until(() => calls === 1, "the effect");
    await run.update({ amount: 7 });
    return { bank, result: await run.result() };
  };

  it("while an effect is in flight that is done once asks again under its key: it is done once", async () => {
    const { bank, result } = await unanswered("keep");
    expect([bank.keys("pay").length, result.amount]).toEqual([1, 5]);
  });

  // It is begun anew as if it had not begun, so under the same key: the bank answers what it did for the old inputs.
  it("while an effect is in flight that is to be done again asks under another key", async () => {
    const { bank, result } = await unanswered("again");
    expect([bank.keys("pay").length, result.amount]).toEqual([2, 7]);
  });
});

describe("a fork", () => {
  it("that fails does not take back what the other run has done", async () => {
    const bank = await newBank();
    const kindling = await openKindling({ contracts: [paying(bank)] });
    const run = await kindling.start("paying", { order: "a", amount: 5 });
    await run.settled();
    const fork = await kindling.fork(run.id, { inputs: { order: "b" } });
    await fork.settled();
    await say(kindling, fork, "bad");
    expect((await ended(fork)).status).toBe("failed");
    expect(bank.actions()).toEqual(["pay"]);
    await say(kindling, run, "fine");
    expect(await run.result()).toBe(5);
  });

  it("of a run that took back what it had done does it again, under a key of its own", async () => {
    const bank = await newBank();
    let isBroken = true;
    const trip = contract("trip", { inputs: {}, define: (g) => failing(g, [step(g, bank, "pay", [])], () => isBroken) });
    const kindling = await openKindling({ contracts: [trip] });
    const run = await kindling.start(trip, {});
    await ended(run);
    isBroken = false;
    const fork = await kindling.fork(run.id);
    expect(await fork.result()).toBe("fine");
    expect(bank.actions()).toEqual(["pay", "undo pay", "pay"]);
    expect(bank.keys("pay").at(-1)).toBe(`${fork.id}:pay`);
  });

  // The other run is folded up to that place and no further, so nothing tells that the effect was taken back since.
  it("from before it was taken back does it again, too: it stands no more", async () => {
    const bank = await newBank();
    const kindling = await openKindling({ contracts: [paying(bank)] });
    const run = await kindling.start("paying", { order: "a", amount: 5 });
    const { position } = await run.settled();
    await say(kindling, run, "bad");
    await ended(run);
    const fork = await kindling.fork(run.id, { at: position });
    await fork.settled();
    expect(bank.actions()).toEqual(["pay", "refund", "pay"]);
  });

  // A value that was given counts as something done.
  it("in which an effect is given its value has nothing to take back", async () => {
    const bank = await newBank();
    const kindling = await openKindling({ contracts: [paying(bank)] });
    const run = await kindling.start("paying", { order: "a", amount: 5 });
    const { position } = await run.settled();
    const fork = await kindling.fork(run.id, { at: position, nodes: { pay: { receipt: "by hand", amount: 5 } } });
    await fork.settled();
    await say(kindling, fork, "bad");
    expect((await ended(fork)).status).toBe("failed");
    expect(bank.actions()).toEqual(["pay"]);
  });
});
