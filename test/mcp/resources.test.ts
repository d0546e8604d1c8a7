// What a client reads and offers besides tools: timelines, graphs, completions, prompts.

import { describe, expect, it } from "vitest";
import * as z from "zod";
import { SECRET } from "./fixtures/workflows.ts";
import { connectInProcess } from "./in-process.ts";

const Text = z.object({ contents: z.array(z.object({ uri: z.string(), mimeType: z.string(), text: z.string() })) });

async function read(client: Awaited<ReturnType<typeof connectInProcess>>["client"], uri: string) {
  return Text.parse(await client.readResource({ uri })).contents[0];
}

describe("a run's timeline", () => {
  it("is at the address that every answer about the run names, and tells how it stands and what was recorded", async () => {
    const { client, call } = await connectInProcess();
    const { value } = await call("start_workflow", { workflow: "press-note", input: { topic: "Tea", words: 1 }, wait_seconds: 10 });
    const uri = z.string().parse(value["timeline_uri"]);
    const timeline: unknown = JSON.parse((await read(client, uri))?.text ?? "");
    expect(timeline).toMatchObject({ run: { run_id: value["run_id"], status: "awaiting" } });
    const types = z
      .object({ events: z.array(z.object({ type: z.string() })) })
      .parse(timeline)
      .events.map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(["run.started", "await.opened"]));
  });

  it("holds nothing that failing code said, and is not there for a run nobody knows", async () => {
    const { client, call } = await connectInProcess();
    const { value } = await call("start_workflow", { workflow: "always-throws", input: {}, wait_seconds: 10 });
    expect((await read(client, z.string().parse(value["timeline_uri"])))?.text).not.toContain(SECRET);
    await expect(client.readResource({ uri: "wf://runs/run_nobody/timeline" })).rejects.toMatchObject({ code: -32602 });
    await expect(client.readResource({ uri: "wf://runs/%zz/timeline" })).rejects.toThrow();
  });
});

describe("a workflow's graph", () => {
  it("is listed, and is a Mermaid flowchart", async () => {
    const { client } = await connectInProcess();
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toContain("wf://workflows/press-note/graph");
    const graphs = resources.filter(({ uri }) => uri.startsWith("wf://workflows/"));
    for (const { description, mimeType } of graphs) expect([description, mimeType]).toEqual([expect.any(String), "text/vnd.mermaid"]);
    expect((await read(client, "wf://workflows/press-note/graph"))?.text).toMatch(/^flowchart/);
    await expect(client.readResource({ uri: "wf://workflows/nobody/graph" })).rejects.toMatchObject({ code: -32602 });
  });
});

describe("completion", () => {
  it("finds runs and workflows by what was typed", async () => {
    const { client, call } = await connectInProcess();
    const { value } = await call("start_workflow", { workflow: "press-note", input: { topic: "Tea", words: 1 } });
    const run = z.string().parse(value["run_id"]);
    const runs = await client.complete({
      ref: { type: "ref/resource", uri: "wf://runs/{run_id}/timeline" },
      argument: { name: "run_id", value: run.slice(0, 8) },
    });
    expect(runs.completion.values).toEqual([run]);
    const workflows = await client.complete({
      ref: { type: "ref/resource", uri: "wf://workflows/{workflow}/graph" },
      argument: { name: "workflow", value: "press" },
    });
    expect(workflows.completion.values).toEqual(["press-note"]);
    const prompt = await client.complete({ ref: { type: "ref/prompt", name: "review_run" }, argument: { name: "run_id", value: "run_" } });
    expect(prompt.completion.values).toEqual([run]);
  });
});

describe("prompts", () => {
  it("are one to review a run, and one to start each workflow", async () => {
    const { client } = await connectInProcess();
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(expect.arrayContaining(["review_run", "start_press_note"]));
    for (const { title, description } of prompts) expect([title, description]).toEqual([expect.any(String), expect.any(String)]);
    const review = await client.getPrompt({ name: "review_run", arguments: { run_id: "run_1" } });
    expect(JSON.stringify(review.messages)).toContain("wf://runs/run_1/timeline");
    const start = await client.getPrompt({ name: "start_press_note", arguments: { wish: "about tea" } });
    expect(JSON.stringify(start.messages)).toContain("about tea");
  });
});
