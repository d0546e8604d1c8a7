// Tools of single workflows: for contracts whose authors expose them, with the contract's own inputs.

import { describe, expect, it } from "vitest";
import * as z from "zod";
import { createMcpServer } from "../../mcp/index.ts";
import { contract, createRuntime, memoryLedger, type AnyContract, type Kindling } from "../../src/index.ts";
import { connectInProcess } from "./in-process.ts";

const greet = contract("greet-somebody", {
  description: "Greets somebody.",
  inputs: { name: z.string().min(1).describe("Who"), times: z.int().max(3).default(1) },
  mcp: { expose: true },
  define: (g, { name, times }) => ({
    text: g.compute("text", { needs: { name, times }, run: ({ name, times }) => `Hello ${name}! `.repeat(times) }),
  }),
});

const keyed = contract("keyed", {
  inputs: { idempotency_key: z.string() },
  mcp: { expose: true },
  define: (_g, { idempotency_key }) => ({ idempotency_key }),
});

const hidden = contract("hidden", { inputs: {}, define: (g) => ({ one: g.const("one", 1) }) });

async function runtime(contracts: readonly AnyContract[]): Promise<Kindling> {
  return createRuntime({ contracts, ledger: memoryLedger() });
}

describe("a workflow that is exposed", () => {
  it("is a tool with its own inputs as arguments, and runs to its end", async () => {
    const { client, call } = await connectInProcess(await runtime([greet, hidden, keyed]));
    const own = (await client.listTools()).tools.filter(({ name }) => name.startsWith("run_"));
    expect(own.map(({ name }) => name)).toEqual(["run_greet_somebody", "run_keyed"]);
    expect(own[0]).toMatchObject({
      title: "Greet somebody",
      description: expect.stringContaining("Greets somebody. Waits up to 50 s") as string,
      inputSchema: {
        required: ["name"],
        properties: { name: { description: "Who" }, times: { maximum: 3 }, idempotency_key: { minLength: 8 } },
        additionalProperties: false,
      },
    });
    const done = await call("run_greet_somebody", { name: "Ada", times: 2, idempotency_key: "greet-ada-1" });
    expect(done.value).toMatchObject({ status: "completed", output: { text: "Hello Ada! Hello Ada! " } });
    const again = await call("run_greet_somebody", { name: "Ada", times: 2, idempotency_key: "greet-ada-1" });
    expect(again.value).toMatchObject({ run_id: done.value["run_id"], replayed: true });
    expect((await call("list_workflows", { query: "greet" })).value).toMatchObject({ workflows: [{ tool: "run_greet_somebody" }] });
  });

  it("is told every issue of what it is given, and starts nothing", async () => {
    const { call, kindling } = await connectInProcess(await runtime([greet]));
    const refused = await call("run_greet_somebody", { name: "", times: 9, colour: "red" });
    expect(refused.value).toMatchObject({ error: { code: "invalid_input" } });
    for (const at of ["name", "times", "colour"]) expect(refused.text).toContain(`"at":"${at}"`);
    expect((await call("run_greet_somebody", { name: "Ada", idempotency_key: "short" })).value).toMatchObject({
      error: { code: "invalid_arguments" },
    });
    expect((await kindling.list()).items).toEqual([]);
  });

  it("keeps an input of its own that is called like the key", async () => {
    const { call } = await connectInProcess(await runtime([keyed]));
    expect((await call("run_keyed", { idempotency_key: "mine" })).value).toMatchObject({ output: { idempotency_key: "mine" } });
  });
});

describe("what cannot be exposed", () => {
  it("is refused when the server is made: too many, or too long a name", async () => {
    const many = Array.from({ length: 17 }, (_, index) =>
      contract(`flow-${index}`, { inputs: {}, mcp: { expose: true }, define: (g) => ({ one: g.const("one", 1) }) }),
    );
    const crowded = await runtime(many);
    expect(() => createMcpServer(crowded)).toThrow(expect.objectContaining({ code: "too_many_exposed" }));
    const long = await runtime([
      contract("a".repeat(40), { inputs: {}, mcp: { expose: true }, define: (g) => ({ one: g.const("one", 1) }) }),
    ]);
    expect(() => createMcpServer(long)).toThrow(expect.objectContaining({ code: "bad_tool_name" }));
  });
});
