// What agents may know and do of runs besides starting and awaiting them: lists, records, decisions of people, cancelling.

import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { Kindling } from "../../src/index.ts";
import { SECRET, SECRET_PATH } from "./fixtures/workflows.ts";
import { connectInProcess, type InProcess } from "./in-process.ts";
import type { Answer } from "./mcp-process.ts";

const person = { id: "cli:alice", assurance: "outOfBand" } as const;

function runId({ value }: Answer): string {
  return z.string().parse(value["run_id"]);
}

const Runs = z.object({ runs: z.array(z.object({ run_id: z.string(), status: z.string() })), next_cursor: z.string().optional() });
const Events = z.object({
  events: z.array(z.object({ seq: z.number(), type: z.string(), step: z.string() })),
  next_after_seq: z.number().optional(),
});

async function note(call: InProcess["call"], topic = "Tea"): Promise<string> {
  return runId(await call("start_workflow", { workflow: "press-note", input: { topic, words: 1 }, wait_seconds: 10 }));
}

async function decide(kindling: Kindling, run: string, decision: "approve" | "reject"): Promise<void> {
  expect(await kindling.deliver({ event: "note.reviewed", run, path: "review", payload: { decision }, actor: person })).toMatchObject({
    status: "delivered",
  });
}

describe("list_runs", () => {
  it("gives runs in pages, the newest first, by status and workflow", async () => {
    const { call, kindling } = await connectInProcess();
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) ids.push(await note(call, `Tea ${count}`));
    await decide(kindling, ids[0] ?? "", "approve");
    await (await kindling.run(ids[0] ?? "")).settled();
    const first = Runs.parse((await call("list_runs", { limit: 2, status: "awaiting" })).value);
    expect(first.runs.map(({ run_id }) => run_id)).toEqual([ids[4], ids[3]]);
    const second = Runs.parse((await call("list_runs", { limit: 50, status: "awaiting", cursor: first.next_cursor })).value);
    expect(second).toEqual({
      runs: [
        { run_id: ids[2], status: "awaiting" },
        { run_id: ids[1], status: "awaiting" },
      ],
    });
    expect(Runs.parse((await call("list_runs", { status: "completed", workflow: "press-note" })).value).runs).toMatchObject([
      { run_id: ids[0] },
    ]);
    expect(Runs.parse((await call("list_runs", { workflow: "slow-sum" })).value).runs).toEqual([]);
  });

  it("tells running and awaiting apart, though the core waits in both", async () => {
    const { call } = await connectInProcess();
    const run = runId(await call("start_workflow", { workflow: "slow-sum", input: { ms: 5_000 } }));
    expect(Runs.parse((await call("list_runs", { status: "running" })).value).runs).toMatchObject([{ run_id: run, status: "running" }]);
    expect(Runs.parse((await call("list_runs", { status: "awaiting" })).value).runs).toEqual([]);
    await call("cancel_run", { run_id: run });
  });

  it("refuses a cursor that is none, and a workflow that is not there", async () => {
    const { call } = await connectInProcess();
    expect((await call("list_runs", { cursor: "x" })).value).toMatchObject({ error: { code: "invalid_arguments" } });
    expect((await call("list_runs", { workflow: "press-notes" })).value).toMatchObject({ error: { code: "workflow_not_found" } });
  });
});

describe("get_run_events", () => {
  it("gives what was recorded in pages, and whole commits", async () => {
    const { call, kindling } = await connectInProcess();
    const run = await note(call);
    await decide(kindling, run, "approve");
    await (await kindling.run(run)).settled();
    const whole = Events.parse((await call("get_run_events", { run_id: run, limit: 100 })).value);
    expect(whole.next_after_seq).toBeUndefined();
    expect(whole.events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(["run.started", "await.opened", "event.delivered", "run.succeeded"]),
    );
    const pages: unknown[] = [];
    let after: number | undefined = 0;
    while (after !== undefined) {
      const page: z.infer<typeof Events> = Events.parse((await call("get_run_events", { run_id: run, limit: 1, after_seq: after })).value);
      pages.push(...page.events);
      after = page.next_after_seq;
    }
    expect(pages).toEqual(whole.events);
  });

  it("holds no values, prompts or messages of failing code", async () => {
    const { call } = await connectInProcess();
    const run = runId(await call("start_workflow", { workflow: "always-throws", input: {}, wait_seconds: 10 }));
    const { text } = await call("get_run_events", { run_id: run });
    expect(text).toContain("node.failed");
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(SECRET_PATH);
    const secretive = await call("get_run_events", { run_id: await note(call, "our merger with Acme") });
    expect(secretive.text).not.toContain("Acme");
  });
});

describe("request_approval", () => {
  it("says what is to be decided and where, and what was decided", async () => {
    const { call, kindling } = await connectInProcess();
    const run = await note(call);
    const asked = { run_id: run, await_id: "review" };
    expect((await call("request_approval", asked)).value).toMatchObject({
      state: "pending",
      tell_user: expect.stringContaining(`npx kindling approve ${run} review`) as string,
      run: { awaiting: [{ shown: { draft: "Tea in 1 words", channel: "web" } }] },
    });
    await decide(kindling, run, "reject");
    expect((await call("request_approval", asked)).value).toMatchObject({ state: "rejected" });
  });

  it("has no way to decide: not by another argument, and not for an await that wants the agent", async () => {
    const { call, kindling } = await connectInProcess();
    const run = await note(call);
    const tried = await call("request_approval", { run_id: run, await_id: "review", decision: "approve" });
    expect(tried.value).toMatchObject({ error: { code: "invalid_arguments" } });
    expect((await kindling.get(run))?.awaits).toHaveLength(1);
    const mine = runId(await call("start_workflow", { workflow: "collect-sources", input: {}, wait_seconds: 10 }));
    expect((await call("request_approval", { run_id: mine, await_id: "sources" })).value).toMatchObject({
      error: { code: "not_a_human_gate" },
    });
  });

  it("says that it is closed when the run ended, and knows no gate that never was", async () => {
    const { call } = await connectInProcess();
    const run = await note(call);
    await call("cancel_run", { run_id: run, reason: "not needed" });
    expect((await call("request_approval", { run_id: run, await_id: "review" })).value).toMatchObject({ state: "closed" });
    expect((await call("request_approval", { run_id: run, await_id: "other" })).value).toMatchObject({ error: { code: "not_awaiting" } });
  });
});

describe("cancel_run", () => {
  it("ends a run with the reason, once", async () => {
    const { call } = await connectInProcess();
    const run = await note(call);
    expect((await call("cancel_run", { run_id: run, reason: "not needed" })).value).toMatchObject({
      status: "cancelled",
      error: { code: "cancelled", message: "not needed" },
    });
    expect((await call("cancel_run", { run_id: run, reason: "again" })).value).toMatchObject({
      status: "cancelled",
      error: { message: "not needed" },
    });
  });
});

describe("a run that is not there", () => {
  it.each([
    ["get_run_events", {}],
    ["cancel_run", {}],
    ["request_approval", { await_id: "x" }],
  ])("gets the same answer from %s", async (tool, args) => {
    const { call } = await connectInProcess();
    expect((await call(tool, { run_id: "run_nobody", ...args })).value).toMatchObject({ error: { code: "run_not_found" } });
  });
});

describe("describe_workflow", () => {
  it("tells what a run gives", async () => {
    const { call } = await connectInProcess();
    expect((await call("describe_workflow", { workflow: "collect-sources" })).value).toMatchObject({
      output_schema: { type: "object", required: ["count"] },
    });
  });
});
