// Tools that a model calls in the middle of a conversation: each call is a child run, and what it gives goes back to the model.

import { describe, expect, it } from "vitest";
import * as z from "zod";
import { contract, createRuntime, memoryLedger, tool, type ModelRequest } from "../../src/index.ts";
import { callsTools, scripted, type ScriptedReply } from "../../providers/scripted.ts";

const add = tool("add", {
  description: "Adds two numbers.",
  input: z.object({ a: z.number(), b: z.number() }),
  repeatable: true,
  run: ({ a, b }) => a + b,
});

const sums = contract("sums", {
  version: "1",
  inputs: { question: z.string() },
  define: (g, { question }) => ({ answer: g.llm("answer", { needs: { question }, prompt: ({ question }) => question, tools: [add] }) }),
});

async function play(replies: readonly ScriptedReply[]) {
  const model = scripted(replies);
  const kindling = await createRuntime({ contracts: [sums], ledger: memoryLedger(), models: [model], model: "scripted:m" });
  const run = await kindling.start(sums, { question: "How much are 1 and 2?" });
  return { kindling, model, run, view: await run.settled() };
}

function resultsIn(request: ModelRequest | undefined): unknown {
  return request?.messages.flatMap((message) =>
    message.role === "tool" ? message.content.map(({ output, isError }) => ({ output, isError })) : [],
  );
}

describe("a model that calls a tool", () => {
  it("is given the result and goes on", async () => {
    const { model, run } = await play([callsTools(["add", { a: 1, b: 2 }]), "Three."]);
    expect(await run.result()).toEqual({ answer: "Three." });
    expect(resultsIn(model.requests[1])).toEqual([{ output: 3, isError: undefined }]);
    expect(model.requests[0]?.tools).toEqual([
      { name: "add", description: "Adds two numbers.", inputSchema: expect.objectContaining({ type: "object" }) },
    ]);
  });
});
