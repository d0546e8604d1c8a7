// Effects inside children: what they did is taken back with the run around them, and done again with it.

import { contract, createRuntime } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling, temporaryLedger, until } from "../host/open-host.ts";
import { newBank, type Bank } from "./bank.ts";
import { ended, failing, step } from "./steps.ts";

describe("inside children", () => {
  it("a composed part that has succeeded takes back what it did, in its place in the order", async () => {
    const bank = await newBank();
    const trip = contract("trip", {
      inputs: {},
      define(g) {
        const first = step(g, bank, "first", []);
        const part = g.compose("part", {
          needs: { first },
          child: (g, _handles) => step(g, bank, "inner-2", [step(g, bank, "inner-1", [])]),
        });
        return failing(g, [step(g, bank, "last", [part])]);
      },
    });
    const kindling = await openKindling({ contracts: [trip] });
    const run = await kindling.start(trip, {});
    expect((await ended(run)).status).toBe("failed");
    expect(bank.actions()).toEqual(["first", "inner-1", "inner-2", "last", "undo last", "undo inner-2", "undo inner-1", "undo first"]);
  });

  const batch = (bank: Bank, broken: ReadonlySet<string>, pause: (name: string) => unknown = () => undefined) =>
    contract("batch", {
      inputs: { names: z.array(z.string()) },
      define: (g, { names }) =>
        g.collection("all", {
          over: names,
          as: "name",
          key: (name) => name,
          mode: "failFast",
          concurrency: 1,
          each: (g, { name }) => {
            const paid = g.effect("pay", {
              needs: { name },
              run: ({ name }, { idempotencyKey }) => bank.act(`pay ${name}`, idempotencyKey, 1),
              compensate: async (_value, { name }, { idempotencyKey }) => {
                bank.act(`undo ${name}`, idempotencyKey, 1);
                await pause(name);
              },
            });
            return g.compute("check", {
              needs: { name, paid },
              run: ({ name }) => {
                if (broken.has(name)) throw new Error(`${name} is broken`);
                return name;
              },
            });
          },
        }),
    });

  it("items that succeeded before another one failed take back what they did", async () => {
    const bank = await newBank();
    const made = batch(bank, new Set(["c"]));
    const kindling = await openKindling({ contracts: [made] });
    const run = await kindling.start(made, { names: ["a", "b", "c", "d"] });
    expect((await ended(run)).status).toBe("failed");
    await until(() => bank.actions().length === 6, "all taken back");
    expect(bank.actions()).toEqual(["pay a", "pay b", "pay c", "undo c", "undo b", "undo a"]);
  });

  it("a retry does them again under other keys", async () => {
    const bank = await newBank();
    const broken = new Set(["c"]);
    const made = batch(bank, broken);
    const kindling = await openKindling({ contracts: [made] });
    const run = await kindling.start(made, { names: ["a", "b", "c", "d"] });
    await ended(run);
    broken.clear();
    await run.retry();
    expect((await run.result()).keys).toEqual(["a", "b", "c", "d"]);
    for (const name of ["a", "b", "c"])
      expect([name, bank.keys(`pay ${name}`).length, bank.keys(`undo ${name}`).length]).toEqual([name, 2, 1]);
    expect(bank.keys("pay d")).toHaveLength(1);
  });

  it("goes on after a restart in the middle of it", async () => {
    const bank = await newBank();
    const place = await temporaryLedger();
    let hangs = true;
    const made = batch(bank, new Set(["c"]), (name) => (hangs && name === "a" ? new Promise(() => {}) : undefined));
    const first = await createRuntime({ contracts: [made], ledger: place });
    const run = await first.start(made, { names: ["a", "b", "c"] });
    await until(() => bank.actions().includes("undo a"), "the middle");
    await first.close();
    hangs = false;
    const second = await openKindling({ contracts: [made], ledger: place });
    expect((await ended(await second.run(run.id))).status).toBe("failed");
    expect(bank.actions()).toEqual(["pay a", "pay b", "pay c", "undo c", "undo b", "undo a"]);
    expect(bank.calls().filter(({ action }) => action === "undo a")).toHaveLength(2);
  });

  it("cancelling the run takes back what its children did, those that have ended and those that wait", async () => {
    const bank = await newBank();
    const asking = contract("asking", {
      inputs: { names: z.array(z.string()) },
      define(g, { names }) {
        return g.collection("all", {
          over: names,
          as: "name",
          key: (name) => name,
          each: (g, { name }) => {
            const paid = g.effect("pay", {
              needs: { name },
              run: ({ name }, { idempotencyKey }) => bank.act(`pay ${name}`, idempotencyKey, 1),
              compensate: (_value, { name }, { idempotencyKey }) => bank.act(`undo ${name}`, idempotencyKey, 1),
            });
            return g.await("go", { event: "go", schema: z.string(), show: { paid } });
          },
        });
      },
    });
    const kindling = await openKindling({ contracts: [asking] });
    const run = await kindling.start(asking, { names: ["a", "b"] });
    await run.settled();
    await kindling.deliver({ event: "go", run: run.id, path: "all[a]/go", payload: "x" });
    await run.settled();
    await run.cancel();
    expect((await ended(run)).status).toBe("cancelled");
    await until(() => bank.actions().length === 4, "all taken back");
    expect(bank.actions().toSorted()).toEqual(["pay a", "pay b", "undo a", "undo b"]);
  });

  // The child ends as cancelled without a word of it, and its parent's list has only nodes of its own.
  it("tells at the run what a child could not take back", async () => {
    const bank = await newBank();
    const trip = contract("trip", {
      inputs: {},
      define(g) {
        const part = g.compose("part", { needs: {}, child: (g) => step(g, bank, "inner", [], new Set(["undo inner"])) });
        return failing(g, [part]);
      },
    });
    const kindling = await openKindling({ contracts: [trip] });
    const run = await kindling.start(trip, {});
    expect((await ended(run)).error?.details).toMatchObject({ uncompensated: ["part/inner"] });
  });
});
