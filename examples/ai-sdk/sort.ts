// A model of the AI SDK in a contract: here the package for servers with OpenAI's API; any other package of the family goes the same way.

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { contract, createRuntime, memoryLedger } from "kindling";
import { aiSdk } from "kindling/providers/ai-sdk";
import { z } from "zod";

const server = createOpenAICompatible({
  name: "server",
  baseURL: process.env["SERVER_URL"] ?? "http://127.0.0.1:8080/v1",
  includeUsage: true, // or the AI SDK asks for no usage, and costs stay unknown
  supportsStructuredOutputs: true, // or it leaves schemas out, and the model is told them in words
});

const sortTicket = contract("sort-ticket", {
  inputs: { ticket: z.string() },
  define(g, { ticket }) {
    return g.llm("sort", {
      needs: { ticket },
      prompt: ({ ticket }) => `Sort this support ticket: ${ticket}`,
      output: z.object({ team: z.enum(["billing", "bugs", "other"]), urgent: z.boolean() }),
      model: "server:qwen3",
    });
  },
});

const kindling = await createRuntime({
  contracts: [sortTicket],
  ledger: memoryLedger(),
  models: [aiSdk({ id: "server", model: (name) => server(name) })],
});
const run = await kindling.start(sortTicket, { ticket: "I was charged twice!" });
const { team, urgent } = await run.result();
console.log(team, urgent);
await kindling.close();
