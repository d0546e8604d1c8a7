// What Langfuse receives, at its own endpoints: spans as it reads them, scores of gates, and nothing that was not asked for.

import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { scripted } from "../../providers/scripted.ts";
import { type Contract, contract, type RuntimeOptions } from "../../src/index.ts";
import { parsePrompt } from "../../src/model/prompt.ts";
import { langfuse, type LangfuseOptions, langfusePrompt } from "../../src/observe/langfuse-index.ts";
import { otel } from "../../src/observe/otel-index.ts";
import { manualClock } from "../../src/testing.ts";
import { openKindling, temporaryLedger } from "../host/open-host.ts";
import { attributesOf, langfuseServer, type WireSpan } from "./langfuse-server.ts";
import { tracing } from "./traces.ts";

const KEYS = { publicKey: "pk-lf-0000-public", secretKey: "sk-lf-1111-very-secret" };
const PERSON = { id: "cli:alice", assurance: "outOfBand" } as const;
const Review = z.object({ decision: z.enum(["approve", "reject"]), comment: z.string().optional() });

const note = contract("note", {
  version: "1",
  inputs: { topic: z.string() },
  define: (g, { topic }) => {
    const draft = g.llm("draft", { needs: { topic }, prompt: ({ topic }) => `Write about ${topic}` });
    const review = g.await("review", { event: "note.reviewed", schema: Review, show: { draft }, by: "human" });
    return { printed: g.effect("print", { needs: { draft, review }, run: ({ draft }) => draft }) };
  },
});

const reply = {
  content: [{ type: "text", text: "Tea is a plant." }],
  usage: { input: 100, output: 40, cacheRead: 60, cacheWrite: null, reasoning: 10 },
  costUsd: 0.25,
} as const;

/** Plays a run up to its gate, and to its end when there is a payload. */
async function play(url: string, options: Partial<LangfuseOptions> = {}, payload?: unknown, runtime: Partial<RuntimeOptions> = {}) {
  const clock = manualClock();
  const telemetry = langfuse({ ...KEYS, baseUrl: url, ...options });
  const kindling = await openKindling({
    contracts: [note],
    models: [scripted([reply])],
    model: "scripted:m",
    telemetry,
    clock,
    ...runtime,
  });
  const run = await kindling.start(note, { topic: "tea" });
  await run.settled();
  clock.advance(86_400_000);
  if (payload !== undefined) {
    await kindling.deliver({ event: "note.reviewed", run: run.id, payload, actor: PERSON });
    await run.result();
  }
  await kindling.close();
  return run.id;
}

function spanOf(spans: readonly WireSpan[], name: string): WireSpan {
  const found = spans.find((span) => span.name === name);
  if (found === undefined) throw new Error(`no span "${name}" among ${spans.map((span) => span.name).join(", ")}`);
  return found;
}

describe("what Langfuse receives", () => {
  it("is the tree of a run with its observations (UPDATE_GOLDEN=1 rewrites the golden)", async () => {
    const server = await langfuseServer();
    const run = await play(
      server.url,
      { environment: "staging", trace: () => ({ userId: "u-1", tags: ["press"], metadata: { team: "news" } }) },
      { decision: "approve" },
    );
    const text = server
      .spans()
      .map((span) => `${span.name}\n${attributeLines(attributesOf(span), run)}`)
      .join("\n");
    const file = new URL("../fixtures/telemetry/langfuse.txt", import.meta.url);
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, "utf8"));
  });

  it("comes over OTLP as JSON, with the keys of the project", async () => {
    const server = await langfuseServer();
    await play(server.url);
    expect(server.taken.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /api/public/otel/v1/traces"]);
    expect(server.taken[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from(`${KEYS.publicKey}:${KEYS.secretKey}`).toString("base64")}`,
      "content-type": "application/json",
    });
  });

  it("is a generation with usage in which each token stands once, and its cost", async () => {
    const server = await langfuseServer();
    await play(server.url);
    const chat = attributesOf(spanOf(server.spans(), "chat m"));
    expect(chat).toMatchObject({ "langfuse.observation.type": "generation", "langfuse.observation.cost_details": '{"total":0.25}' });
    expect(JSON.parse(String(chat["langfuse.observation.usage_details"]))).toEqual({
      input: 40,
      output: 30,
      cache_read_input_tokens: 60,
      output_reasoning_tokens: 10,
    });
  });

  it("is linked to the prompt in Langfuse whose text was asked with", async () => {
    const server = await langfuseServer();
    const access = { ...KEYS, baseUrl: server.url };
    const fallback = parsePrompt("---\ninputs: { ticket: string }\n---\nFile: {{ticket}}", { name: "triage", file: "triage.prompt.md" });
    const sorting = contract("sorting", {
      version: "1",
      inputs: { ticket: z.string() },
      define: (g, { ticket }) => g.llm("sort", { needs: { ticket }, prompt: langfusePrompt("triage", { ...access, fallback }) }),
    });
    const kindling = await openKindling({
      contracts: [sorting],
      models: [scripted(["ok"])],
      model: "scripted:m",
      telemetry: langfuse(access),
    });
    await (await kindling.start(sorting, { ticket: "t" })).result();
    await kindling.close();
    expect(attributesOf(spanOf(server.spans(), "chat m"))).toMatchObject({
      "langfuse.observation.prompt.name": "triage",
      "langfuse.observation.prompt.version": 7,
      "gen_ai.prompt.name": "triage",
    });
  });

  it("holds nothing of what was said, unless contents are asked for", async () => {
    const [quiet, open] = [await langfuseServer(), await langfuseServer()];
    await play(quiet.url, {}, { decision: "reject", comment: "too short" });
    await play(open.url, { contents: true }, { decision: "reject", comment: "too short" });
    const said = /Write about|Tea is a plant|too short/;
    expect(quiet.taken.map(({ body }) => body).join("")).not.toMatch(said);
    expect(attributesOf(spanOf(open.spans(), "chat m"))).toMatchObject({
      "langfuse.observation.output": expect.stringContaining("Tea is a plant") as string,
    });
  });

  it("is one session for all stretches of a run, in another process too", async () => {
    const server = await langfuseServer();
    const ledger = await temporaryLedger();
    const id = await play(server.url, {}, undefined, { ledger });
    const kindling = await openKindling({
      contracts: [note],
      models: [scripted([])],
      model: "scripted:m",
      ledger,
      telemetry: langfuse({ ...KEYS, baseUrl: server.url }),
    });
    await kindling.deliver({ event: "note.reviewed", run: id, payload: { decision: "approve" }, actor: PERSON });
    await (await kindling.run(id)).result();
    await kindling.close();
    const stretches = server.spans().filter(({ name }) => name === "invoke_workflow note");
    expect(stretches.map((span) => attributesOf(span)["session.id"])).toEqual([id, id]);
    expect(stretches[1]?.links).toEqual(
      [{ traceId: stretches[0]?.traceId, spanId: stretches[0]?.spanId }].map((link) => expect.objectContaining(link) as unknown),
    );
    // The decision belongs to the trace in which what it was about was made.
    expect(server.scores()).toMatchObject([
      { traceId: stretches[0]?.traceId, observationId: stretches[0]?.spanId, name: "review", value: "approve" },
    ]);
  });
});

describe("a person's decision", () => {
  const scoreOf = async (payload: unknown, options: Partial<LangfuseOptions> = {}) => {
    const server = await langfuseServer();
    await play(server.url, options, payload);
    return server.scores();
  };

  it("is a score of what was decided, without its free text", async () => {
    const [score, ...more] = await scoreOf({ decision: "approve", comment: "lovely" }, { environment: "staging" });
    expect(more).toEqual([]);
    expect(score).toMatchObject({ name: "review", value: "approve", dataType: "CATEGORICAL", environment: "staging" });
    expect(JSON.stringify(score)).not.toContain("lovely");
  });

  it("is what the project makes of it, or nothing", async () => {
    const own = await scoreOf(
      { decision: "reject", comment: "dull" },
      {
        score: ({ payload, event, decidedBy }) => ({
          name: event,
          value: JSON.stringify(payload).includes("dull") ? 0.2 : 1,
          comment: decidedBy,
        }),
      },
    );
    expect(own).toMatchObject([{ name: "note.reviewed", value: 0.2, dataType: "NUMERIC", comment: "cli:alice" }]);
    expect(await scoreOf({ decision: "reject" }, { score: () => undefined })).toEqual([]);
    expect(await scoreOf({ decision: "reject" }, { score: false })).toEqual([]);
  });

  it("is yes or no where that is what was asked", async () => {
    const server = await langfuseServer();
    const ask = contract("ask", {
      version: "1",
      inputs: {},
      define: (g) => ({ ok: g.await("ok", { event: "asked", schema: z.object({ approved: z.boolean() }), by: "human" }) }),
    }) as Contract<object, unknown>;
    const kindling = await openKindling({ contracts: [ask], telemetry: langfuse({ ...KEYS, baseUrl: server.url }) });
    const run = await kindling.start(ask, {});
    await run.settled();
    await kindling.deliver({ event: "asked", run: run.id, payload: { approved: true }, actor: PERSON });
    await run.result();
    await kindling.close();
    expect(server.scores()).toMatchObject([{ name: "ok", value: 1, dataType: "BOOLEAN" }]);
  });
});

describe("beside OpenTelemetry", () => {
  it("each gets its own spans, and a run's facts hold the place in both", async () => {
    const server = await langfuseServer();
    const { tracerProvider, spans } = tracing();
    const kindling = await openKindling({
      contracts: [note],
      models: [scripted([reply])],
      model: "scripted:m",
      telemetry: [otel({ tracerProvider }), langfuse({ ...KEYS, baseUrl: server.url })],
    });
    const run = await kindling.start(note, { topic: "tea" });
    await run.settled();
    await kindling.close();
    expect(
      spans()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(
      server
        .spans()
        .map(({ name }) => name)
        .sort(),
    );
    expect(JSON.stringify(spans().map(({ attributes }) => attributes))).not.toContain("langfuse");
    expect(new Set([...spans().map((span) => span.spanContext().traceId), ...server.spans().map(({ traceId }) => traceId)]).size).toBe(2);
  });
});

describe("a Langfuse that refuses", () => {
  it("costs the run nothing, is told once, and the keys are nowhere, though the server repeats them", async () => {
    const said: unknown[] = [];
    for (const level of ["error", "warn", "info", "log", "debug"] as const)
      vi.spyOn(console, level).mockImplementation((...args: unknown[]) => void said.push(...args));
    vi.spyOn(process, "emitWarning").mockImplementation((message) => void said.push(message));
    const server = await langfuseServer(401);
    await play(server.url, {}, { decision: "approve" });
    vi.restoreAllMocks();
    expect(said).toEqual([
      'Langfuse did not take the score "review" (HTTP 401)',
      'telemetry "langfuse" failed and is off from now on: Unauthorized',
    ]);
  });

  it("without keys is told when it is configured, with the variables to set", () => {
    vi.stubEnv("LANGFUSE_PUBLIC_KEY", "");
    expect(() => langfuse({ secretKey: "x" })).toThrow(
      expect.objectContaining({ code: "langfuse_not_configured", fix: expect.stringContaining("LANGFUSE_PUBLIC_KEY") as string }),
    );
    expect(() => langfuse({ ...KEYS, baseUrl: "cloud.langfuse.com" })).toThrow(
      expect.objectContaining({ code: "langfuse_not_configured" }),
    );
  });
});

function attributeLines(attributes: Readonly<Record<string, unknown>>, run: string): string {
  return Object.entries(attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `  ${name} = ${JSON.stringify(value).replaceAll(run, "<run>")}\n`)
    .join("");
}
