import { HttpResponse } from "msw";
import { afterEach, describe, expect, it, vi } from "vitest";
import { toChatRequest } from "../../providers/openai/chat-request.ts";
import { openai } from "../../providers/openai.ts";
import { generate, type ModelRequest } from "../../src/model/model.ts";
import { answer, failureOf, REQUEST } from "../conformance/provider.ts";
import { useServer } from "./server.ts";
import { chatBody, chatChunks, chatText, SSE, streamed } from "./wire.ts";

useServer();
afterEach(() => vi.unstubAllEnvs());

const provider = openai({ apiKey: "k" });
const context = { signal: new AbortController().signal };
const OWN = { provider: "openai", isOpenAI: true, capabilities: provider.capabilities("gpt-6-sol") };
const FOREIGN = { provider: "local", isOpenAI: false, capabilities: openai({ baseURL: "http://localhost:8080/v1" }).capabilities("any") };

describe("openai chat", () => {
  const LOCAL = { url: "http://localhost:8080/v1/chat/completions" };
  const local = openai({ baseURL: "http://localhost:8080/v1", id: "local" });

  it("another address speaks Chat Completions and needs no key", async () => {
    const bodies = answer(LOCAL, () => streamed(chatBody(chatChunks(chatText("hi"), "stop")), SSE));
    expect(local.readiness()).toEqual({ ready: true });
    await generate(local, REQUEST, context);
    expect(bodies[0]).toMatchObject({
      max_tokens: 100,
      stream: true,
      stream_options: { include_usage: true },
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Say hello." },
      ],
    });
  });

  it("the environment's key is not sent to an address it was not meant for", async () => {
    vi.stubEnv("OPENAI_API_KEY", "sk-secret");
    let authorization: string | null = "";
    answer(LOCAL, (headers) => {
      authorization = headers.get("authorization");
      return streamed(chatBody(chatChunks(chatText("hi"), "stop")), SSE);
    });
    await generate(local, REQUEST, context);
    expect(authorization).toBe("Bearer none");
  });

  it("OPENAI_BASE_URL is read at the call", async () => {
    const provider = openai();
    vi.stubEnv("OPENAI_BASE_URL", "http://localhost:8080/v1");
    const bodies = answer(LOCAL, () => streamed(chatBody(chatChunks(chatText("hi"), "stop")), SSE));
    await generate(provider, REQUEST, context);
    expect(bodies).toHaveLength(1);
  });

  it("an address that is none is told", () => {
    for (const baseURL of ["localhost", "localhost:8080/v1"]) {
      expect(openai({ baseURL }).readiness()).toEqual({
        ready: false,
        message: `openai: the address "${baseURL}" is not a URL`,
        fix: "Correct baseURL; it looks like https://host or https://host/v1.",
      });
    }
  });

  it("OpenAI itself is given the newer limit", () => {
    const { body } = toChatRequest(REQUEST, OWN);
    expect(body).toMatchObject({ max_completion_tokens: 100 });
    expect(body).not.toHaveProperty("max_tokens");
  });

  it("reasoning of compatible servers is streamed and kept", async () => {
    const chunks = chatChunks([{ reasoning_content: "Hm." }, ...chatText("ok")], "stop");
    answer(LOCAL, () => streamed(chatBody(chunks), SSE));
    const { content, usage } = await generate(local, REQUEST, context);
    expect(content).toEqual([
      { type: "reasoning", text: "Hm.", opaque: { provider: "local", model: "some-model", data: { field: "reasoning_content" } } },
      { type: "text", text: "ok" },
    ]);
    expect(usage).toEqual({ input: 9, output: 5, cacheRead: 2, cacheWrite: null, reasoning: 0 });
  });

  it("several calls in one reply are put together by their index", async () => {
    const deltas = [
      {
        tool_calls: [
          { index: 0, id: "a", function: { name: "x", arguments: '{"n"' } },
          { index: 1, id: "b", function: { name: "y", arguments: "" } },
        ],
      },
      {
        tool_calls: [
          { index: 1, function: { arguments: "{}" } },
          { index: 0, function: { arguments: ":1}" } },
        ],
      },
    ];
    answer(LOCAL, () => streamed(chatBody(chatChunks(deltas, "stop")), SSE));
    const { content, stop } = await generate(local, REQUEST, context);
    expect(content).toEqual([
      { type: "tool-call", id: "a", name: "x", input: { n: 1 } },
      { type: "tool-call", id: "b", name: "y", input: {} },
    ]);
    expect(stop.reason).toBe("tool-calls");
  });

  it("images go as data URLs", () => {
    const { body } = toChatRequest(
      {
        ...REQUEST,
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "what?" },
              { type: "file", mediaType: "image/png", data: "AAAA" },
            ],
          },
        ],
      },
      FOREIGN,
    );
    expect(body.messages).toMatchObject([
      { content: [{ type: "text" }, { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }] },
    ]);
  });

  it("calls that all have the number 0 are told apart by their ids, and calls without ids get some", async () => {
    const call = (fields: Record<string, unknown>) => ({ tool_calls: [fields] });
    const deltas = [
      call({ index: 0, id: "a", function: { name: "x", arguments: '{"n":1}' } }),
      call({ index: 0, id: "b", function: { name: "x", arguments: '{"n":2}' } }),
      call({ index: 3, function: { name: "y", arguments: "{}" } }),
    ];
    answer(LOCAL, () => streamed(chatBody(chatChunks(deltas, "tool_calls")), SSE));
    const earlier: ModelRequest["messages"][number] = {
      role: "assistant",
      content: [{ type: "tool-call", id: "call_0", name: "x", input: {} }],
    };
    const { content } = await generate(local, { ...REQUEST, messages: [...REQUEST.messages, earlier] }, context);
    expect(content).toEqual([
      { type: "tool-call", id: "a", name: "x", input: { n: 1 } },
      { type: "tool-call", id: "b", name: "x", input: { n: 2 } },
      { type: "tool-call", id: "call_3", name: "y", input: {} },
    ]);
  });

  it("reasoning goes back in the field it came in, beside the calls that followed it and nowhere else", async () => {
    const thought = (field: string): string =>
      chatBody(
        chatChunks(
          [{ [field]: "Hm, " }, { [field]: "yes." }, { tool_calls: [{ index: 0, id: "a", function: { name: "x", arguments: "{}" } }] }],
          "tool_calls",
        ),
      );
    for (const field of ["reasoning_content", "reasoning"]) {
      answer(LOCAL, () => streamed(thought(field), SSE));
      const { content } = await generate(local, REQUEST, context);
      const { body } = toChatRequest({ ...REQUEST, messages: [{ role: "assistant", content }] }, FOREIGN);
      expect(body.messages[0]).toMatchObject({ [field]: "Hm, yes.", tool_calls: [{ id: "a" }] });
      const said: ModelRequest = { ...REQUEST, messages: [{ role: "assistant", content: content.slice(0, 1) }] };
      expect(JSON.stringify(toChatRequest(said, FOREIGN).body)).not.toContain("Hm, yes.");
    }
  });

  it("OpenRouter's own details of reasoning go back as they came, and its price is the price", async () => {
    const router = openai({ id: "local", baseURL: "https://openrouter.ai/api/v1", apiKey: "k" });
    const detail = (text: string) => ({ type: "reasoning.text", text, signature: "S", index: 0 });
    const chunks = chatChunks(
      [
        { reasoning: "Hm, ", reasoning_details: [detail("Hm, ")] },
        { reasoning: "yes.", reasoning_details: [detail("yes.")] },
        { tool_calls: [{ index: 0, id: "a", function: { name: "x", arguments: "{}" } }] },
      ],
      "tool_calls",
    ).map((chunk) => ("usage" in chunk ? { ...chunk, usage: { prompt_tokens: 9, completion_tokens: 5, cost: 0.0123 } } : chunk));
    answer({ url: "https://openrouter.ai/api/v1/chat/completions" }, () => streamed(`: OPENROUTER PROCESSING\n\n${chatBody(chunks)}`, SSE));
    const { content, costUsd } = await generate(router, REQUEST, context);
    expect(costUsd).toBe(0.0123);
    const { body } = toChatRequest({ ...REQUEST, messages: [{ role: "assistant", content }] }, FOREIGN);
    expect(body.messages[0]).toMatchObject({ reasoning_details: [detail("Hm, "), detail("yes.")] });

    answer(LOCAL, () => streamed(chatBody(chunks), SSE));
    expect((await generate(local, REQUEST, context)).costUsd).toBeUndefined();
  });

  it("a server that ends without [DONE], without usage and without a model's name is understood", async () => {
    const whole = chatChunks(chatText("ok"), "stop").slice(0, -1);
    const chunks = [{ object: "ping" }, ...whole.map(({ model: _model, ...chunk }) => chunk)];
    answer(LOCAL, () => streamed(chatBody(chunks, ""), SSE));
    const { content, usage, model } = await generate(local, REQUEST, context);
    expect(content).toEqual([{ type: "text", text: "ok" }]);
    expect([usage.input, usage.output, model]).toEqual([null, null, "some-model"]);
  });

  it.each([
    [400, { message: "This model's maximum context length is 4096 tokens.", type: "BadRequestError", code: 400 }],
    [400, { message: "the request exceeds the available context size, try increasing it", type: "exceed_context_size_error", code: 400 }],
  ])("a context that is too small is told as such by its words or its type (%i)", async (status, error) => {
    answer(LOCAL, () => HttpResponse.json({ error }, { status }));
    expect(await failureOf(local)).toMatchObject({ code: "context_too_long", status, retryable: false });
  });

  it("tokens are not counted, and that is told before anything is sent", async () => {
    await expect(local.countTokens(REQUEST, context)).rejects.toMatchObject({ code: "unsupported", retryable: false });
  });
});
