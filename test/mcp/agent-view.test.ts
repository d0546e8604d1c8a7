// What an agent has of the server before it has called anything: few words, which are enough.

import { describe, expect, it } from "vitest";
import * as z from "zod";
import { INSTRUCTIONS } from "../../mcp/server.ts";
import { contract, createRuntime, memoryLedger } from "../../src/index.ts";
import { connectInProcess } from "./in-process.ts";

/** Ten contracts, none of which has a tool of its own. */
async function tenWorkflows() {
  const contracts = Array.from({ length: 10 }, (_, index) =>
    contract(`workflow-${index}`, {
      description: `Does the ${index}th thing, at some length, and asks a person before it does so.`,
      inputs: { topic: z.string().describe("What it is about") },
      define: (g, { topic }) => ({ topic: g.compute("said", { needs: { topic }, run: (needs) => needs.topic }) }),
    }),
  );
  return createRuntime({ contracts, ledger: memoryLedger() });
}

describe("an agent's view", () => {
  it("is under 8,000 characters: the whole tools/list with ten workflows, and the instructions", async () => {
    await using kindling = await tenWorkflows();
    const { client } = await connectInProcess(kindling);
    const listed = JSON.stringify(await client.listTools());
    const instructions = client.getInstructions() ?? "";
    expect(instructions).toBe(INSTRUCTIONS);
    expect(listed.length + instructions.length).toBeLessThan(8_000);
    expect(listed).not.toContain("workflow-3");
  });

  it("has instructions of about 400 characters that name the way through the tools", () => {
    expect(INSTRUCTIONS.length).toBeGreaterThan(340);
    expect(INSTRUCTIONS.length).toBeLessThan(460);
    const words = ["list_workflows", "describe_workflow", "start_workflow", "get_run", "deliver_event", "run_id", "you cannot decide"];
    const places = words.map((word) => INSTRUCTIONS.indexOf(word));
    expect(places.filter((place) => place === -1)).toEqual([]);
    expect(places.slice(0, 5)).toEqual(places.slice(0, 5).toSorted((a, b) => a - b));
  });
});
