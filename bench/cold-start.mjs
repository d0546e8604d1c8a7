// A new process that delivers one event to one of many waiting runs and sees it end, with the built package, as users have it. Prints how the run ended.
// node cold-start.mjs <folder> <id>

import { contract, createRuntime, fileLedger } from "../dist/src/index.js";
import { waitOf } from "./cold-wait.mjs";

const [folder, id] = process.argv.slice(2);
const kindling = await createRuntime({ contracts: [waitOf(contract)], ledger: fileLedger(folder) });
const delivery = await kindling.deliver({ event: "go", correlation: { id }, payload: true });
const { status } = await (await kindling.run(delivery.run)).settled();
await kindling.close();
console.log(JSON.stringify({ status }));
