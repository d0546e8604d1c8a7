// A first contract: a draft is made, somebody outside answers, and the run ends. Runs with `node first.ts`, needs no key, and checks itself.
import { contract, createRuntime, fileLedger } from "kindling";
import { z } from "zod";

const greeting = contract("greeting", {
  inputs: { name: z.string() },
  define(g, { name }) {
    const draft = g.compute("draft", { needs: { name }, run: ({ name }) => `Hello ${name}` });
    const answer = g.await("answer", { event: "draft.answered", schema: z.object({ sign: z.string() }), show: { draft } });
    return { text: g.compute("text", { needs: { draft, answer }, run: ({ draft, answer }) => draft + answer.sign }) };
  },
});

const kindling = await createRuntime({ contracts: [greeting], ledger: fileLedger(".kindling/first-contract") });
const run = await kindling.start(greeting, { name: "Ada" });
const waiting = await run.settled(); // The run waits in its ledger: this process could end here, and another one go on.
await kindling.deliver({ event: "draft.answered", run: run.id, payload: { sign: "!" } });
const { text } = await run.result();
await kindling.close();

console.log(`${run.id} waited for "${waiting.awaits[0]?.event}" and gave "${text}"`);
if (text !== "Hello Ada!") throw new Error("that is not what it should give");
