// A process whose runs are started and answered by events of histories until it is killed: `node history-process.ts <folder> <events>`. It records the events itself, each
// under a key, so that one that was cut off is recorded once; and says when all of it is done.

import { writeSync } from "node:fs";
import { z } from "zod";
import { contract, createRuntime, defineHistory, defineStore, fileLedger } from "../../src/index.ts";

export const orders = defineHistory("orders", { schema: z.object({ id: z.string() }) });
export const payments = defineHistory("payments", { schema: z.object({ order: z.string() }) });
export const states = defineStore("states", { schema: z.string() });
export const told = defineHistory("told", { schema: z.string() });

/** Writes the state of an order, waits for its payment, writes it again, and tells somebody. */
export const order = contract("order", {
  inputs: { id: z.string() },
  correlate: ["id"],
  start: { on: orders, inputs: { id: "id" } },
  define(g, { id }) {
    const open = g.const("open", "open");
    const begun = g.write("begun", states, { key: id, value: open, expect: "absent" });
    const paid = g.await("paid", { on: payments, correlate: { id: "order" }, after: [begun] });
    const seen = g.read("seen", states, { needs: { paid }, key: id });
    const done = g.write("done", states, { needs: { seen }, key: id, value: ({ seen }) => `${seen}, paid`, expect: seen });
    return g.append("told", told, { event: id, after: [done] });
  },
});

if (process.argv[1] === import.meta.filename) {
  const [folder = "", events = "0"] = process.argv.slice(2);
  const kindling = await createRuntime({ contracts: [order], ledger: fileLedger(folder) });
  for (let n = 0; n < Number(events); n++) {
    const id = `o${n}`;
    await kindling.history(orders).append({ id }, { idempotencyKey: `order ${id}` });
    // Before its run can have started, too: that one is offered it by the mark that is behind.
    writeSync(1, `${id}\n`);
  }
  const started = async () => (await kindling.list({ limit: 1_000 })).items;
  while ((await started()).length < Number(events)) await new Promise((done) => setTimeout(done, 5));
  for (let n = 0; n < Number(events); n++) await kindling.history(payments).append({ order: `o${n}` }, { idempotencyKey: `payment o${n}` });
  while ((await started()).some(({ status }) => status !== "succeeded")) await new Promise((done) => setTimeout(done, 5));
  await kindling.close();
  writeSync(1, "all done\n");
}
