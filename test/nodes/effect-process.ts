// A process that acts on a bank until it is killed: `node effect-process.ts <folder> <bank file> <where it hangs>`. It says where it is on the standard output.

import { writeSync } from "node:fs";
import { z } from "zod";
import { contract, createRuntime, fileLedger } from "../../src/index.ts";
import { bankIn } from "./bank.ts";

const [folder = "", file = "", hangsIn = ""] = process.argv.slice(2);

/** Pays, ships, and fails where it is told to; both are taken back. */
export const order = contract("order", {
  inputs: { amount: z.number(), fails: z.boolean() },
  define(g, { amount, fails }) {
    const paid = g.effect("pay", {
      needs: { amount },
      run: ({ amount }, { idempotencyKey }) => act("pay", idempotencyKey, amount),
      compensate: ({ amount }, _needs, { idempotencyKey }) => act("refund", idempotencyKey, amount),
    });
    const shipped = g.effect("ship", {
      needs: { paid },
      run: ({ paid }, { idempotencyKey }) => act("ship", idempotencyKey, paid.amount),
      compensate: ({ amount }, _needs, { idempotencyKey }) => act("recall", idempotencyKey, amount),
    });
    return g.compute("checked", {
      needs: { shipped, fails },
      run: ({ fails }) => {
        if (fails) throw new Error("out of stock");
        return "done";
      },
    });
  },
});

async function act(action: string, key: string, amount: number) {
  const receipt = bankIn(file).act(action, key, amount);
  if (action === hangsIn) {
    writeSync(1, `in ${action}\n`);
    await new Promise(() => setInterval(() => {}, 1_000));
  }
  return receipt;
}

if (process.argv[1] === import.meta.filename) {
  const kindling = await createRuntime({ contracts: [order], ledger: fileLedger(folder) });
  const run = await kindling.start(
    order,
    { amount: 5, fails: hangsIn === "refund" || hangsIn === "recall" || process.argv[5] === "fails" },
    { idempotencyKey: "one" },
  );
  for (;;) {
    const view = await run.settled();
    if (view.endedAt === undefined) continue;
    writeSync(1, `ended ${view.status}\n`);
    break;
  }
  await kindling.close();
}
