// Agents as they really come: the MCP client over standard input and output against a server process over a file ledger, in both protocol eras.

import { describe, expect, it } from "vitest";
import * as z from "zod";
import { createRuntime, fileLedger, type Actor } from "../../src/index.ts";
import { SECRET, SECRET_PATH, WORKFLOWS } from "./fixtures/workflows.ts";
import { connect, ERAS, type Answer } from "./mcp-process.ts";

const PERSON: Actor = { id: "cli:alice", assurance: "outOfBand" };

function runId({ value }: Answer): string {
  return z.string().parse(value["run_id"]);
}

/** A person decides the gate of a run from a process of their own. */
async function decide(folder: string, run: string): Promise<void> {
  await using kindling = await createRuntime({ contracts: WORKFLOWS, ledger: fileLedger(folder), access: "shared" });
  const delivery = await kindling.deliver({ event: "note.reviewed", run, path: "review", payload: { decision: "approve" }, actor: PERSON });
  expect(delivery.status).toBe("delivered");
}

describe.each(ERAS)("a client of the %s era", (era) => {
  it("starts a workflow, cannot decide its gate, and sees a person's decision end it", async () => {
    const { client, call, folder, errors } = await connect(era);
    expect(client.getProtocolEra()).toBe(era);
    expect(client.getInstructions()).toContain("deliver_event");

    const list = await call("list_workflows", { query: "PRESS" });
    expect(list.value).toEqual({
      workflows: [
        {
          workflow: "press-note",
          title: "Press note",
          version: "1",
          description: expect.stringContaining("WAITS") as string,
          human_gates: ["review"],
        },
      ],
    });
    const described = await call("describe_workflow", { workflow: "press-note" });
    expect(described.value).toMatchObject({
      input_schema: { type: "object", required: ["topic", "words"] },
      gates: [{ await_id: "review", event: "note.reviewed", decider: "human" }],
    });

    const started = await call("start_workflow", { workflow: "press-note", input: { topic: "Tea", words: 12 }, wait_seconds: 10 });
    const run = runId(started);
    expect(started.value).toMatchObject({
      workflow: "press-note",
      version: "1",
      status: "awaiting",
      awaiting: [
        {
          await_id: "review",
          event: "note.reviewed",
          decider: "human",
          question: "May this note be published?",
          how: `A person runs \`kindling approve ${run} review\` in their own terminal. You cannot decide it.`,
          shown: { draft: "Tea in 12 words", channel: "web" },
        },
      ],
    });

    const refused = await call("deliver_event", { run_id: run, await_id: "review", payload: { decision: "approve" } });
    expect(refused).toMatchObject({
      isError: true,
      value: { error: { code: "human_decision_required", fix: expect.stringContaining(`kindling approve ${run} review`) as string } },
    });

    const waiting = call("get_run", { run_id: run, wait_for: "end", wait_seconds: 20 });
    await decide(folder, run);
    expect((await waiting).value).toMatchObject({
      status: "completed",
      output: { text: "approve: Tea in 12 words" },
      next: "Done: use output.",
    });

    await using kindling = await createRuntime({ contracts: WORKFLOWS, ledger: fileLedger(folder), access: "read" });
    const facts = await kindling.facts(run);
    expect(facts.find(({ type }) => type === "run.started")).toMatchObject({ actor: { id: "mcp:test-client", assurance: "agent" } });
    expect(facts.find(({ type }) => type === "event.refused")).toMatchObject({
      code: "human_decision_required",
      actor: { id: "mcp:test-client", assurance: "agent" },
    });
    expect(errors).toEqual([]);
  });

  it("answers an await that is the agent's to answer, once", async () => {
    const { call, said, errors } = await connect(era);
    const started = await call("start_workflow", { workflow: "collect-sources", input: {}, wait_seconds: 10 });
    const target = { run_id: runId(started), await_id: "sources" };
    expect(started.value).toMatchObject({
      version: "2",
      awaiting: [{ await_id: "sources", decider: "agent", payload_schema: { type: "object", required: ["urls"] } }],
    });

    const bad = await call("deliver_event", { ...target, payload: { urls: [], note: 3 } });
    expect(bad).toMatchObject({ isError: true, value: { error: { code: "invalid_payload", issues: [{ at: "urls" }, { at: "note" }] } } });
    const delivered = await call("deliver_event", { ...target, payload: { urls: ["a", "b"] } });
    expect(delivered.isError).toBe(false);
    const done = await call("get_run", { run_id: target.run_id, wait_for: "end", wait_seconds: 10 });
    expect(done.value).toMatchObject({ status: "completed", output: { count: 2 } });

    expect((await call("deliver_event", { ...target, payload: { urls: ["a", "b"] } })).value).toMatchObject({
      status: "completed",
      replayed: true,
    });
    expect((await call("deliver_event", { ...target, payload: { urls: ["a", "b"], note: "none" } })).value).toMatchObject({
      replayed: true,
    });
    expect((await call("deliver_event", { ...target, payload: { urls: ["c"] } })).value).toMatchObject({
      error: { code: "already_decided" },
    });
    expect((await call("deliver_event", { ...target, await_id: "elsewhere", payload: { urls: ["c"] } })).value).toMatchObject({
      error: { code: "not_awaiting" },
    });

    // What the contract printed went to standard error; the client saw nothing that is not protocol.
    expect(said()).toContain("counting sources");
    expect(said()).toContain("and again");
    expect(errors).toEqual([]);
  });

  it("is told everything that is wrong with a start, and what to do", async () => {
    const { call } = await connect(era);
    const bad = await call("start_workflow", { workflow: "press-note", input: { topic: "", words: 900, colour: "red" } });
    expect(bad.value).toMatchObject({ error: { code: "invalid_input", fix: expect.any(String) as string } });
    expect(JSON.stringify(bad.value)).toMatch(/"at":"topic".*"at":"words"|"at":"words".*"at":"topic"/);
    expect(JSON.stringify(bad.value)).toContain("colour");
    expect((await call("start_workflow", { workflow: "pres-note", input: {} })).value).toMatchObject({
      error: { code: "workflow_not_found", fix: expect.stringContaining('"press-note"') as string },
    });
    expect((await call("describe_workflow", { workflow: "press-notes" })).value).toMatchObject({ error: { code: "workflow_not_found" } });
    expect((await call("get_run", { run_id: "run_elsewhere" })).value).toMatchObject({ error: { code: "run_not_found" } });
    const args = await call("start_workflow", { workflow: "press-note", input: {}, idempotency_key: "short", wait_seconds: 51, wait: 1 });
    expect(args.value).toMatchObject({
      error: {
        code: "invalid_arguments",
        issues: [{ at: "idempotency_key" }, { at: "wait_seconds" }, { at: "", message: expect.stringContaining("wait") as string }],
      },
    });
  });

  it("gets the same run for the same key, in another connection too", async () => {
    const first = await connect(era);
    const args = { workflow: "press-note", input: { topic: "Tea", words: 1 }, idempotency_key: "tea-2026-11" };
    const started = await first.call("start_workflow", args);
    expect(started.value).not.toHaveProperty("replayed");
    await first.close();
    const second = await connect(era, first.folder);
    expect((await second.call("start_workflow", args)).value).toMatchObject({ run_id: runId(started), replayed: true });
    expect((await second.call("start_workflow", { ...args, input: { topic: "Mate", words: 1 } })).value).toMatchObject({
      error: { code: "idempotency_conflict" },
    });
  });

  it("learns nothing internal from a contract that throws", async () => {
    const { call } = await connect(era);
    const failed = await call("start_workflow", { workflow: "always-throws", input: {}, wait_seconds: 10 });
    expect(failed.value).toMatchObject({
      status: "failed",
      error: { code: "threw", step: "secretive", message: "The workflow's own code threw an error." },
    });
    expect(failed.text).not.toContain(SECRET);
    expect(failed.text).not.toContain(SECRET_PATH);
    expect(failed.text).not.toMatch(/\bat .*\.ts/);
  });
});
