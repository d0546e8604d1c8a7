// One model call: the prompt's variables are the node's needs, the reply is checked against the schema. Runs with ANTHROPIC_API_KEY set.
import { contract, createRuntime, memoryLedger } from "kindling";
import { anthropic } from "kindling/providers/anthropic";
import { z } from "zod";

const triage = contract("triage", {
  inputs: { ticket: z.string() },
  define(g, { ticket }) {
    return g.llm("sort", {
      needs: { ticket },
      prompt: ({ ticket }) => `Sort this support ticket: ${ticket}`,
      output: z.object({ team: z.enum(["billing", "bugs", "other"]), urgent: z.boolean() }),
      model: "anthropic:claude-haiku-5-5",
    });
  },
});

const kindling = await createRuntime({ contracts: [triage], ledger: memoryLedger(), models: [anthropic()] });
const run = await kindling.start(triage, { ticket: "I was charged twice!" });
const { team, urgent } = await run.result();
console.log(team, urgent);
await kindling.close();
