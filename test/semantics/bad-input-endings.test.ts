// What follows on a run's facts and on its end may throw: whoever is to know is told, and the run stands.

import { contract, createRuntime, type AnyContract, type Kindling } from "kindling";
import { manualClock, memoryLedger } from "kindling/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { nextTurn, until } from "../host/open-host.ts";

const boom = (message: string) => () => {
  throw new Error(message);
};

describe("what follows on a run may throw, and the run stands", () => {
  const plain = contract("plain", {
    inputs: { n: z.number() },
    define: (g, { n }) => g.compute("same", { needs: { n }, run: ({ n }) => n }),
  });

  async function open(contracts: readonly AnyContract[], more: object = {}): Promise<Kindling> {
    const kindling = await createRuntime({ contracts, ledger: memoryLedger(), ...more });
    onTestFinished(() => kindling.close());
    return kindling;
  }

  it("a hook: it is told with the fact's type, run and path, and the other hooks and later facts go on", async () => {
    const faults: unknown[] = [];
    const seen: string[] = [];
    const kindling = await open([plain], { onHookFault: (fault: unknown) => faults.push(fault) });
    kindling.on("node.succeeded", {}, boom("no hook"));
    kindling.on("node.succeeded", {}, async () => boom("no late hook")());
    kindling.on("node.succeeded", {}, ({ run }) => seen.push(run));
    const runs = [await kindling.start(plain, { n: 1 }), await kindling.start(plain, { n: 2 })];
    expect([await runs[0]?.result(), await runs[1]?.result()]).toEqual([1, 2]);
    await until(() => seen.length === 2 && faults.length === 4);
    expect(seen).toEqual(runs.map(({ id }) => id));
    expect(faults[0]).toMatchObject({ type: "node.succeeded", run: runs[0]?.id, path: "same", error: { message: "no hook" } });
  });

  it("onSuccess: it is tried 5 times, told each time, and the run has succeeded all the same", async () => {
    const clock = manualClock();
    const logged: unknown[] = [];
    const definition = contract("odd", { inputs: {}, onSuccess: boom("no thanks"), define: (g) => g.const("one", 1) });
    const kindling = await open([definition], { clock, onLog: (line: unknown) => logged.push(line) });
    const run = await kindling.start(definition, {});
    expect(await run.result()).toBe(1);
    for (let hour = 0; hour < 8; hour++) {
      await nextTurn(5);
      clock.advance(3_600_000);
    }
    await until(() => logged.length === 5);
    expect(logged[4]).toMatchObject({ run: run.id, path: "onSuccess", message: "onSuccess failed: no thanks", details: { attempt: 5 } });
    expect(await run.get()).toMatchObject({ status: "succeeded", outputs: 1 });
    expect((await run.facts()).filter(({ type }) => type === "exit.failed")).toHaveLength(5);
  });

  /** A run that has paid, is cancelled, and cannot take the payment back. */
  async function stuck(): Promise<{ readonly kindling: Kindling; readonly id: string }> {
    const clock = manualClock();
    const definition = contract("odd", {
      inputs: {},
      define(g) {
        const paid = g.effect("pay", {
          needs: {},
          run: (_needs, _context) => "r1",
          retry: { attempts: 2 },
          compensate: boom("no way back"),
        });
        return { go: g.await("go", { event: "go", schema: z.null(), show: { paid } }) };
      },
    });
    const kindling = await open([definition], { clock });
    const run = await kindling.start(definition, {});
    await run.settled();
    await run.cancel({ reason: "enough" });
    await until(async () => {
      clock.advance(3_600_000);
      return (await run.get()).status === "cancelled";
    });
    return { kindling, id: run.id };
  }

  it("compensate: it is tried as often as the effect, each try is recorded with its place, and the cancel comes to its end", async () => {
    const { kindling, id } = await stuck();
    const failures = (await kindling.facts(id)).flatMap((fact) => (fact.type === "compensation.failed" ? [fact] : []));
    expect(failures).toMatchObject([
      { path: "pay", attempt: 1, error: { code: "threw", message: "no way back" } },
      { path: "pay", attempt: 2, error: { message: "no way back" } },
    ]);
    expect(await kindling.get(id)).toMatchObject({ status: "cancelled", error: { code: "cancelled", message: "enough" } });
  });

  // Neither the run's view nor the dead letters know of a compensation that failed for good: the money is gone and no list says so.
  it("compensate: what could not be taken back is a dead letter", async () => {
    const { kindling, id } = await stuck();
    expect(await kindling.deadLetters()).toMatchObject([{ run: id, path: "pay", error: { message: "no way back" }, attempts: 2 }]);
  });
});
