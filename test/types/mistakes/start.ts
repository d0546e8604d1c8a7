// Mistakes of a caller: inputs of `start` and what `result` gives.

import { contract, createRuntime, memoryLedger } from "kindling";
import { z } from "zod";

const greeting = contract("greeting", {
  inputs: { name: z.string(), times: z.number().default(1) },
  define(g, { name, times }) {
    return { text: g.compute("text", { needs: { name, times }, run: ({ name, times }) => `Hello ${name}! `.repeat(times) }) };
  },
});

const kindling = await createRuntime({ contracts: [greeting], ledger: memoryLedger() });
// error at `{`: No overload matches this call.
await kindling.start(greeting, { times: 1 });
// error at `name`: No overload matches this call.
await kindling.start(greeting, { name: 1 });
// error at `times`: No overload matches this call.
await kindling.start(greeting, { name: "Ada", times: "2" });
// error at `tims`: No overload matches this call.
await kindling.start(greeting, { name: "Ada", tims: 1 });
const run = await kindling.start(greeting, { name: "Ada" });
// error at `txt`: Property 'txt' does not exist on type '{ readonly text: string; }'.
const { txt } = await run.result();
const { text } = await run.result();
// error at `lenght`: Property 'lenght' does not exist on type 'string'. Did you mean 'length'?
text.lenght;
