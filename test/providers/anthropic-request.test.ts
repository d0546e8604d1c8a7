// What Claude models are sent, by model: thinking, tools, cache marks, files; and what is refused with the rule it breaks.

import { describe, expect, it } from "vitest";
import { toCount, toRequest } from "../../providers/anthropic/request.ts";
import { anthropic } from "../../providers/anthropic.ts";
import type { CacheSpan, Effort, FilePart, ModelRequest } from "../../src/model/model.ts";
import { failureOf, REQUEST } from "../conformance/provider.ts";

const TOOLS = [{ name: "add", description: "Adds.", inputSchema: { type: "object", properties: {} } }];
const ask = (model: string, more: Partial<ModelRequest> = {}): ModelRequest => ({ ...REQUEST, model, ...more });

describe("thinking", () => {
  const adaptive = { type: "adaptive", display: "summarized" };
  it.each([
    ["claude-opus-5-5", "none", adaptive, "low", 1],
    ["claude-opus-5-5", "max", adaptive, "max", 0],
    ["claude-sonnet-5-5", "none", { type: "between_tools" }, undefined, 0],
    ["claude-haiku-5-5", "none", { type: "disabled" }, undefined, 0],
    ["claude-fable-5-1", "none", adaptive, "low", 1],
    ["claude-mythos-5", "none", adaptive, "low", 1],
    ["claude-opus-5", "none", { type: "disabled" }, undefined, 0],
    ["claude-opus-5", "xhigh", adaptive, "xhigh", 0],
    ["claude-opus-5-20260724", "none", { type: "disabled" }, undefined, 0],
    ["claude-opus-4-6", "xhigh", adaptive, "high", 1],
    ["claude-sonnet-4-6", "max", adaptive, "max", 0],
    ["claude-haiku-5-5", "minimal", adaptive, "low", 1],
    ["claude-somebody-9", "none", { type: "disabled" }, undefined, 0],
  ] as const)("%s with effort %s", (model, effort, thinking, sent, warned) => {
    const { body, warnings } = toRequest(ask(model, { reasoning: { effort } }));
    expect([body.thinking, body.output_config?.effort]).toEqual([thinking, sent]);
    expect(warnings).toHaveLength(warned);
  });

  it.each([
    ["claude-haiku-4-5", "high", 64_000, { type: "enabled", budget_tokens: 16_384 }],
    ["claude-sonnet-4-5-20250929", "minimal", 64_000, { type: "enabled", budget_tokens: 1_024 }],
    ["claude-opus-4-1", "max", 20_000, { type: "enabled", budget_tokens: 10_000 }],
    ["claude-opus-4-5", "none", 64_000, { type: "disabled" }],
    ["claude-haiku-4-5", "low", 2_000, undefined],
  ] as const)("%s, which thinks by budget, with effort %s of %i tokens", (model, effort, maxOutputTokens, thinking) => {
    const { body, warnings } = toRequest(ask(model, { reasoning: { effort }, maxOutputTokens }));
    expect([body.thinking, body.output_config]).toEqual([thinking, undefined]);
    expect(warnings).toHaveLength(thinking === undefined ? 1 : 0);
  });

  it("without a wish the model's own default counts", () => {
    expect(toRequest(ask("claude-opus-5-5")).body).not.toHaveProperty("thinking");
  });
});

describe("tools that must be called", () => {
  it.each(["claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5-1", "claude-fable-5-2", "claude-mythos-5-1"])(
    "%s refuses them",
    async (model) => {
      const error = await failureOf(anthropic({ apiKey: "k" }), ask(model, { tools: TOOLS, toolChoice: { tool: "add" } }));
      expect(error).toMatchObject({ code: "unsupported", retryable: false });
      expect(error.message).toBe(
        `anthropic: ${model} cannot be made to call the tool "add" (Anthropic's rule for models that always think, see platform.claude.com/docs/en/build-with-claude/thinking)`,
      );
      expect(error.fix).toContain("leave toolChoice");
    },
  );

  it.each(["claude-haiku-5-5", "claude-opus-5", "claude-sonnet-5", "claude-fable-5", "claude-opus-4-8", "claude-haiku-4-5", "unheard-of"])(
    "%s takes them",
    (model) => {
      expect(toRequest(ask(model, { tools: TOOLS, toolChoice: "required" })).body.tool_choice).toEqual({ type: "any" });
    },
  );

  it("a model that thinks by budget takes none while it thinks", () => {
    const request = ask("claude-haiku-4-5", { tools: TOOLS, toolChoice: "required", reasoning: { effort: "low" }, maxOutputTokens: 9_000 });
    expect(() => toRequest(request)).toThrow(/while it thinks by budget/);
    expect(() => toRequest({ ...request, reasoning: { effort: "none" } })).not.toThrow();
  });

  it("whoever knows better says so in the options", () => {
    const provider = anthropic({ apiKey: "k", capabilities: (model) => (model.endsWith("5-5") ? { forcedTools: "yes" } : {}) });
    expect(provider.capabilities("claude-opus-5-5")).toMatchObject({ forcedTools: "yes", tools: "yes" });
    expect(provider.capabilities("claude-fable-5-1").forcedTools).toBe("no");
  });

  it.each([
    [{ parallelToolCalls: false }, { type: "auto", disable_parallel_tool_use: true }],
    [
      { parallelToolCalls: false, toolChoice: "required" },
      { type: "any", disable_parallel_tool_use: true },
    ],
    [
      { parallelToolCalls: false, toolChoice: { tool: "add" } },
      { type: "tool", name: "add", disable_parallel_tool_use: true },
    ],
    [{ parallelToolCalls: false, toolChoice: "none" }, { type: "none" }],
    [{ parallelToolCalls: true }, undefined],
  ] as const)("%j is said with the choice", (settings, choice) => {
    expect(toRequest(ask("claude-opus-5", { tools: TOOLS, ...settings })).body.tool_choice).toEqual(choice);
  });
});

describe("cache marks", () => {
  const marked = (...spans: readonly (CacheSpan | undefined)[]): ModelRequest => ({
    ...REQUEST,
    messages: spans.map((cache, at) => ({
      role: at === 0 ? ("system" as const) : ("user" as const),
      content: [{ type: "text" as const, text: `part ${at}`, ...(cache === undefined ? {} : { cache }) }],
    })),
  });
  /** The spans as they are sent, in order: of the system prompt, the messages, and the whole. */
  const sent = (request: ModelRequest): { readonly spans: readonly string[]; readonly warnings: readonly string[] } => {
    const { body, warnings } = toRequest(request);
    const marks = [
      ...JSON.stringify([body.system, body.messages, body.cache_control]).matchAll(/\{"type":"ephemeral"(?:,"ttl":"(\w+)")?\}/g),
    ];
    return { spans: marks.map(([, ttl = "5m"]) => ttl), warnings };
  };

  it("are where they were put", () => {
    const { body } = toRequest(marked("1h", "5m"));
    expect(body.system).toEqual([{ type: "text", text: "part 0", cache_control: { type: "ephemeral", ttl: "1h" } }]);
    expect(body.messages[0]?.content).toEqual([{ type: "text", text: "part 1", cache_control: { type: "ephemeral" } }]);
    expect(body).not.toHaveProperty("cache_control");
  });

  it("are taken on results, images and what the model said", () => {
    const cache = "5m";
    const { body } = toRequest({
      ...REQUEST,
      messages: [
        { role: "user", content: [{ type: "file", mediaType: "image/png", data: "QUJD", cache }] },
        {
          role: "assistant",
          content: [
            { type: "text", text: "Let me see.", cache },
            { type: "tool-call", id: "a", name: "add", input: {} },
          ],
        },
        { role: "tool", content: [{ type: "tool-result", id: "a", name: "add", output: 1, cache }] },
      ],
    });
    expect(JSON.stringify(body.messages).match(/"cache_control":\{"type":"ephemeral"\}/g)).toHaveLength(3);
  });

  it.each([
    [["5m", "5m", "5m", "5m"], undefined, ["5m", "5m", "5m", "5m"], 0],
    [["1h", "5m", "5m", "5m", "5m", "5m"], undefined, ["1h", "5m", "5m", "5m"], 1],
    [["5m", "5m", "5m", "5m"], "5m", ["5m", "5m", "5m", "5m"], 1],
    [[undefined, undefined], "1h", ["1h"], 0],
    [["30m"], undefined, ["1h"], 1],
    [["12h", "12h"], undefined, ["1h", "1h"], 1],
    [["5m", "1h"], undefined, ["5m", "5m"], 1],
    [["5m"], "1h", ["5m", "5m"], 1],
    [["1h", "5m"], "5m", ["1h", "5m", "5m"], 0],
  ] as const)("%j and %s at the end become %j", (spans, auto, expected, warned) => {
    const request = marked(...spans);
    const result = sent(auto === undefined ? request : { ...request, cache: { auto } });
    expect(result.spans).toEqual(expected);
    expect(result.warnings).toHaveLength(warned);
  });

  it("of four kept, the first and the last three are", () => {
    const { body } = toRequest(marked("5m", "5m", "5m", "5m", "5m", "5m"));
    const kept = JSON.stringify([body.system, body.messages]).match(/part \d(?=","cache_control)/g);
    expect(kept).toEqual(["part 0", "part 3", "part 4", "part 5"]);
  });
});

describe("files", () => {
  const withFile = (file: FilePart): ModelRequest => ({ ...REQUEST, messages: [{ role: "user", content: [file] }] });

  it.each([
    [
      { mediaType: "image/png", url: "https://x/y.png" },
      { type: "image", source: { type: "url", url: "https://x/y.png" } },
    ],
    [
      { mediaType: "application/pdf", url: "https://x/y.pdf" },
      { type: "document", source: { type: "url", url: "https://x/y.pdf" } },
    ],
    [
      { mediaType: "application/pdf", data: "QUJD", name: "y" },
      { type: "document", source: { type: "base64", media_type: "application/pdf", data: "QUJD" }, title: "y" },
    ],
  ] as const)("%j", (file, block) => {
    expect(toRequest(withFile({ type: "file", ...file })).body.messages[0]?.content).toEqual([block]);
  });

  it("what cannot be sent says what can", async () => {
    const provider = anthropic({ apiKey: "k" });
    expect(await failureOf(provider, withFile({ type: "file", mediaType: "text/plain", url: "https://x/y.txt" }))).toMatchObject({
      message: "anthropic: files of type text/plain cannot be sent by their address",
      fix: "Fetch the file and give it as base64 in `data`.",
    });
    expect((await failureOf(provider, withFile({ type: "file", mediaType: "audio/wav", data: "QUJD" }))).fix).toContain(
      "It takes image/jpeg",
    );
  });
});

describe("the rest of a request", () => {
  it("stop texts go, sampling does not", () => {
    const { body, warnings } = toRequest({ ...REQUEST, stop: ["END"], temperature: 0, topP: 1, seed: 3 });
    expect(body.stop_sequences).toEqual(["END"]);
    expect(warnings.map((warning) => warning.split(":")[0])).toEqual(["temperature", "topP", "seed"]);
  });

  it("the API's own members are merged into a group, not in place of it", () => {
    const effort: Effort = "low";
    const output = { name: "place", schema: { type: "object", properties: { city: { type: "string" } } } };
    const { body } = toRequest({ ...REQUEST, output, providerOptions: { anthropic: { output_config: { effort }, service_tier: "auto" } } });
    expect(body).toMatchObject({ output_config: { effort, format: { type: "json_schema" } }, service_tier: "auto" });
  });

  it("only what has tokens is counted", () => {
    const { body } = toRequest({ ...REQUEST, tools: TOOLS, stop: ["END"], reasoning: { effort: "low" } });
    expect(Object.keys(toCount(body)).sort()).toEqual(["messages", "model", "output_config", "system", "thinking", "tools"]);
  });

  it("broken arguments of an earlier call go back as an object", () => {
    const { body } = toRequest({
      ...REQUEST,
      messages: [{ role: "assistant", content: [{ type: "tool-call", id: "a", name: "add", input: '{"a":' }] }],
    });
    expect(body.messages[0]?.content).toEqual([{ type: "tool_use", id: "a", name: "add", input: { input: '{"a":' } }]);
  });
});
