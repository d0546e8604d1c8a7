// The smallest examples of what the random graphs found about what is done outside: each names what its cause was.

import { contract, memoryLedger, type GraphBuilder, type Node } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { crashed, ledgerWith, logOf, type Log } from "../host/ledgers.ts";
import { until } from "../host/open-host.ts";
import { open, rest } from "./small-examples.ts";

/** A log up to the first commit with a fact that fits. */
function upTo({ entries, blobs }: Log, fits: (fact: Readonly<Record<string, unknown>>) => boolean): Log {
  return { entries: entries.slice(0, entries.findIndex(({ facts }) => facts.some(fits)) + 1), blobs };
}

/** An effect that can be taken back, beside something that fails; `inside` puts the effect into a child. */
function paying(inside: boolean) {
  const paid: string[] = [];
  const takenBack: string[] = [];
  const isSlow = { value: false };
  const send = (g: GraphBuilder, { amount }: { readonly amount: Node<number> }) =>
    g.effect("send", {
      needs: { amount },
      run: async (_needs, { idempotencyKey }) => {
        paid.push(idempotencyKey);
        if (isSlow.value) await new Promise(() => {});
        return 1;
      },
      compensate: (_value, _needs, { idempotencyKey }) => void takenBack.push(idempotencyKey.replace(/:compensate$/, "")),
    });
  const pay = contract("pay", { inputs: { amount: z.number() }, define: send });
  const order = contract("order", {
    inputs: { amount: z.number() },
    define(g, { amount }) {
      const sent = inside ? g.compose("sent", { needs: { amount }, child: pay }) : send(g, { amount });
      const ask = g.await("ask", { event: "answered", schema: z.boolean(), show: { amount } });
      const check = g.guard("check", { needs: { ask }, check: ({ ask }) => ask });
      return { sent, check };
    },
  });
  return { order, paid, takenBack, isSlow };
}

describe("what was done", () => {
  it("F10: in a try that a crash cut off is found out and taken back, though the run is lost", async () => {
    // `decideNode` began nothing in a lost run, and `cancelRun` looked only at this process for actions under way.
    const { order, paid, takenBack, isSlow } = paying(false);
    isSlow.value = true;
    const place = memoryLedger();
    const first = await open(order, place);
    const run = await first.start(order, { amount: 1 });
    await until(() => paid.length === 1);
    await first.deliver({ event: "answered", run: run.id, payload: false });
    const left = await crashed(place);
    await first.close();
    isSlow.value = false;
    const again = await (await open(order, left)).run(run.id);
    expect((await rest(again)).status).toBe("failed");
    expect([new Set(paid).size, takenBack]).toEqual([1, [paid[0]]]);
  });

  it("F11: by a child is taken back also where the process ended before the run had noted it", async () => {
    // `decideChildren` returned in a lost run, so that a new process never learned how its children ended.
    const { order, paid, takenBack } = paying(true);
    const place = memoryLedger();
    const first = await open(order, place);
    const run = await first.start(order, { amount: 1 });
    await rest(run);
    const { entries, blobs } = await logOf(place);
    await first.close();
    // The child has ended, the run has not noted it, and then it fails.
    const log = upTo({ entries, blobs }, ({ type }) => type === "run.succeeded");
    const lost = { ...log, entries: [...log.entries, await failing(log, run.id)] };
    const again = await (await open(order, await ledgerWith(lost))).run(run.id);
    expect((await rest(again)).status).toBe("failed");
    expect(takenBack).toEqual(paid);
  });
});

/** A commit by which the run's answer makes it fail. */
async function failing(log: Log, run: string): Promise<Log["entries"][number]> {
  const own = log.entries.filter((entry) => entry.run === run);
  const last = own.at(-1);
  if (last === undefined) throw new Error("the run has no facts");
  const facts = [
    { type: "event.delivered", node: "ask", event: "answered", deliveryId: "d", payload: false, actor: { id: "x", assurance: "agent" } },
    { type: "node.failed", node: "check", attempt: 1, error: { code: "guard_failed", message: "no" } },
  ];
  const head = own.findLast((entry) => entry.head !== undefined)?.head;
  const note = { ...head?.note, status: "running" };
  return {
    ...last,
    position: log.entries.length + 1,
    first: last.first + last.facts.length,
    facts,
    head: { open: true, keys: head?.keys ?? [], note },
  };
}

describe("keys", () => {
  it("F12: of an effect that a fork does again are the same after a crash", async () => {
    // `foldNodeStarted` counted a renewal for what another run had, which the fold of the facts alone did not see.
    const keys: string[] = [];
    const isSlow = { value: false };
    const paying = contract("paying", {
      inputs: { amount: z.number() },
      define: (g, { amount }) =>
        g.effect("pay", {
          needs: { amount },
          onUpdate: "again",
          run: async ({ amount }, { idempotencyKey }) => {
            keys.push(idempotencyKey);
            if (isSlow.value) await new Promise(() => {});
            return amount;
          },
        }),
    });
    const place = memoryLedger();
    const first = await open(paying, place);
    const run = await first.start(paying, { amount: 1 });
    await rest(run);
    isSlow.value = true;
    const fork = await first.fork(run.id, { inputs: { amount: 2 } });
    await until(() => keys.length === 2);
    const left = await crashed(place);
    await first.close();
    isSlow.value = false;
    await rest(await (await open(paying, left)).run(fork.id));
    expect(keys[2]).toBe(keys[1]);
  });
});

describe("the same answer", () => {
  it("F13: to what is shown anew is a new one, where it says what was shown, and else is not taken for an answer without a word", async () => {
    // `derivedDeliveryId` was the same for every opening of an await, and a repeat was answered before it was seen that the await is open.
    const gate = contract("gate", {
      inputs: { text: z.string() },
      define: (g, { text }) => g.await("ok", { event: "ok", schema: z.boolean(), show: { text } }),
    });
    const kindling = await open(gate);
    const run = await kindling.start(gate, { text: "one" });
    await rest(run);
    await kindling.deliver({ event: "ok", run: run.id, payload: true });
    await run.update({ text: "two" });
    await rest(run);
    const { shown } = await kindling.awaiting(run.id);
    expect(await kindling.deliver({ event: "ok", run: run.id, payload: true })).toMatchObject({
      status: "refused",
      code: "stale_approval",
    });
    expect(await kindling.deliver({ event: "ok", run: run.id, payload: true, shown })).toMatchObject({ status: "delivered" });
    expect((await rest(run)).outputs).toBe(true);
  });
});

describe("a fork", () => {
  it("F14: takes over what reads the same also inside a child that is given something else", async () => {
    // `createChild` named the run to take over from and did not call `inherit`: only a new process did.
    const asked: string[] = [];
    const parent = contract("parent", {
      inputs: { a: z.number(), b: z.number() },
      define: (g, { a, b }) =>
        g.compose("part", {
          needs: { a, b },
          child: (g, { a, b }) => ({
            first: g.lookup("first", { needs: { a }, run: ({ a }) => asked.push(`first ${a}`) }),
            second: g.lookup("second", { needs: { b }, run: ({ b }) => asked.push(`second ${b}`) }),
          }),
        }),
    });
    const kindling = await open(parent);
    const run = await kindling.start(parent, { a: 1, b: 1 });
    await rest(run);
    await rest(await kindling.fork(run.id, { inputs: { b: 2 } }));
    expect(asked.toSorted()).toEqual(["first 1", "second 1", "second 2"]);
  });
});

describe("taking back", () => {
  it("F15: is not disturbed by an update: it is refused until the run has ended", async () => {
    // `updateRun` let a run go on that was taking back; what was taken back then was begun by nobody.
    const { promise, resolve } = Promise.withResolvers<void>();
    let isTaking = false;
    const undo = contract("undo", {
      inputs: { a: z.number(), b: z.number() },
      define(g, { a, b }) {
        const sent = g.effect("send", {
          needs: { b },
          run: () => 1,
          compensate: () => {
            isTaking = true;
            return promise;
          },
        });
        const check = g.guard("check", { needs: { a }, after: [sent], check: ({ a }) => a > 0 });
        return { sent, check };
      },
    });
    const run = await (await open(undo)).start(undo, { a: 0, b: 0 });
    await until(() => isTaking);
    await expect(run.update({ a: 1 })).rejects.toMatchObject({ code: "run_ending" });
    resolve();
    expect((await rest(run)).status).toBe("failed");
    await run.update({ a: 1 });
    expect((await rest(run)).status).toBe("succeeded");
  });
});
