// A client of the SDK's 1.x line, as many still run: it knows nothing of the protocol of 2026, and can do the same.

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { serveMcpHttp } from "../../mcp/index.ts";
import { createRuntime, memoryLedger } from "../../src/index.ts";
import { WORKFLOWS } from "./fixtures/workflows.ts";
import { answerOf, emptyFolder, SERVER_FLAGS } from "./mcp-process.ts";

const TOKEN = "a-token-of-some-length";

async function overStdio(): Promise<Transport> {
  return new StdioClientTransport({ command: process.execPath, args: [...SERVER_FLAGS, await emptyFolder()], stderr: "pipe" });
}

async function overHttp(): Promise<Transport> {
  const kindling = await createRuntime({ contracts: WORKFLOWS, ledger: memoryLedger() });
  const server = await serveMcpHttp(kindling, { token: TOKEN, log: () => {} });
  onTestFinished(async () => {
    await server.close();
    await kindling.close();
  });
  return new StreamableHTTPClientTransport(new URL(server.url), { requestInit: { headers: { authorization: `Bearer ${TOKEN}` } } });
}

describe.each([
  ["standard input", overStdio],
  ["HTTP", overHttp],
])("over %s", (_, open) => {
  it("it lists, starts, waits, delivers what the run asked for, is refused a person's decision, and is told of changes", async () => {
    const client = new Client({ name: "old client", version: "1" });
    await client.connect(await open());
    onTestFinished(() => client.close());
    const call = async (name: string, args: Record<string, unknown>) => answerOf(await client.callTool({ name, arguments: args }));
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain("start_workflow");
    expect((await call("list_workflows", {})).text).toContain("collect-sources");

    const { value: run } = await call("start_workflow", {
      workflow: "collect-sources",
      input: {},
      idempotency_key: "once-and-again",
      wait_seconds: 20,
    });
    expect(run).toMatchObject({ status: "awaiting", awaiting: [{ await_id: "sources", decider: "agent" }] });
    const told = new Promise<void>((resolve) => {
      client.fallbackNotificationHandler = async ({ method }) => {
        if (method === "notifications/resources/updated") resolve();
      };
    });
    await client.subscribeResource({ uri: z.string().parse(run["timeline_uri"]) });
    const waiting = call("get_run", { run_id: run["run_id"], wait_for: "end", wait_seconds: 20 });
    await call("deliver_event", { run_id: run["run_id"], await_id: "sources", payload: { urls: ["https://a.example"] } });
    expect((await waiting).value).toMatchObject({ status: "completed", output: { count: 1 } });
    await told;
    const again = await call("start_workflow", { workflow: "collect-sources", input: {}, idempotency_key: "once-and-again" });
    expect(again.value).toMatchObject({ run_id: run["run_id"], replayed: true });

    const { value: gated } = await call("start_workflow", { workflow: "press-note", input: { topic: "Tea", words: 3 }, wait_seconds: 20 });
    const refused = await call("deliver_event", { run_id: gated["run_id"], await_id: "review", payload: { decision: "approve" } });
    expect(refused.value).toMatchObject({ error: { code: "human_decision_required" } });
  });
});
