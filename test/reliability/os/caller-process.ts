// A process that starts orders and pays them until it is killed, sharing the ledger with others: `node caller-process.ts <folder> <address> <name> <from,…>`.
// Each of its callers begins at a number of its own: what its last life was not told is asked again under the same ids.

import { writeSync } from "node:fs";
import { createRuntime, fileLedger, type Kindling } from "../../../src/index.ts";
import { orders } from "./order-contract.ts";

const [folder = "", address = "", name = "", from = ""] = process.argv.slice(2);
const order = orders(address);
const say = (line: string) => void writeSync(1, `${line}\n`);

const kindling = await createRuntime({ contracts: [order], ledger: fileLedger(folder), access: "shared" });
say("open");
await Promise.all(from.split(",").map((first, caller) => callOn(kindling, `${name}-${caller}`, Number(first))));

async function callOn(runtime: Kindling, caller: string, first: number): Promise<void> {
  for (let number = first; ; number++) {
    const id = `${caller}-${number}`;
    const run = await runtime.start(order, { id }, { idempotencyKey: id });
    say(`started ${id} ${run.id}`);
    const { status } = await runtime.deliver({ event: "order.paid", correlation: { id }, payload: id, deliveryId: `pay-${id}` });
    say(status === "refused" ? `refused ${id}` : `paid ${id} ${caller} ${number}`);
  }
}
