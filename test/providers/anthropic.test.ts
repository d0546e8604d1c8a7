import { http, HttpResponse } from "msw";
import { describe, expect, it } from "vitest";
import { toRequest } from "../../providers/anthropic/request.ts";
import { anthropic } from "../../providers/anthropic.ts";
import { generate, type ModelRequest } from "../../src/model/model.ts";
import { answer, failureOf, REQUEST } from "../conformance/provider.ts";
import { anthropicFixture } from "./fixtures.ts";
import { server, useServer } from "./server.ts";
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
    expect(usage).toEqual({
      input: 152,
      output: 20,
      cacheRead: 40,
      cacheWrite: 100,
      cacheWriteSpans: { "5m": 100, "1h": 0 },
      reasoning: 3,
    });
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

  it("what tools that run at Anthropic gave is kept, and goes back in its place", async () => {
    const blocks: AnthropicBlock[] = [
      { type: "server_tool_use", id: "srv_1", name: "web_search", input: '{"query":"weather"}' },
      { type: "text", text: "It rains." },
    ];
    replyWith(blocks, "pause_turn");
    const { content, stop } = await generate(provider, REQUEST, context);
    expect(stop.reason).toBe("paused");
    const own = { type: "server_tool_use", id: "srv_1", name: "web_search", input: { query: "weather" }, caller: { type: "direct" } };
    expect(content).toMatchObject([{ type: "reasoning", text: "", opaque: { data: own } }, { type: "text" }]);
    const next: ModelRequest = { ...REQUEST, messages: [...REQUEST.messages, { role: "assistant", content }] };
    expect(toRequest(next).body.messages[1]?.content).toEqual([own, { type: "text", text: "It rains." }]);
  });

  it("a server that counts nothing at the end is understood", async () => {
    const events = anthropicEvents([{ type: "text", text: "a" }], "end_turn").map((event) =>
      event["type"] === "message_delta" ? { type: "message_delta", delta: event["delta"] } : event,
    );
    answer(anthropicFixture, () => streamed(sse(events), SSE));
    expect((await generate(provider, REQUEST, context)).usage).toMatchObject({ input: 152, output: 1 });
  });

  it("the text at which it stopped is told", async () => {
    const events = anthropicEvents([{ type: "text", text: "a" }], "stop_sequence").map((event) =>
      event["type"] === "message_delta"
        ? { ...event, delta: { stop_reason: "stop_sequence", stop_sequence: "END", stop_details: null, container: null } }
        : event,
    );
    answer(anthropicFixture, () => streamed(sse(events), SSE));
    expect((await generate(provider, REQUEST, context)).stop).toEqual({ reason: "stop", raw: "stop_sequence", detail: "END" });
  });
});

describe("a second key", () => {
  it("has a name of its own, in errors and in the body's own members, and an account of its own", async () => {
    const team = anthropic({ id: "claude-team", apiKey: "another key" });
    expect(team.id).toBe("claude-team");
    expect(team.account?.()).not.toBe(provider.account?.());
    server.use(
      http.post("https://api.anthropic.com/v1/messages", () =>
        HttpResponse.json({ type: "error", error: { type: "overloaded_error", message: "busy" } }, { status: 529 }),
      ),
    );
    expect(await failureOf(team, REQUEST)).toMatchObject({ provider: "claude-team", code: "overloaded" });
    expect(toRequest({ ...REQUEST, providerOptions: { "claude-team": { service_tier: "auto" } } }, "claude-team").body).toMatchObject({
      service_tier: "auto",
    });
    expect(anthropic({ id: "claude-team", apiKey: "" }).readiness()).toMatchObject({ ready: true });
  });
});

describe("asking the API what a model can do", () => {
  const yes = { supported: true };
  const no = { supported: false };

  it("goes before the table, and behind the options", async () => {
    server.use(
      http.get("https://api.anthropic.com/v1/models/claude-next-1", () =>
        HttpResponse.json({
          id: "claude-next-1",
          type: "model",
          max_input_tokens: 2_000_000,
          max_tokens: 256_000,
          capabilities: {
            structured_outputs: yes,
            thinking: { supported: true, types: { adaptive: yes, enabled: no, disabled: no, between_tools: yes } },
            effort: { supported: true, low: yes, medium: yes, high: yes, xhigh: no, max: null },
            image_input: yes,
            pdf_input: no,
          },
        }),
      ),
    );
    const asking = anthropic({ apiKey: "k", capabilities: { maxOutputTokens: 1_000 } });
    expect(asking.capabilities("claude-next-1").structuredOutput).toBe("unknown");
    const told = await asking.askCapabilities("claude-next-1");
    expect(told).toEqual(asking.capabilities("claude-next-1"));
    expect(told).toMatchObject({
      structuredOutput: "native",
      reasoning: "yes",
      efforts: ["none", "low", "medium", "high"],
      files: ["image/jpeg", "image/png", "image/gif", "image/webp", "text/plain"],
      maxInputTokens: 2_000_000,
      maxOutputTokens: 1_000,
      forcedTools: "unknown",
    });
    const bodies = replyWith([{ type: "text", text: "ok" }]);
    await generate(asking, { ...REQUEST, model: "claude-next-1", reasoning: { effort: "none" } }, context);
    await generate(asking, { ...REQUEST, model: "claude-next-1", reasoning: { effort: "max" } }, context);
    expect(bodies).toMatchObject([{ thinking: { type: "between_tools" } }, { output_config: { effort: "high" } }]);
  });

  it("fails like any call", async () => {
    server.use(
      http.get("https://api.anthropic.com/v1/models/nope", () =>
        HttpResponse.json({ type: "error", error: { type: "not_found_error", message: "model: nope" } }, { status: 404 }),
      ),
    );
    await expect(provider.askCapabilities("nope")).rejects.toMatchObject({ code: "model_not_found", retryable: false });
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

  it("an account without money is told apart, too", async () => {
    const error = { type: "invalid_request_error", message: "Your credit balance is too low to access the Anthropic API." };
    answer(anthropicFixture, () => HttpResponse.json({ type: "error", error }, { status: 400 }));
    expect(await failureOf(provider)).toMatchObject({ code: "billing", retryable: false });
  });

  it("a body that is no event stream is a protocol fault", async () => {
    answer(anthropicFixture, () => HttpResponse.json({ hello: "world" }));
    expect(await failureOf(provider)).toMatchObject({ code: "protocol" });
  });
});
