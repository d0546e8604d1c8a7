import { HttpResponse } from "msw";
import { describe, expect, it } from "vitest";
import { toRequest } from "../../providers/anthropic/request.ts";
import { anthropic } from "../../providers/anthropic.ts";
import { generate, type ModelRequest } from "../../src/model/model.ts";
import { answer, failureOf, REQUEST } from "../conformance/provider.ts";
import { anthropicFixture } from "./fixtures.ts";
import { useServer } from "./server.ts";
import { SSE, sse, streamed } from "./wire.ts";
import { anthropicEvents, type AnthropicBlock } from "./wire-anthropic.ts";

useServer();

const provider = anthropic({ apiKey: "k" });
const context = { signal: new AbortController().signal };
const replyWith = (blocks: readonly AnthropicBlock[], stop = "end_turn") =>
  answer(anthropicFixture, () => streamed(sse(anthropicEvents(blocks, stop)), SSE));

describe("anthropic requests", () => {
  it("a plain request is a plain body", () => {
    expect(toRequest(REQUEST)).toEqual({
      warnings: [],
      body: {
        model: "some-model",
        max_tokens: 100,
        system: [{ type: "text", text: "Be brief." }],
        messages: [{ role: "user", content: [{ type: "text", text: "Say hello." }] }],
      },
    });
  });

  it("temperature is dropped with a warning", () => {
    const { body, warnings } = toRequest({ ...REQUEST, temperature: 0 });
    expect(body).not.toHaveProperty("temperature");
    expect(warnings).toEqual([expect.stringContaining("temperature")]);
  });

  it.each([
    ["none", { type: "disabled" }, undefined],
    ["minimal", { type: "adaptive", display: "summarized" }, "low"],
    ["max", { type: "adaptive", display: "summarized" }, "max"],
  ] as const)("reasoning effort %s is mapped", (effort, thinking, sent) => {
    const { body } = toRequest({ ...REQUEST, reasoning: { effort } });
    expect([body.thinking, body.output_config?.effort]).toEqual([thinking, sent]);
  });

  it("schema keywords the API does not take move into descriptions", () => {
    const schema = {
      type: "object",
      properties: { city: { type: "string", minLength: 2, description: "Where." }, when: { type: "string", format: "date" } },
      required: ["city"],
    };
    const { body, warnings } = toRequest({ ...REQUEST, output: { name: "place", schema } });
    expect(body.output_config?.format?.schema).toEqual({
      type: "object",
      properties: { city: { type: "string", description: "Where.\n\n{minLength: 2}" }, when: { type: "string", format: "date" } },
      additionalProperties: false,
      required: ["city"],
    });
    expect(warnings).toEqual([]);
  });

  it("a schema that cannot be told is given as an instruction, with a warning", () => {
    const schema = { type: "object", additionalProperties: { type: "number" } };
    const { body, warnings } = toRequest({ ...REQUEST, output: { name: "counts", schema } });
    expect(body.output_config).toBeUndefined();
    expect(JSON.stringify(body.system)).toContain(JSON.stringify('{"type":"object","additionalProperties":{"type":"number"}}').slice(1));
    expect(warnings).toEqual([expect.stringContaining("$ is a record with free keys")]);
  });

  it("files go as images and documents; others are refused before the call", async () => {
    const withFile = (mediaType: string): ModelRequest => ({
      ...REQUEST,
      messages: [{ role: "user", content: [{ type: "file", mediaType, data: "aGk=", name: "note" }] }],
    });
    expect(toRequest(withFile("text/plain")).body.messages[0]?.content).toEqual([
      { type: "document", source: { type: "text", media_type: "text/plain", data: "hi" }, title: "note" },
    ]);
    expect(await failureOf(provider, withFile("audio/mp3"))).toMatchObject({ code: "unsupported" });
  });
});

describe("anthropic replies", () => {
  it("input tokens include what came from the cache", async () => {
    replyWith([{ type: "text", text: "ok" }]);
    const { usage } = await generate(provider, REQUEST, context);
    expect(usage).toEqual({ input: 152, output: 20, cacheRead: 40, cacheWrite: 100, reasoning: 3 });
  });

  it("thinking is sent back unchanged to the model that thought it, and to no other", async () => {
    const blocks: AnthropicBlock[] = [
      { type: "thinking", thinking: "Hm.", signature: "SIGNED" },
      { type: "redacted_thinking", data: "SECRET" },
      { type: "text", text: "ok" },
    ];
    replyWith(blocks);
    const { content } = await generate(provider, REQUEST, context);
    expect(content).toMatchObject([
      { type: "reasoning", text: "Hm." },
      { type: "reasoning", text: "" },
      { type: "text", text: "ok" },
    ]);

    const next: ModelRequest = { ...REQUEST, messages: [...REQUEST.messages, { role: "assistant", content }] };
    expect(toRequest(next).body.messages[1]?.content).toEqual(blocks);
    expect(toRequest({ ...next, model: "another" }).body.messages[1]?.content).toEqual([{ type: "text", text: "ok" }]);
  });

  it.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["max_tokens", "length"],
    ["tool_use", "tool-calls"],
    ["pause_turn", "paused"],
    ["refusal", "refusal"],
    ["model_context_window_exceeded", "context-window"],
    ["something_new", "other"],
  ])("stop reason %s is %s", async (raw, reason) => {
    replyWith([{ type: "text", text: "x" }], raw);
    expect((await generate(provider, REQUEST, context)).stop).toMatchObject({ raw, reason });
  });
});

describe("anthropic errors", () => {
  it("a prompt that is too long is told apart", async () => {
    answer(anthropicFixture, () =>
      HttpResponse.json(
        { type: "error", error: { type: "invalid_request_error", message: "prompt is too long: 250000 tokens > 200000" } },
        { status: 400 },
      ),
    );
    expect(await failureOf(provider)).toMatchObject({ code: "context_too_long", retryable: false });
  });

  it("a body that is no event stream is a protocol fault", async () => {
    answer(anthropicFixture, () => HttpResponse.json({ hello: "world" }));
    expect(await failureOf(provider)).toMatchObject({ code: "protocol" });
  });
});
