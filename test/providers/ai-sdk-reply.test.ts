// What an AI SDK model streams, as events and a reply of the port.

import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { describe, expect, it } from "vitest";
import { aiSdk, type AiSdkOptions } from "../../providers/ai-sdk.ts";
import { generate, type ModelEvent, type ModelReply } from "../../src/model/model.ts";
import { failureOf, idle, REQUEST } from "../conformance/provider.ts";
import { finish, played, text } from "./ai-sdk-played.ts";

const ASK = { ...REQUEST, model: "tune" };

const replyOf = (parts: readonly LanguageModelV4StreamPart[], options: Partial<AiSdkOptions> = {}, headers = {}): Promise<ModelReply> =>
  generate(aiSdk({ id: "own", ...options, model: played(parts, {}, headers).model }), ASK, idle());

async function eventsOf(parts: readonly LanguageModelV4StreamPart[]): Promise<readonly ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of aiSdk(played(parts).model).stream(ASK, idle())) events.push(event);
  return events;
}

describe("content", () => {
  it("keeps the order in which blocks began, also when their ids come again", async () => {
    const { content } = await replyOf([
      { type: "reasoning-start", id: "0" },
      { type: "reasoning-delta", id: "0", delta: "Hm." },
      { type: "reasoning-end", id: "0" },
      ...text("First."),
      { type: "tool-call", toolCallId: "c1", toolName: "add", input: '{"a":1}' },
      ...text("Sec", "ond."),
      finish(),
    ]);
    expect(content).toEqual([
      { type: "reasoning", text: "Hm.", opaque: { provider: "own", model: "tune", data: null } },
      { type: "text", text: "First." },
      { type: "tool-call", id: "c1", name: "add", input: { a: 1 } },
      { type: "text", text: "Second." },
    ]);
  });

  it("is whole also from a model that announces no blocks", async () => {
    const { content } = await replyOf([
      { type: "text-delta", id: "x", delta: "He" },
      { type: "text-delta", id: "x", delta: "y." },
      finish(),
    ]);
    expect(content).toEqual([{ type: "text", text: "Hey." }]);
  });

  it("has no empty blocks, but those that carry marks of their maker", async () => {
    const { content } = await replyOf([
      ...text(""),
      { type: "reasoning-start", id: "r", providerMetadata: { played: { redactedData: "x", none: undefined } } },
      { type: "reasoning-end", id: "r" },
      finish(),
    ]);
    expect(content).toEqual([
      { type: "reasoning", text: "", opaque: { provider: "own", model: "tune", data: { played: { redactedData: "x" } } } },
    ]);
  });

  it("has the marks of a block also where they come with a piece of it, as signatures do", async () => {
    const { content } = await replyOf([
      { type: "reasoning-start", id: "r" },
      { type: "reasoning-delta", id: "r", delta: "Hm." },
      { type: "reasoning-delta", id: "r", delta: "", providerMetadata: { played: { signature: "s1" } } },
      { type: "reasoning-end", id: "r" },
      finish(),
    ]);
    expect(content).toMatchObject([{ type: "reasoning", text: "Hm.", opaque: { data: { played: { signature: "s1" } } } }]);
  });

  it("has a tool's input as it is, where it is no JSON, so that the tool's schema refuses it and the model is told", async () => {
    const calls = ['{"a":', "  "].map((input, index) => ({ type: "tool-call", toolCallId: `c${index}`, toolName: "add", input }) as const);
    const { content } = await replyOf([...calls, finish("tool-calls")]);
    expect(content).toMatchObject([{ input: '{"a":' }, { input: {} }]);
  });
});

describe("the inputs of tools", () => {
  const toolDeltas = async (parts: readonly LanguageModelV4StreamPart[]) =>
    (await eventsOf([...parts, finish("tool-calls")])).filter((event) => event.type === "tool-delta");

  it("stream as they come", async () => {
    const deltas = await toolDeltas([
      { type: "tool-input-start", id: "c1", toolName: "add" },
      { type: "tool-input-delta", id: "c1", delta: '{"a":' },
      { type: "tool-input-delta", id: "c1", delta: "1}" },
      { type: "tool-input-end", id: "c1" },
      { type: "tool-call", toolCallId: "c1", toolName: "add", input: '{"a":1}' },
    ]);
    expect(deltas.map(({ delta }) => delta)).toEqual(["", '{"a":', "1}"]);
    expect(deltas.every(({ id, name }) => id === "c1" && name === "add")).toBe(true);
  });

  it("come in one piece where the model does not stream them", async () => {
    const deltas = await toolDeltas([{ type: "tool-call", toolCallId: "c1", toolName: "add", input: '{"a":1}' }]);
    expect(deltas).toEqual([{ type: "tool-delta", id: "c1", name: "add", delta: '{"a":1}' }]);
  });

  it("are pieces of JSON text also where the model streams plain text", async () => {
    const deltas = await toolDeltas([
      { type: "tool-input-start", id: "c1", toolName: "patch", inputEncoding: "text" },
      { type: "tool-input-delta", id: "c1", delta: 'a "b"\n' },
      { type: "tool-input-delta", id: "c1", delta: "✓" },
      { type: "tool-input-end", id: "c1" },
      { type: "tool-call", toolCallId: "c1", toolName: "patch", input: JSON.stringify('a "b"\n✓') },
    ]);
    expect(JSON.parse(deltas.map(({ delta }) => delta).join(""))).toBe('a "b"\n✓');
  });
});

describe("what the port has no place for", () => {
  it("is told: tools that the provider ran itself, sources, files, citations and sorts that nobody knows yet", async () => {
    const source = { type: "source", sourceType: "url", id: "s1", url: "https://example.com" } as const;
    const unknown = { type: "hologram" } as unknown as LanguageModelV4StreamPart;
    const reply = await replyOf([
      { type: "stream-start", warnings: [{ type: "unsupported", feature: "topK", details: "never" }] },
      { type: "tool-input-start", id: "w1", toolName: "web_search", providerExecuted: true },
      { type: "tool-input-delta", id: "w1", delta: "{}" },
      { type: "tool-input-end", id: "w1" },
      { type: "tool-call", toolCallId: "w1", toolName: "web_search", input: "{}", providerExecuted: true },
      { type: "tool-result", toolCallId: "w1", toolName: "web_search", result: { hits: 3 } },
      source,
      source,
      { type: "file", mediaType: "image/png", data: { type: "data", data: "aGk=" } },
      unknown,
      { type: "raw", rawValue: {} },
      { type: "ping" },
      { type: "text-start", id: "0" },
      { type: "text-delta", id: "0", delta: "Found." },
      { type: "text-end", id: "0", citations: [{ source }] },
      finish(),
    ]);
    expect(reply.content).toEqual([{ type: "text", text: "Found." }]);
    expect(reply.stop.reason).toBe("stop");
    expect(reply.warnings).toEqual([
      "topK: the model does not support it: never",
      '2 parts of the reply of the sort "source" were left out',
      'a part of the reply of the sort "file" was left out',
      'a part of the reply of the sort "hologram" was left out',
      'a part of the reply of the sort "citation" was left out',
      "tools that the provider ran itself (web_search): their calls and results were left out of the reply",
    ]);
  });

  it("warnings of the model are sentences", async () => {
    const { warnings } = await replyOf([
      {
        type: "stream-start",
        warnings: [
          { type: "unsupported", feature: "seed" },
          { type: "compatibility", feature: "tools", details: "as text" },
          { type: "deprecated", setting: "user", message: "use safetyIdentifier" },
          { type: "other", message: "It is late." },
        ],
      },
      finish(),
    ]);
    expect(warnings).toEqual([
      "seed: the model does not support it",
      "tools: taken in a compatible way: as text",
      "user: deprecated: use safetyIdentifier",
      "It is late.",
    ]);
  });
});

describe("the end", () => {
  it.each([
    [finish("stop", "end_turn"), { reason: "stop", raw: "end_turn" }],
    [finish("length"), { reason: "length" }],
    [finish("tool-calls", "tool_use"), { reason: "tool-calls", raw: "tool_use" }],
    [finish("content-filter", "SAFETY"), { reason: "refusal", raw: "SAFETY" }],
    [finish("other", "compaction"), { reason: "other", raw: "compaction" }],
    [finish("stop", "pause_turn"), { reason: "paused", raw: "pause_turn" }],
    [finish("length", "model_context_window_exceeded"), { reason: "context-window", raw: "model_context_window_exceeded" }],
    [
      finish("content-filter", "refusal", { anthropic: { stopDetails: { category: "cyber", explanation: "Not that." } } }),
      { reason: "refusal", raw: "refusal", detail: "Not that." },
    ],
  ])("%o is told as %o", async (end, stop) => {
    expect((await replyOf([...text("So"), end])).stop).toEqual(stop);
  });

  it("with tool calls is an end for tools, whatever the server says", async () => {
    const { stop } = await replyOf([{ type: "tool-call", toolCallId: "c1", toolName: "add", input: "{}" }, finish("stop", "stop")]);
    expect(stop).toEqual({ reason: "tool-calls", raw: "stop" });
  });

  it("that the provider calls interrupted is a cut stream", async () => {
    const error = await failureOf(aiSdk(played([...text("So"), finish("interrupted")]).model), ASK);
    expect(error).toMatchObject({ code: "stream_cut", retryable: true });
  });

  it("that the provider calls an error is one, though it does not say which", async () => {
    const error = await failureOf(aiSdk(played([...text("So"), finish("error", "MALFORMED_FUNCTION_CALL")]).model), ASK);
    expect(error).toMatchObject({ code: "server", retryable: true });
    expect(error.message).toBe("played: the reply ended with an error (MALFORMED_FUNCTION_CALL), and the model does not say which");
  });

  it("that never comes is a cut stream", async () => {
    expect(await failureOf(aiSdk(played(text("So")).model), ASK)).toMatchObject({ code: "stream_cut" });
  });
});

describe("usage, ids and cost", () => {
  it("usage is split; what is not told is null", async () => {
    const { usage } = await replyOf([...text("ok"), finish()]);
    expect(usage).toEqual({ input: 120, output: 9, cacheRead: 40, cacheWrite: 60, reasoning: 4 });
    const nothing = {
      total: undefined,
      noCache: undefined,
      cacheRead: undefined,
      cacheWrite: undefined,
      text: undefined,
      reasoning: undefined,
    };
    const silent = await replyOf([{ ...finish(), usage: { inputTokens: nothing, outputTokens: nothing } }]);
    expect(silent.usage).toEqual({ input: null, output: null, cacheRead: null, cacheWrite: null, reasoning: null });
  });

  it("the model and the request's id are those of the response; without a header, the reply's own id", async () => {
    const parts = [{ type: "response-metadata", id: "resp_1", modelId: "tune-2026-11" }, ...text("ok"), finish()] as const;
    expect(await replyOf(parts, {}, { "x-request-id": "req_1" })).toMatchObject({ model: "tune-2026-11", requestId: "req_1" });
    expect(await replyOf(parts)).toMatchObject({ requestId: "resp_1" });
    expect(await replyOf([...text("ok"), finish()])).toMatchObject({ model: "tune" });
  });

  it("what a call cost is found in the metadata by whoever knows the family", async () => {
    const parts = [...text("ok"), finish("stop", "stop", { router: { cost: 0.0042 } })];
    const costUsd: AiSdkOptions["costUsd"] = ({ router }) => (router as { cost: number }).cost;
    expect((await replyOf(parts, { costUsd })).costUsd).toBe(0.0042);
    expect(await replyOf(parts)).not.toHaveProperty("costUsd");
  });
});
