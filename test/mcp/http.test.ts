// MCP over HTTP: both eras at one address, bounds, and what a server wants before it serves. What it refuses stands in the tests of bad input.

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { serveMcpHttp, type ServeMcpHttpOptions } from "../../mcp/index.ts";
import { createRuntime, memoryLedger } from "../../src/index.ts";
import { WORKFLOWS } from "./fixtures/workflows.ts";
import { answerOf } from "./mcp-process.ts";

const TOKEN = "a-token-of-some-length";
const ERAS = ["2026-07-28", "2025-11-25"] as const;

async function serve(options: Partial<ServeMcpHttpOptions> = {}) {
  const kindling = await createRuntime({ contracts: WORKFLOWS, ledger: memoryLedger() });
  const told: string[] = [];
  const server = await serveMcpHttp(kindling, { token: TOKEN, log: (text) => told.push(text), ...options });
  onTestFinished(async () => {
    await server.close();
    await kindling.close();
  });
  return { kindling, url: server.url, told };
}

async function connect(url: string, era: (typeof ERAS)[number], token = TOKEN) {
  const client = new Client(
    { name: "over http", version: "1" },
    { versionNegotiation: { mode: era === "2025-11-25" ? "legacy" : { pin: era } } },
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { authorization: `Bearer ${token}` } } }));
  onTestFinished(() => client.close());
  return client;
}

const Run = z.object({ run_id: z.string(), status: z.string() });

async function call(client: Client, name: string, args: Record<string, unknown>) {
  return Run.parse((await client.callTool({ name, arguments: args })).structuredContent);
}

describe.each(ERAS)("a client of %s", (era) => {
  it("starts a run, waits for it, and finds it again over another connection", async () => {
    const { url } = await serve();
    const client = await connect(url, era);
    const started = await call(client, "start_workflow", { workflow: "slow-sum", input: { ms: 50 } });
    expect((await call(client, "get_run", { run_id: started.run_id, wait_seconds: 20 })).status).toBe("completed");
    const other = await connect(url, era);
    expect((await call(other, "get_run", { run_id: started.run_id })).status).toBe("completed");
    expect((await other.listResources()).resources.length).toBeGreaterThan(0);
  });

  it("that goes in the middle of a wait leaves the run running", async () => {
    const { url, kindling } = await serve();
    const client = await connect(url, era);
    const { run_id } = await call(client, "start_workflow", { workflow: "slow-sum", input: { ms: 400 } });
    const waiting = client.callTool({ name: "get_run", arguments: { run_id, wait_seconds: 20 } });
    setTimeout(() => void client.close(), 50);
    await expect(waiting).rejects.toThrow();
    await (await kindling.run(run_id)).settled();
    expect((await kindling.get(run_id))?.status).toBe("succeeded");
  });
});

describe("sessions of the 2025 era", () => {
  it("are bounded, and end when nobody uses them", async () => {
    const { url } = await serve({ sessionLimit: 1, sessionIdleMs: 100 });
    await connect(url, "2025-11-25");
    await expect(connect(url, "2025-11-25")).rejects.toThrow(/503|Too many sessions/);
    await expect
      .poll(
        async () =>
          connect(url, "2025-11-25").then(
            () => "open",
            () => "full",
          ),
        { timeout: 5_000 },
      )
      .toBe("open");
  });
});

describe("the server", () => {
  it("wants a token of some length, and one at all where others can reach it", async () => {
    const kindling = await createRuntime({ contracts: [], ledger: memoryLedger() });
    onTestFinished(() => kindling.close());
    await expect(serveMcpHttp(kindling, { token: "short" })).rejects.toThrow("needs 16");
    await expect(serveMcpHttp(kindling, { token: false, host: "0.0.0.0" })).rejects.toMatchObject({ code: "token_required" });
  });

  it("lets many calls wait at once, and tells those for which there is no place", async () => {
    const { url } = await serve();
    const client = await connect(url, "2026-07-28");
    const { run_id } = await call(client, "start_workflow", { workflow: "collect-sources", input: {}, wait_seconds: 20 });
    let refused = 0;
    const all = Promise.all(
      Array.from({ length: 200 }, async () => {
        const answer = answerOf(await client.callTool({ name: "get_run", arguments: { run_id, wait_for: "end", wait_seconds: 50 } }));
        if (answer.isError) refused += 1;
        return answer;
      }),
    );
    await expect.poll(() => refused).toBe(136);
    await call(client, "deliver_event", { run_id, await_id: "sources", payload: { urls: ["a"] } });
    const waits = await all;
    expect(waits.filter(({ value }) => value["status"] === "completed")).toHaveLength(64);
    expect(waits.find(({ isError }) => isError)?.value).toMatchObject({
      error: { code: "rate_limited", fix: expect.any(String) as string },
    });
  });
});
