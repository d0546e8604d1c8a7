// What OpenAI's models are sent, by model and by API: efforts, sampling, tools, cache marks, files; and what is refused with the rule it breaks.

import { describe, expect, it } from "vitest";
import { toChatRequest } from "../../providers/openai/chat-request.ts";
import { toCount, toResponsesRequest } from "../../providers/openai/responses-request.ts";
import { openai } from "../../providers/openai.ts";
import type { CacheSpan, FilePart, ModelRequest } from "../../src/model/model.ts";
import { failureOf, REQUEST } from "../conformance/provider.ts";

const TOOLS = [{ name: "add", description: "Adds.", inputSchema: { type: "object", properties: {} } }];
const own = openai({ apiKey: "k" });
const chat = openai({ apiKey: "k", api: "chat" });
const foreign = openai({ id: "local", baseURL: "http://127.0.0.1:9/v1" });

const toResponses = (request: ModelRequest) =>
  toResponsesRequest(request, { provider: "openai", isOpenAI: true, capabilities: own.capabilities(request.model) });
const toChat = (request: ModelRequest) =>
  toChatRequest(request, { provider: "openai", isOpenAI: true, capabilities: chat.capabilities(request.model) });
const toForeign = (request: ModelRequest) =>
  toChatRequest(request, { provider: "local", isOpenAI: false, capabilities: foreign.capabilities(request.model) });
const ask = (model: string, more: Partial<ModelRequest> = {}): ModelRequest => ({ ...REQUEST, model, ...more });

describe("efforts", () => {
  it.each([
    ["gpt-6.1-sol", "none", "low", 1],
    ["gpt-6.1-sol", "max", "max", 0],
    ["gpt-6-astra", "minimal", "low", 1],
    ["gpt-6-luna", "none", "none", 0],
    ["gpt-5.5", "max", "xhigh", 1],
    ["gpt-5.1", "xhigh", "high", 1],
    ["gpt-5", "none", "minimal", 1],
    ["gpt-5-mini", "minimal", "minimal", 0],
    ["o3", "xhigh", "high", 1],
    ["o4-mini", "low", "low", 0],
    // What nobody knows is sent as it is.
    ["gpt-5.6-sol", "max", "max", 0],
    ["gpt-7-nova", "max", "max", 0],
    ["gpt-5-pro", "low", "low", 0],
  ] as const)("%s with effort %s gets %s", (model, effort, sent, warned) => {
    const { body, warnings } = toResponses(ask(model, { reasoning: { effort } }));
    expect(body.reasoning?.effort).toBe(sent);
    expect(warnings).toHaveLength(warned);
  });

  it("of a model that does not reason none is asked for", () => {
    const { body, warnings } = toResponses(ask("gpt-4.1", { reasoning: { effort: "high" } }));
    expect(body).not.toHaveProperty("reasoning");
    expect(warnings).toEqual(['reasoning: gpt-4.1 does not reason; the effort "high" was left out']);
    expect(toResponses(ask("gpt-5.3-chat-latest", { temperature: 0 })).body.temperature).toBe(0);
  });
});

describe("sampling", () => {
  it("is dropped with a warning for a model that reasons, and kept for one that does not", () => {
    const settings = { temperature: 0, topP: 0.5, seed: 1, stop: ["END"] };
    expect(toResponses(ask("gpt-6-sol", settings)).warnings.map((warning) => warning.split(":")[0])).toEqual([
      "seed",
      "stop",
      "temperature",
      "topP",
    ]);
    expect(toResponses(ask("gpt-6-luna", { ...settings, reasoning: { effort: "none" } })).body).toMatchObject({
      temperature: 0,
      top_p: 0.5,
    });
    expect(toChat(ask("gpt-4.1", settings))).toMatchObject({ body: { temperature: 0, top_p: 0.5, seed: 1, stop: ["END"] }, warnings: [] });
    expect(toChat(ask("o3", settings)).warnings.map((warning) => warning.split(":")[0])).toEqual(["temperature", "topP", "stop"]);
    expect(toForeign(ask("any", settings))).toMatchObject({ body: { temperature: 0, top_p: 0.5, seed: 1, stop: ["END"] }, warnings: [] });
  });
});

describe("tools over Chat Completions", () => {
  it.each([
    ["gpt-6.1-sol", undefined],
    ["gpt-6.1-sol", "none"],
    ["gpt-6-astra", "low"],
    ["gpt-5.6-sol", undefined],
    ["gpt-5.6-sol", "high"],
  ] as const)("are refused for %s with effort %s, before anything is sent", async (model, effort) => {
    const reasoning = effort === undefined ? {} : { reasoning: { effort } };
    const error = await failureOf(chat, ask(model, { tools: TOOLS, ...reasoning }));
    expect(error).toMatchObject({ code: "unsupported", retryable: false, fix: expect.stringContaining("Responses API") as unknown });
    expect(error.message).toContain("OpenAI's rule since gpt-5.6");
  });

  it("are taken where nobody reasons, by older models, and by other servers", () => {
    expect(toChat(ask("gpt-5.6-sol", { tools: TOOLS, reasoning: { effort: "none" } })).body.tools).toHaveLength(1);
    expect(toChat(ask("gpt-5.5", { tools: TOOLS })).body.tools).toHaveLength(1);
    expect(toForeign(ask("gpt-6.1-sol", { tools: TOOLS })).body.tools).toHaveLength(1);
    expect([chat.capabilities("gpt-6.1-sol").tools, own.capabilities("gpt-6.1-sol").tools]).toEqual(["no", "yes"]);
  });

  it("one at a time is said only beside tools", () => {
    expect(toChat(ask("gpt-5.5", { tools: TOOLS, parallelToolCalls: false })).body.parallel_tool_calls).toBe(false);
    expect(toResponses(ask("gpt-6-sol", { tools: TOOLS, parallelToolCalls: false })).body.parallel_tool_calls).toBe(false);
    expect(toChat(ask("gpt-5.5", { parallelToolCalls: false })).body).not.toHaveProperty("parallel_tool_calls");
  });
});

describe("the prompt cache", () => {
  const marked = (model: string, cache: CacheSpan, more: Partial<ModelRequest> = {}): ModelRequest => ({
    ...ask(model, more),
    messages: [
      { role: "system", content: [{ type: "text", text: "Be brief.", cache }] },
      {
        role: "user",
        content: [
          { type: "file", mediaType: "image/png", data: "QUJD", cache },
          { type: "text", text: "What?" },
        ],
      },
      { role: "assistant", content: [{ type: "tool-call", id: "a", name: "add", input: {} }] },
      { role: "tool", content: [{ type: "tool-result", id: "a", name: "add", output: 1, cache }] },
    ],
  });

  it("is told exactly what to keep by models that take marks", () => {
    const { body, warnings } = toResponses(marked("gpt-6-sol", "12h", { cache: { key: "support" } }));
    const prompt_cache_breakpoint = { mode: "explicit", ttl: "12h" };
    expect(body).toMatchObject({ prompt_cache_key: "support", prompt_cache_options: { mode: "explicit" } });
    expect(body.input).toEqual([
      { role: "system", content: [{ type: "input_text", text: "Be brief.", prompt_cache_breakpoint }] },
      {
        role: "user",
        content: [
          { type: "input_image", detail: "auto", image_url: "data:image/png;base64,QUJD", prompt_cache_breakpoint },
          { type: "input_text", text: "What?" },
        ],
      },
      { type: "function_call", call_id: "a", name: "add", arguments: "{}" },
      { type: "function_call_output", call_id: "a", output: [{ type: "input_text", text: "1", prompt_cache_breakpoint }] },
    ]);
    expect(warnings).toEqual([]);
  });

  it("marks the end by itself when it is asked to, beside the marks that are there", () => {
    expect(toResponses(marked("gpt-6-sol", "30m", { cache: { auto: "30m" } })).body.prompt_cache_options).toEqual({
      mode: "implicit",
      ttl: "30m",
    });
    expect(toResponses(ask("gpt-6-sol", { cache: { auto: "5m" } }))).toMatchObject({
      body: { prompt_cache_options: { mode: "implicit", ttl: "30m" } },
      warnings: ['cache: there is no span of "5m"; "30m" was taken'],
    });
    // Chat Completions has one span.
    expect(toChat(ask("gpt-6-sol", { cache: { auto: "12h" } }))).toMatchObject({
      body: { prompt_cache_options: { ttl: "30m" } },
      warnings: [expect.stringContaining("12h")],
    });
  });

  it("of older models remembers by itself, and of other servers nobody knows: neither is told of marks", () => {
    for (const body of [
      toResponses(marked("gpt-5.5", "1h")).body,
      toChat(marked("gpt-4.1", "1h")).body,
      toForeign(marked("any", "1h", { cache: { auto: "5m", key: "k" } })).body,
    ])
      expect(JSON.stringify(body)).not.toContain("prompt_cache");
    expect(toResponses(ask("gpt-5.5", { cache: { key: "k" } })).body.prompt_cache_key).toBe("k");
  });

  it("gets the hash of a key that is too long for it", () => {
    const key = "customer-".repeat(20);
    const { body } = toResponses(ask("gpt-5.5", { cache: { key } }));
    expect(body.prompt_cache_key).toMatch(/^[0-9a-f]{64}$/);
    expect(toResponses(ask("gpt-6-sol", { cache: { key } })).body.prompt_cache_key).toBe(body.prompt_cache_key);
  });

  it("marks in Chat Completions turn a text into a list", () => {
    const { body } = toChat(marked("gpt-6-sol", "30m"));
    expect(body.messages[0]).toEqual({
      role: "system",
      content: [{ type: "text", text: "Be brief.", prompt_cache_breakpoint: { mode: "explicit", ttl: "30m" } }],
    });
    expect(body.messages.at(-1)?.content).toEqual([{ type: "text", text: "1", prompt_cache_breakpoint: { mode: "explicit", ttl: "30m" } }]);
  });
});

describe("files", () => {
  const withFile = (file: FilePart): ModelRequest => ({ ...ask("gpt-6-sol"), messages: [{ role: "user", content: [file] }] });
  const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

  it.each([
    [
      { mediaType: "image/png", url: "https://x/y.png" },
      { type: "input_image", detail: "auto", image_url: "https://x/y.png" },
    ],
    [
      { mediaType: "application/pdf", url: "https://x/y.pdf" },
      { type: "input_file", file_url: "https://x/y.pdf" },
    ],
    [
      { mediaType: DOCX, data: "QUJD" },
      { type: "input_file", filename: "document.docx", file_data: `data:${DOCX};base64,QUJD` },
    ],
    [
      { mediaType: "text/csv", data: "QUJD", name: "sales.csv" },
      { type: "input_file", filename: "sales.csv", file_data: "data:text/csv;base64,QUJD" },
    ],
  ] as const)("%j go to the Responses API", (file, content) => {
    expect(toResponses(withFile({ type: "file", ...file })).body.input).toEqual([{ role: "user", content: [content] }]);
  });

  it("of PDFs Chat Completions takes the content only, and of others nothing", async () => {
    const pdf = { type: "file", mediaType: "application/pdf" } as const;
    expect(toChat(withFile({ ...pdf, data: "QUJD" })).body.messages[0]?.content).toMatchObject([
      { type: "file", file: { filename: "document.pdf" } },
    ]);
    expect((await failureOf(chat, withFile({ ...pdf, url: "https://x/y.pdf" }))).message).toBe(
      "openai: files of type application/pdf cannot be sent by their address",
    );
    expect((await failureOf(chat, withFile({ type: "file", mediaType: "text/csv", data: "QUJD" }))).fix).toContain("application/pdf");
  });
});

describe("what models can do", () => {
  it("is known of OpenAI's own, and of others only what whoever runs them says", () => {
    expect(own.capabilities("gpt-6.1-sol")).toMatchObject({
      structuredOutput: "native",
      forcedTools: "yes",
      promptCache: "marked",
      maxInputTokens: 1_050_000,
      efforts: ["low", "medium", "high", "xhigh", "max"],
    });
    expect(own.capabilities("gpt-5.5").promptCache).toBe("automatic");
    expect(own.capabilities("gpt-4.1").reasoning).toBe("no");
    expect(own.capabilities("ft:gpt-5.1:acme").efforts).toContain("none");
    expect(foreign.capabilities("gpt-6.1-sol")).toMatchObject({ tools: "unknown", reasoning: "unknown", countsTokens: "no" });
    const mine = openai({
      baseURL: "http://127.0.0.1:9/v1",
      capabilities: (model) => (model.startsWith("qwen") ? { tools: "yes", files: [] } : {}),
    });
    expect(mine.capabilities("qwen3-32b")).toMatchObject({ tools: "yes", files: [], forcedTools: "unknown" });
    expect(mine.capabilities("other").tools).toBe("unknown");
  });

  it("only what has tokens is counted", () => {
    const { body } = toResponses(ask("gpt-6-sol", { tools: TOOLS, cache: { key: "k" }, reasoning: { effort: "low" } }));
    expect(Object.keys(toCount(body)).sort()).toEqual(["input", "model", "reasoning", "tools"]);
  });
});
