// Runs that read and record facts of the application, recorded and played again without them.

import { contract, defineHistory, defineStore } from "kindling";
import { expect, it } from "vitest";
import { z } from "zod";
import { recordRun, replayRun } from "../../src/testing.ts";
import { openKindling } from "../host/open-host.ts";

const stock = defineStore("stock", { schema: z.number() });
const sales = defineHistory("sales", { schema: z.object({ item: z.string(), count: z.number() }) });

const sell = contract("sell", {
  inputs: { item: z.string() },
  correlate: ["item"],
  start: { on: sales, when: ({ count }) => count > 100, inputs: { item: "item" } },
  define(g, { item }) {
    const before = g.read("before", stock, { key: item });
    const sold = g.await("sold", { on: sales, correlate: { item: "item" } });
    const left = g.compute("left", { needs: { before, sold }, run: ({ before, sold }) => before - sold.count });
    const written = g.write("written", stock, { key: item, value: left, expect: before });
    return { left, written };
  },
});

it("a run over stores and histories is replayed as it was, and touches none", async () => {
  const kindling = await openKindling({ contracts: [sell] });
  await kindling.store(stock).write("chair", 5);
  const run = await kindling.start(sell, { item: "chair" });
  await run.settled();
  await kindling.history(sales).append({ item: "chair", count: 2 });
  const outputs = await run.result();
  expect(outputs).toMatchObject({ left: 3, written: { number: 2 } });
  const { recording } = await recordRun(kindling, run.id);
  const replayed = await replayRun(recording, { contract: sell });
  expect(replayed.outputs).toEqual(outputs);
  expect(replayed.view.status).toBe("succeeded");
  expect((await kindling.store(stock).history("chair")).items).toHaveLength(2);
});
