// Waiting for runs within a call, and what is too long for one answer.

import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { Kindling } from "../../src/index.ts";
import { LONG } from "./fixtures/workflows.ts";
import { connectInProcess } from "./in-process.ts";
import type { Answer } from "./mcp-process.ts";

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
