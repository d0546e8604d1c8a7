// An await that a history answers, as it is told to whoever looks: nobody is sent to deliver what nobody may deliver.

import { contract, createRuntime, defineHistory, memoryLedger } from "kindling";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { nextSteps } from "../../src/cli/next-commands.ts";

const payments = defineHistory("payments", { schema: z.object({ order: z.string() }) });
const order = contract("order", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define: (g) => g.await("paid", { on: payments, correlate: { id: "order" } }),
});

it("an await that a history answers sends whoever asks to that history, and not to a delivery that would be refused", async () => {
  const kindling = await createRuntime({ contracts: [order], ledger: memoryLedger() });
  onTestFinished(() => kindling.close());
  const run = await kindling.start(order, { id: "o1" });
  const view = await run.settled();
  expect(view.awaits).toMatchObject([{ path: "paid", by: "anyone", history: "payments" }]);
  expect(view.nodes.find(({ path }) => path === "paid")?.note).toBe("waits for an event of payments");

  const explained = await kindling.explain(run.id);
  expect(explained.text).toContain("for an event of the history payments");
  expect(explained.hints).toEqual([
    {
      what: "record the event in the history payments",
      command: `kindling store append payments '{"order":"1"}'`,
      call: 'kindling.history(payments).append({"order":"1"})',
    },
  ]);
  expect(await nextSteps(kindling, view, "kindling")).toMatchObject([
    { path: "paid", history: "payments", commands: [`kindling store append payments '{"order":"…"}'`] },
  ]);
});
