// Waiting for runs within a call, and what is too long for one answer.

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { serveMcpHttp } from "../../mcp/index.ts";
import { createRuntime, memoryLedger, type Kindling } from "../../src/index.ts";
import { LONG, WORKFLOWS } from "./fixtures/workflows.ts";
import { connectInProcess } from "./in-process.ts";
import { answerOf, type Answer } from "./mcp-process.ts";

function runId({ value }: Answer): string {
  return z.string().parse(value["run_id"]);
}

function seq({ value }: Answer): number {
  return z.number().parse(value["seq"]);
}

async function decide(kindling: Kindling, run: string): Promise<void> {
  const actor = { id: "cli:alice", assurance: "outOfBand" } as const;
  const delivery = await kindling.deliver({ event: "note.reviewed", run, path: "review", payload: { decision: "approve" }, actor });
  expect(delivery.status).toBe("delivered");
}

describe("waiting", () => {
  it("ends with the client's request and leaves the run running", async () => {
    const { call } = await connectInProcess();
    const run = runId(await call("start_workflow", { workflow: "slow-sum", input: { ms: 700 } }));
    const cancel = new AbortController();
    const waiting = call("get_run", { run_id: run, wait_seconds: 30 }, { signal: cancel.signal });
    setTimeout(() => cancel.abort(), 100);
    await expect(waiting).rejects.toThrow();
    expect((await call("get_run", { run_id: run })).value).toMatchObject({ status: "running" });
    expect((await call("get_run", { run_id: run, wait_seconds: 10 })).value).toMatchObject({ status: "completed", output: { sum: 42 } });
  });

  it("for a change answers at the next recorded fact, and at once when one was missed", async () => {
    const { call, kindling } = await connectInProcess();
    const started = await call("start_workflow", { workflow: "press-note", input: { topic: "Tea", words: 1 }, wait_seconds: 10 });
    const run = runId(started);
    const waiting = call("get_run", { run_id: run, wait_for: "change", since_seq: seq(started), wait_seconds: 20 });
    await decide(kindling, run);
    expect(seq(await waiting)).toBeGreaterThan(seq(started));
    const missed = await call("get_run", { run_id: run, wait_for: "change", since_seq: seq(started), wait_seconds: 20 });
    expect(seq(missed)).toBeGreaterThan(seq(started));
  });

  it("ends after the time asked for, with the run as it stands", async () => {
    const { call } = await connectInProcess();
    const run = runId(await call("start_workflow", { workflow: "press-note", input: { topic: "Tea", words: 1 }, wait_seconds: 10 }));
    const before = performance.now();
    expect((await call("get_run", { run_id: run, wait_for: "end", wait_seconds: 1 })).value).toMatchObject({ status: "awaiting" });
    expect(performance.now() - before).toBeGreaterThan(900);
  });
});

describe("many waits", () => {
  it("beyond the bound are refused at once, so that nobody fills the server", async () => {
    const { call } = await connectInProcess();
    const run = runId(await call("start_workflow", { workflow: "press-note", input: { topic: "Tea", words: 1 }, wait_seconds: 10 }));
    const cancel = new AbortController();
    const args = { run_id: run, wait_for: "end", wait_seconds: 50 };
    const waiting = Array.from({ length: 64 }, () => call("get_run", args, { signal: cancel.signal }));
    const cancelled = Promise.allSettled(waiting);
    expect((await call("get_run", args)).value).toMatchObject({ error: { code: "rate_limited" } });
    cancel.abort();
    expect((await cancelled).every(({ status }) => status === "rejected")).toBe(true);
    expect((await call("get_run", { ...args, wait_seconds: 1 })).value).toMatchObject({ status: "awaiting" });
  });
});

describe.each(["legacy", { pin: "2026-07-28" }] as const)("a client of the era %o that goes", (mode) => {
  it("gives all its places back at once", async () => {
    const kindling = await createRuntime({ contracts: WORKFLOWS, ledger: memoryLedger() });
    const server = await serveMcpHttp(kindling, { token: false });
    onTestFinished(async () => {
      await server.close();
      await kindling.close();
    });
    const connect = async () => {
      const client = new Client({ name: "waiter", version: "1" }, { versionNegotiation: { mode } });
      await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
      return { client, call: async (name: string, args: object) => answerOf(await client.callTool({ name, arguments: { ...args } })) };
    };
    const [first, second] = [await connect(), await connect()];
    onTestFinished(() => second.client.close());
    const run = runId(await first.call("start_workflow", { workflow: "press-note", input: { topic: "Tea", words: 1 }, wait_seconds: 10 }));
    const [all, places] = [200, 64];
    let refused = 0;
    const waits = Array.from({ length: all }, async () => {
      const { value } = await first.call("get_run", { run_id: run, wait_for: "end", wait_seconds: 50 });
      if (JSON.stringify(value).includes("rate_limited")) refused += 1;
    });
    const over = Promise.allSettled(waits);
    await expect.poll(() => refused).toBe(all - places);
    const wait = () => second.call("get_run", { run_id: run, wait_for: "end", wait_seconds: 1 });
    expect((await wait()).value).toMatchObject({ error: { code: "rate_limited" } });
    // What does not wait is answered meanwhile.
    expect((await second.call("get_run", { run_id: run })).value).toMatchObject({ status: "awaiting" });
    await first.client.close();
    await expect.poll(async () => (await wait()).value).toMatchObject({ status: "awaiting" });
    await over;
  });
});

describe("a result", () => {
  it("is cut at 40,000 characters and says so", async () => {
    const { call } = await connectInProcess();
    const done = await call("start_workflow", { workflow: "long-report", input: {}, wait_seconds: 10 });
    expect(done.value).toMatchObject({ status: "completed", truncated: true });
    expect(done.text.length).toBeLessThanOrEqual(40_000);
    expect(done.text.length).toBeGreaterThan(20_000);
    expect(done.text.length).toBeLessThan(LONG);
    expect(done.text).toContain("the end");
  });
});
