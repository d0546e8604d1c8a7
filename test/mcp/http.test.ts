// MCP over HTTP: both eras at one address, and what is refused before anybody looks at it.

import { request as httpRequest } from "node:http";
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

const HEADERS = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", accept: "application/json, text/event-stream" };
const PING = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });

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

describe("a request", () => {
  const post = (url: string, headers: Record<string, string>, body = PING) =>
    fetch(url, { method: "POST", headers: { ...HEADERS, ...headers }, body });

  it.each([
    [{ authorization: "" }, 401],
    [{ authorization: "Bearer wrong" }, 401],
    [{ "content-type": "text/plain" }, 415],
    [{ origin: "https://evil.example" }, 403],
    [{ origin: "null" }, 403],
    [{ "mcp-session-id": "stolen" }, 404],
  ])("with %o is answered %i", async (headers, status) => {
    const { url } = await serve();
    expect((await post(url, headers)).status).toBe(status);
  });

  it.each([
    ["names another host", "POST", "evil.example", 403],
    ["names a host that is no name", "POST", "[", 400],
    ["names a host with blanks", "POST", "a b", 400],
    ["uses a method nobody may use", "TRACE", "localhost", 400],
  ])("that %s is refused, whatever it carries, and the next is answered", async (_, method, host, status) => {
    const { url } = await serve();
    const { port, pathname } = new URL(url);
    const answered = await new Promise<number | undefined>((resolve, reject) => {
      const asked = httpRequest({ port, path: pathname, method, headers: { ...HEADERS, host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on("error", reject);
      asked.end(method === "POST" ? PING : undefined);
    });
    expect(answered).toBe(status);
    expect((await post(url, { authorization: "" })).status).toBe(401);
  });

  it.each([
    ["{", 400],
    ["[]", 400],
    ["x".repeat(2 * 1024 * 1024), 413],
    [JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping", params: JSON.parse('{"__proto__":{"a":1}}') as object }), 400],
  ])("whose body is no request is answered so (%#)", async (body, status) => {
    const { url, told } = await serve();
    expect((await post(url, {}, body)).status).toBe(status);
    expect(told.filter((text) => text.includes("    at "))).toEqual([]);
  });

  it("to another path, or of another method, is not there", async () => {
    const { url } = await serve();
    expect((await fetch(url.replace("/mcp", "/other"), { headers: HEADERS })).status).toBe(404);
    expect((await fetch(url, { method: "PUT", headers: HEADERS, body: "{}" })).status).toBe(405);
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
    await expect.poll(() => refused, { timeout: 15_000 }).toBe(136);
    await call(client, "deliver_event", { run_id, await_id: "sources", payload: { urls: ["a"] } });
    const waits = await all;
    expect(waits.filter(({ value }) => value["status"] === "completed")).toHaveLength(64);
    expect(waits.find(({ isError }) => isError)?.value).toMatchObject({
      error: { code: "rate_limited", fix: expect.any(String) as string },
    });
  });
});
