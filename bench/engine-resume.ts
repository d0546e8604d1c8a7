// A process of its own for the engine's benchmark: opens a ledger, answers one waiting run and sees it end. node engine-resume.ts <folder> <id>

import { openBench } from "./engine-contracts.ts";

const [folder = "", id = ""] = process.argv.slice(2);
const kindling = await openBench(folder);
const delivery = await kindling.deliver({ event: "go", correlation: { id }, payload: { ok: true } });
if (delivery.status !== "delivered") throw new Error(`the delivery was ${delivery.status}`);
await (await kindling.run(delivery.run)).result();
await kindling.close();
