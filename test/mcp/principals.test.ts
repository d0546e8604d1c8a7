// Callers that are told apart: what belongs to one is not there for another, in whatever way it asks.

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { type McpHttpServer, type McpPrincipal, serveMcpHttp } from "../../mcp/index.ts";
import { StartRate } from "../../mcp/start-rate.ts";
import { createRuntime, type Kindling, memoryLedger } from "../../src/index.ts";
import { WORKFLOWS } from "./fixtures/workflows.ts";
import { answerOf } from "./mcp-process.ts";

const PRINCIPALS: readonly McpPrincipal[] = [
  { id: "ada", token: "token-of-ada-0123456789", runs: "own" },
  { id: "bob", token: "token-of-bob-0123456789", runs: "own" },
  { id: "ops", token: "token-of-ops-0123456789", runs: "all" },
];
const UNNAMED = "token-of-nobody-0123456789";
const TOKENS: Readonly<Record<string, string>> = { nobody: UNNAMED, ...Object.fromEntries(PRINCIPALS.map(({ id, token }) => [id, token])) };
const ERAS = ["legacy", { pin: "2026-07-28" }] as const;

let kindling: Kindling;
let server: McpHttpServer;

beforeAll(async () => {
  kindling = await createRuntime({ contracts: WORKFLOWS, ledger: memoryLedger() });
  server = await serveMcpHttp(kindling, { token: UNNAMED, principals: PRINCIPALS, log: () => {} });
});

afterAll(async () => {
  await server.close();
  await kindling.close();
});

async function connect(who: string, mode: (typeof ERAS)[number] = { pin: "2026-07-28" }) {
  const client = new Client({ name: "bot", version: "1" }, { versionNegotiation: { mode } });
  const headers = { authorization: `Bearer ${TOKENS[who] ?? who}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url), { requestInit: { headers } }));
  onTestFinished(() => client.close());
  const call = async (name: string, args: Record<string, unknown>) => answerOf(await client.callTool({ name, arguments: args }));
  return { client, call };
}

const Ids = z.object({ runs: z.array(z.object({ run_id: z.string() })) });

async function startNote(who: string, more: Record<string, unknown> = {}): Promise<string> {
  const { call } = await connect(who);
  const { value } = await call("start_workflow", {
    workflow: "press-note",
    input: { topic: "Tea", words: 3 },
    wait_seconds: 10,
    ...more,
  });
  return z.string().parse(value["run_id"]);
}

describe.each(ERAS)("in the era %o a run of another", (era) => {
  it.each([
    ["get_run", {}],
    ["get_run", { wait_seconds: 5 }],
    ["get_run_events", {}],
    ["deliver_event", { await_id: "review", payload: { decision: "approve" } }],
    ["request_approval", { await_id: "review" }],
    ["cancel_run", {}],
  ])("is to %s with %o as one that is not there", async (name, args) => {
    const run = await startNote("ada");
    const { call } = await connect("bob", era);
    const foreign = await call(name, { run_id: run, ...args });
    const unknown = await call(name, { run_id: "run_nobody", ...args });
    expect(foreign).toEqual(unknown);
    expect(foreign.value).toMatchObject({ error: { code: "run_not_found" } });
    expect((await kindling.get(run))?.status).toBe("waiting");
  });

  it("is in no list, no completion and no resource", async () => {
    const run = await startNote("ada");
    const { client, call } = await connect("bob", era);
    const own = await startNote("bob");
    const listed = Ids.parse((await call("list_runs", { limit: 50 })).value).runs.map(({ run_id: id }) => id);
    expect(listed).toContain(own);
    expect(listed).not.toContain(run);
    const { completion } = await client.complete({
      ref: { type: "ref/resource", uri: "wf://runs/{run_id}/timeline" },
      argument: { name: "run_id", value: run },
    });
    expect(completion.values).toEqual([]);
    const read = (id: string) =>
      client.readResource({ uri: `wf://runs/${id}/timeline` }).then(
        () => "read",
        (error: unknown) => String(error).replaceAll(id, "…"),
      );
    expect(await read(run)).toBe(await read("run_nobody"));
    expect(await read(own)).toBe("read");
  });

  it("is there for a principal who sees all, and for whoever holds the one token", async () => {
    const run = await startNote("ada");
    for (const who of ["ada", "ops", "nobody"]) {
      const { call } = await connect(who, era);
      expect((await call("get_run", { run_id: run })).value).toMatchObject({ run_id: run, status: "awaiting" });
    }
  });
});

describe("what is recorded", () => {
  it("is who started the run, with the name the client gave itself, and finds their runs", async () => {
    const run = await startNote("ada");
    expect((await kindling.get(run))?.starter).toEqual({ id: "mcp:ada/bot", assurance: "agent" });
    const { items } = await kindling.list({ tag: "mcp:ada", limit: 1_000 });
    expect(items.map(({ id }) => id)).toContain(run);
  });
});

describe("an idempotency key", () => {
  it("is its principal's own: the same key of another starts another run", async () => {
    const key = { idempotency_key: "the-same-key" };
    const first = await startNote("ada", key);
    expect(await startNote("ada", key)).toBe(first);
    expect(await startNote("bob", key)).not.toBe(first);
    expect(await startNote("nobody", { idempotency_key: "ada:the-same-key" })).not.toBe(first);
    const { call } = await connect("bob");
    const { value } = await call("start_workflow", { workflow: "press-note", input: { topic: "Coffee", words: 3 }, ...key });
    expect(value).toMatchObject({ error: { code: "idempotency_conflict" } });
  });
});

describe("a session of the 2025 era", () => {
  it("is its principal's: with another token it is not there", async () => {
    const { client } = await connect("ada", "legacy");
    const { transport } = client;
    const post = (token: string) =>
      fetch(server.url, {
        method: "POST",
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          "mcp-session-id": transport?.sessionId ?? "",
          "mcp-protocol-version": "2025-11-25",
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: 9, method: "ping" }),
      });
    expect((await post(TOKENS["ada"] ?? "")).status).toBe(200);
    expect((await post(TOKENS["bob"] ?? "")).status).toBe(404);
  });
});

describe("the bounds of a principal", () => {
  it("are its own: while all of its places to wait are taken, another still waits", async () => {
    const { call } = await connect("ada");
    const { value } = await call("start_workflow", { workflow: "collect-sources", input: {}, wait_seconds: 10 });
    const args = { run_id: value["run_id"], wait_for: "end", wait_seconds: 50 };
    let refused = 0;
    const waits = Array.from({ length: 65 }, async () => {
      if ((await call("get_run", args)).isError) refused += 1;
    });
    await expect.poll(() => refused).toBe(1);
    const bob = await connect("bob");
    const { value: started } = await bob.call("start_workflow", { workflow: "slow-sum", input: { ms: 100 }, wait_seconds: 20 });
    expect(started).toMatchObject({ status: "completed" });
    await call("deliver_event", { run_id: value["run_id"], await_id: "sources", payload: { urls: ["a"] } });
    await Promise.all(waits);
    expect(refused).toBe(1);
  });

  it("let it start so many runs in a minute, and again when the minute is over", () => {
    let now = 0;
    const rate = new StartRate(2, () => now);
    rate.take();
    now = 30_000;
    rate.take();
    expect(() => rate.take()).toThrow(expect.objectContaining({ code: "rate_limited" }) as Error);
    now = 60_001;
    rate.take();
    expect(() => rate.take()).toThrow("in a minute");
  });
});

describe("the server", () => {
  it.each([
    [{ principals: [{ id: "Ada!", token: "a-token-of-some-length", runs: "own" as const }] }, "bad_principals"],
    [{ principals: [...PRINCIPALS, { id: "ada", token: "another-token-of-ada", runs: "own" as const }] }, "bad_principals"],
    [{ principals: [...PRINCIPALS, { id: "eve", token: "token-of-ada-0123456789", runs: "own" as const }] }, "bad_principals"],
    [{ token: false as const, principals: PRINCIPALS }, "bad_principals"],
    [{}, "token_required"],
  ])("is not started with %o", async (options, code) => {
    await expect(serveMcpHttp(kindling, options)).rejects.toMatchObject({ code, fix: expect.any(String) as string });
  });

  it("says whose token is too short, and not what it is", async () => {
    const principals = [{ id: "ada", token: "short-secret", runs: "own" as const }];
    await expect(serveMcpHttp(kindling, { principals })).rejects.toThrow('the token of "ada" has 12 characters, and needs 16');
  });
});
