// Runs that an event starts and another one answers: the order of the ledger counts, and not how soon anybody looked.

import { contract, defineHistory, type LedgerPlace, memoryLedger } from "kindling";
import { expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "./open-host.ts";

const orders = defineHistory("orders", { schema: z.object({ id: z.string() }) });
const payments = defineHistory("payments", { schema: z.object({ order: z.string() }) });
const order = contract("order", {
  inputs: { id: z.string() },
  correlate: ["id"],
  start: { on: orders, inputs: { id: "id" } },
  define: (g) => g.map("order", g.await("paid", { on: payments, correlate: { id: "order" } }), ({ order }) => order),
});

/** Where nobody has the contract: an order that is paid, and one that was paid before. */
async function orderedAndPaid(ledger: LedgerPlace): Promise<void> {
  await using elsewhere = await openKindling({ contracts: [], ledger });
  await elsewhere.history(payments).append({ order: "paid before" });
  for (const id of ["paid behind", "paid before"]) await elsewhere.history(orders).append({ id });
  await elsewhere.history(payments).append({ order: "paid behind" });
}

async function statusesOf(ledger: LedgerPlace): Promise<unknown> {
  await using kindling = await openKindling({ contracts: [order], ledger });
  await kindling.settle();
  const { items } = await kindling.list();
  const views = await Promise.all(items.map(async ({ id }) => (await kindling.run(id)).settled()));
  return Object.fromEntries(views.map(({ correlation, status }) => [correlation["id"], status]));
}

it("an event that was recorded behind the one that starts a run answers it, also where the run is started only later", async () => {
  const ledger = memoryLedger();
  await (await openKindling({ contracts: [order], ledger })).close();
  await orderedAndPaid(ledger);
  expect(await statusesOf(ledger)).toEqual({ "paid behind": "succeeded", "paid before": "waiting" });
});

it("runs that are started for events of before anybody had their contract are answered by those that followed then", async () => {
  const ledger = memoryLedger();
  await orderedAndPaid(ledger);
  expect(await statusesOf(ledger)).toEqual({ "paid behind": "succeeded", "paid before": "waiting" });
});

it("the event that starts a run does not answer it, and the next one does", async () => {
  const pairs = contract("pairs", {
    inputs: { id: z.string() },
    correlate: ["id"],
    start: { on: orders, inputs: { id: "id" } },
    define: (g) => g.await("next", { on: orders, correlate: { id: "id" } }),
  });
  await using kindling = await openKindling({ contracts: [pairs] });
  await kindling.history(orders).append({ id: "o1" });
  await kindling.settle();
  expect((await kindling.list()).items.map(({ status }) => status)).toEqual(["waiting"]);
  await kindling.history(orders).append({ id: "o1" });
  await kindling.settle();
  expect((await kindling.list()).items.map(({ status }) => status)).toEqual(["waiting", "succeeded"]);
});
