// A process that shares a ledger with others and delivers what its parent says, all at once: `fork(this file, [folder])`.

import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { contract, createRuntime, fileLedger, KindlingError, type Delivery, type DeliverRequest, type Kindling } from "../../src/index.ts";

/** What the parent says. Everything in one order happens at once, at a time of the wall clock. */
export type Order =
  | { readonly do: "start"; readonly contract: "patient" | "hasty"; readonly id: string }
  | { readonly do: "deliver"; readonly at: number; readonly requests: readonly DeliverRequest[]; readonly cancel?: string }
  | { readonly do: "leave" };

/** What became of one delivery; `threw` is the code of an error. */
export type Answer = Delivery | { readonly status: "threw"; readonly code: string };

/** What the process says. */
export type Report =
  | { readonly did: "open" }
  | { readonly did: "start"; readonly run: string; readonly since: number }
  | { readonly did: "deliver"; readonly answers: readonly Answer[] };

/** How long the hasty contract waits for its event. */
export const HASTY_MS = 400;

const schema = z.object({ text: z.string() });

export const patient = contract("patient", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define: (g, { id }) => g.await("answer", { event: "answered", schema, show: { id } }),
});

export const hasty = contract("hasty", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define: (g, { id }) =>
    g.await("answer", { event: "answered", schema, show: { id }, timeout: HASTY_MS, onTimeout: { value: { text: "too late" } } }),
});

if (process.argv[1] === import.meta.filename) await live(process.argv[2] ?? "");

async function live(folder: string): Promise<void> {
  const kindling = await createRuntime({ contracts: [patient, hasty], ledger: fileLedger(folder), access: "shared" });
  process.on("message", (order: Order) => void follow(kindling, order).then((report) => report && process.send?.(report)));
  process.send?.({ did: "open" } satisfies Report);
}

async function follow(kindling: Kindling, order: Order): Promise<Report | undefined> {
  switch (order.do) {
    case "start": {
      const run = await kindling.start(order.contract, { id: order.id });
      const { awaits } = await run.settled();
      return { did: "start", run: run.id, since: awaits[0]?.since ?? 0 };
    }
    case "deliver": {
      const { at, requests, cancel } = order;
      await setTimeout(Math.max(0, at - Date.now()));
      const half = requests.length / 2;
      const first = requests.slice(0, half).map((request) => answerOf(kindling.deliver(request)));
      const cancelled = cancel === undefined ? undefined : kindling.cancel(cancel);
      const second = requests.slice(half).map((request) => answerOf(kindling.deliver(request)));
      const answers = await Promise.all([...first, ...second]);
      await cancelled;
      return { did: "deliver", answers };
    }
    case "leave":
      await kindling.close();
      process.disconnect();
      return undefined;
  }
}

async function answerOf(delivery: Promise<Delivery>): Promise<Answer> {
  try {
    return await delivery;
  } catch (error) {
    return { status: "threw", code: error instanceof KindlingError ? error.code : String(error) };
  }
}
