// The MCP Inspector as a client, over standard input and over HTTP, in both eras: it lists, calls, and finds nothing to say about the schemas.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { type McpHttpServer, serveMcpHttp } from "../../../mcp/index.ts";
import { createRuntime, type Kindling, memoryLedger } from "../../../src/index.ts";
import { trip } from "../fixtures/questions.ts";
import { WORKFLOWS } from "../fixtures/workflows.ts";
import { SERVER_FLAGS } from "../mcp-process.ts";
import { inspect, isInspectorInstalled } from "./inspector.ts";

// Two processes for each, many at once.
vi.setConfig({ testTimeout: 60_000 });

const TOKEN = "a-token-of-some-length";
/** The server it starts finds the source compiled, as those of other tests do. */
const COMPILED = ["-e", `NODE_COMPILE_CACHE=${process.env["NODE_COMPILE_CACHE"] ?? ""}`];
const isMissing = !isInspectorInstalled();
if (isMissing) console.log("The MCP Inspector is not installed, so its tests are skipped: npm run inspector:install");

let folder: string;
let kindling: Kindling;
let server: McpHttpServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kindling-inspector-"));
  kindling = await createRuntime({ contracts: [...WORKFLOWS, trip], ledger: memoryLedger() });
  server = await serveMcpHttp(kindling, { token: TOKEN, log: () => {} });
});

afterAll(async () => {
  await server.close();
  await kindling.close();
  await rm(folder, { recursive: true, force: true });
});

/** How the server is reached. */
function target(transport: "stdio" | "http", at: string): readonly string[] {
  return transport === "http"
    ? [server.url, "--transport", "http", "--header", `Authorization: Bearer ${TOKEN}`]
    : [...COMPILED, process.execPath, ...SERVER_FLAGS, join(folder, at)];
}

const Listed = z.object({ result: z.object({ tools: z.array(z.object({ name: z.string() })) }) });
const Called = z.object({ result: z.object({ structuredContent: z.object({ status: z.string(), output: z.unknown() }) }) });

describe.skipIf(isMissing).each(["stdio", "http"] as const)("over %s the Inspector", (transport) => {
  it.concurrent.each(["legacy", "modern"] as const)("lists the tools in the %s era, with no complaint about their schemas", async (era) => {
    const args = [
      ...target(transport, `list-${era}`),
      "--protocol-era",
      era,
      "--method",
      "tools/list",
      "--strict",
      "--format",
      "json",
      "-q",
    ];
    const { code, stdout, stderr } = await inspect(args, folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const names = Listed.parse(JSON.parse(stdout)).result.tools.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(transport === "http" ? ["start_workflow", "run_trip"] : ["start_workflow"]));
  });

  it.concurrent.each(["legacy", "modern"] as const)("starts a workflow in the %s era and gets what it gives", async (era) => {
    const call = { workflow: "slow-sum", input: { ms: 1 }, wait_seconds: 20 };
    const args = [...target(transport, `call-${era}`), "--protocol-era", era, "--method", "tools/call", "--tool-name", "start_workflow"];
    const { code, stdout, stderr } = await inspect([...args, "--tool-args-json", JSON.stringify(call), "--format", "json", "-q"], folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(Called.parse(JSON.parse(stdout)).result.structuredContent).toMatchObject({ status: "completed", output: { sum: 42 } });
  });

  it.concurrent("takes a task for an answer, and waits for its result", async () => {
    const call = { workflow: "slow-sum", input: { ms: 1_500 }, wait_seconds: 0 };
    const args = [...target(transport, "task"), "--protocol-era", "modern", "--method", "tools/call", "--tool-name", "start_workflow"];
    const { code, stdout, stderr } = await inspect([...args, "--tool-args-json", JSON.stringify(call), "--format", "json", "-q"], folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    // The call itself did not wait: one who takes no task is told that the run goes on.
    expect(Called.parse(JSON.parse(stdout)).result.structuredContent).toMatchObject({ status: "completed", output: { sum: 42 } });
  });
});

it.skipIf(isMissing)("finds the approval card that request_approval is shown with", async () => {
  const args = [
    ...target("stdio", "card"),
    "--method",
    "tools/call",
    "--tool-name",
    "request_approval",
    "--app-info",
    "--format",
    "json",
    "-q",
  ];
  const { code, stdout, stderr } = await inspect(args, folder);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({
    appInfo: { hasApp: true, resourceUri: "ui://kindling/approval-card.html", resourceMimeType: "text/html;profile=mcp-app" },
  });
});
