// A client and a server in one process, over the memory ledger: for what needs no real process.

import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { onTestFinished } from "vitest";
import { createMcpServer, type McpOptions } from "../../mcp/index.ts";
import { createRuntime, memoryLedger, type Kindling } from "../../src/index.ts";
import { WORKFLOWS } from "./fixtures/workflows.ts";
import { answerOf, type Answer } from "./mcp-process.ts";

/** A connected client, the runtime behind it, and what the operator was told. */
export interface InProcess {
  readonly client: Client;
  readonly kindling: Kindling;
  readonly told: readonly string[];
  readonly call: (name: string, args?: Record<string, unknown>, options?: { readonly signal?: AbortSignal }) => Promise<Answer>;
}

/** Serves the test contracts, or another runtime, which stays the caller's to close. */
export async function connectInProcess(runtime?: Kindling, options: Pick<McpOptions, "stores"> = {}): Promise<InProcess> {
  const kindling = runtime ?? (await createRuntime({ contracts: WORKFLOWS, ledger: memoryLedger() }));
  const told: string[] = [];
  const [near, far] = InMemoryTransport.createLinkedPair();
  const server = serveStdio(createMcpServer(kindling, { program: "npx kindling", log: (text) => told.push(text), ...options }), {
    transport: far,
  });
  const client = new Client({ name: "in process", version: "1" }, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
  await client.connect(near);
  onTestFinished(async () => {
    await client.close();
    await server.close();
    if (runtime === undefined) await kindling.close();
  });
  return {
    client,
    kindling,
    told,
    call: async (name, args = {}, options = {}) => answerOf(await client.callTool({ name, arguments: args }, options)),
  };
}
