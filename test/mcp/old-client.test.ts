// A client of the SDK's 1.x line, as many still run, and a real project: it knows nothing of the protocol of 2026, and can do the same.

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { answerOf } from "./mcp-process.ts";
import { servedProject, startHttp, stdioCommand } from "./served-project.ts";

const START = { workflow: "publish-note", input: { topic: "Rain", words: 50 }, idempotency_key: "once-and-again" };
const SOURCES = { count: 2, best: "the almanac" };

async function overStdio(folder: string): Promise<Transport> {
  return new StdioClientTransport(stdioCommand(folder));
}

async function overHttp(folder: string): Promise<Transport> {
  const { child, url, requestInit } = await startHttp(folder);
  onTestFinished(() => void child.kill("SIGKILL"));
  return new StreamableHTTPClientTransport(url, { requestInit });
}

async function connect(transport: Transport) {
  const client = new Client({ name: "old client", version: "1" });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return {
    client,
    call: async (name: string, args: Record<string, unknown>) => answerOf(await client.callTool({ name, arguments: args })),
  };
}

/** Subscribes to an address; `told` resolves when the client hears that something has changed there. */
async function subscribe(client: Client, uri: string) {
  const told = new Promise<void>((resolve) => {
    client.fallbackNotificationHandler = async ({ method, params }) => {
      if (method === "notifications/resources/updated" && params?.["uri"] === uri) resolve();
    };
  });
  await client.subscribeResource({ uri });
  return { told };
}

describe.each([
  ["stdio", overStdio],
  ["http", overHttp],
] as const)("over %s", (wire, open) => {
  it("it lists, describes, starts once, waits, answers, is refused a person's decision, is told of the approval, and has the result", async () => {
    const { folder, kindling } = await servedProject(wire, "legacy");
    const { client, call } = await connect(await open(folder));
    expect(client.getInstructions()).toContain("start_workflow");
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain("start_workflow");
    expect((await call("list_workflows", {})).value).toMatchObject({ workflows: [{ workflow: "publish-note", human_gates: ["review"] }] });
    const described = await call("describe_workflow", { workflow: "publish-note" });
    expect(described.value).toMatchObject({ input_schema: { required: ["topic"] }, gates: [{ await_id: "review", decider: "human" }] });

    const { value: begun } = await call("start_workflow", { ...START, wait_seconds: 20 });
    expect(begun).toMatchObject({ status: "awaiting", awaiting: [{ await_id: "sources", decider: "agent" }] });
    const run_id = z.string().parse(begun["run_id"]);
    expect((await call("start_workflow", START)).value).toMatchObject({ run_id, replayed: true });

    const uri = z.string().parse(begun["timeline_uri"]);
    const { told } = await subscribe(client, uri);
    expect(await call("deliver_event", { run_id, await_id: "sources", payload: SOURCES })).toMatchObject({ isError: false });
    await told;
    expect(JSON.stringify(await client.readResource({ uri }))).toContain("event.delivered");
    await client.unsubscribeResource({ uri });

    const gate = await call("get_run", { run_id, wait_seconds: 20 });
    expect(gate.value).toMatchObject({ awaiting: [{ await_id: "review", decider: "human" }] });
    const refused = await call("deliver_event", { run_id, await_id: "review", payload: { decision: "approve" } });
    expect(refused.value).toMatchObject({ error: { code: "human_decision_required" } });
    expect((await call("request_approval", { run_id, await_id: "review" })).value).toMatchObject({
      state: "pending",
      command: `kindling approve ${run_id} review`,
    });
    const waiting = call("get_run", { run_id, wait_for: "end", wait_seconds: 30 });
    expect(await kindling("approve", run_id, "review")).toMatchObject({ code: 0 });
    expect((await waiting).value).toMatchObject({
      status: "completed",
      output: { text: "approve: Rain in 50 words after the almanac and 1 more" },
    });
  });
});
