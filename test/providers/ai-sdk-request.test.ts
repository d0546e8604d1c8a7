// What an AI SDK model is asked with: everything the port knows, in the words of its specification.

import { describe, expect, it } from "vitest";
import { aiSdk, type AiSdkOptions } from "../../providers/ai-sdk.ts";
import { generate, type ModelMessage, type ModelReply, type ModelRequest } from "../../src/model/model.ts";
import { failureOf, idle, REQUEST } from "../conformance/provider.ts";
import { finish, played, playedThird, text } from "./ai-sdk-played.ts";

const ASK: ModelRequest = { ...REQUEST, model: "tune" };
const user = (...content: Extract<ModelMessage, { role: "user" }>["content"]): ModelMessage => ({ role: "user", content });

/** Asks a played model and gives what it was called with. */
async function asked(request: Partial<ModelRequest>, members: Parameters<typeof played>[1] = {}, options: Partial<AiSdkOptions> = {}) {
  const { model, calls } = played(undefined, members);
  const provider = aiSdk({ id: "own", ...options, model });
  const { warnings } = await generate(provider, { ...ASK, ...request }, idle());
  const [call] = calls;
  if (call === undefined) throw new Error("the model was not called");
  return { call, warnings };
}

const SCHEMA = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

describe("the call", () => {
  it("has messages, limit and sampling", async () => {
    const { call, warnings } = await asked({ temperature: 0.5, topP: 0.9, seed: 7, stop: ["END"], reasoning: { effort: "xhigh" } });
    expect(call).toMatchObject({
      prompt: [
        { role: "system", content: "Be brief." },
        { role: "user", content: [{ type: "text", text: "Say hello." }] },
      ],
      maxOutputTokens: 100,
      temperature: 0.5,
      topP: 0.9,
      seed: 7,
      stopSequences: ["END"],
      reasoning: "xhigh",
    });
    expect(warnings).toEqual([]);
  });

  it("has no member that was not asked for", async () => {
    const { call } = await asked({});
    expect(Object.keys(call).sort()).toEqual(["abortSignal", "headers", "maxOutputTokens", "prompt"]);
  });

  it("has the tools, and which of them to call", async () => {
    const tools = [{ name: "add", description: "Adds.", inputSchema: SCHEMA }];
    const choices = ["auto", "none", "required", { tool: "add" }] as const;
    const made = await Promise.all(choices.map((toolChoice) => asked({ tools, toolChoice })));
    expect(made[0]?.call.tools).toEqual([{ type: "function", name: "add", description: "Adds.", inputSchema: SCHEMA }]);
    expect(made.map(({ call }) => call.toolChoice)).toEqual([
      { type: "auto" },
      { type: "none" },
      { type: "required" },
      { type: "tool", toolName: "add" },
    ]);
  });

  it("has headers of the options and of the call; the call's win", async () => {
    const { model, calls } = played();
    const provider = aiSdk({ model, id: "own", headers: { "x-a": "1", "x-b": "1" } });
    await generate(provider, ASK, { ...idle(), headers: { "x-b": "2" } });
    expect(calls[0]?.headers).toEqual({ "x-a": "1", "x-b": "2" });
  });
});

describe("a schema", () => {
  it("is sent natively, under a name that APIs take", async () => {
    const { call, warnings } = await asked({ output: { name: "a place", schema: SCHEMA } });
    expect(call.responseFormat).toEqual({ type: "json", name: "a_place", schema: SCHEMA });
    expect(warnings).toEqual([]);
  });

  it.each([
    ["the model says that it drops schemas", { supportsStructuredOutputs: false }, {}],
    ["the user says so", {}, { capabilities: { structuredOutput: "none" } }],
  ] as const)("is told in words where %s", async (_reason, members, options) => {
    const { call, warnings } = await asked({ output: { name: "place", schema: SCHEMA } }, members, options);
    expect(call.responseFormat).toEqual({ type: "json" });
    expect(call.prompt.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(call.prompt[0]?.content).toMatch(/^Be brief\.\n\nAnswer with one JSON value only/);
    expect(call.prompt[0]?.content).toContain(JSON.stringify(SCHEMA));
    expect(warnings).toEqual([
      'output "place": the schema cannot be enforced by this API, since the model takes none; it is given as an instruction instead',
    ]);
  });

  it("whose root is no object is told in words, and no object is forced", async () => {
    const { call, warnings } = await asked({ output: { name: "answer", schema: { enum: ["yes", "no"] } } });
    expect(call.responseFormat).toBeUndefined();
    expect(call.prompt[0]?.content).toContain('{"enum":["yes","no"]}');
    expect(warnings[0]).toContain("its root is not an object");
  });
});

describe("a file", () => {
  const image = { type: "file", mediaType: "image/png", data: "aGk=" } as const;

  it("goes with its content, its type and its name", async () => {
    const { call } = await asked({ messages: [user(image, { ...image, mediaType: "application/pdf", name: "a.pdf" })] });
    expect(call.prompt[0]?.content).toEqual([
      { type: "file", mediaType: "image/png", data: { type: "data", data: "aGk=" } },
      { type: "file", mediaType: "application/pdf", filename: "a.pdf", data: { type: "data", data: "aGk=" } },
    ]);
  });

  it("goes by its address to a model that fetches such addresses", async () => {
    const url = "https://files.example/Photo.PNG?Key=1";
    const supportedUrls = { "application/*": [], "image/*": [/^https:\/\/files\.example\//] };
    const { call } = await asked({ messages: [user({ type: "file", mediaType: "image/png", url })] }, { supportedUrls });
    expect(call.prompt[0]?.content).toEqual([{ type: "file", mediaType: "image/png", data: { type: "url", url: new URL(url) } }]);
  });

  it.each([
    ["https://files.example/a.png?key=secret", "https://files.example"],
    ["not an address", "an address that is no URL"],
  ])("by the address %s is refused by a model that does not fetch it, and Kindling fetches nothing", async (url, shown) => {
    const { model, calls } = played();
    const error = await failureOf(aiSdk({ model, id: "own" }), { ...ASK, messages: [user({ type: "file", mediaType: "image/png", url })] });
    expect(error).toMatchObject({ code: "unsupported", retryable: false });
    expect(error.message).toBe(`own: the model does not fetch files of type image/png from ${shown}`);
    expect(calls).toEqual([]);
  });
});

describe("the conversation", () => {
  it("goes back with tool calls and results, failed ones marked as such, in words as well", async () => {
    const { call } = await asked({
      messages: [
        {
          role: "assistant",
          content: [
            { type: "text", text: "" },
            { type: "tool-call", id: "c1", name: "add", input: { a: 1 } },
          ],
        },
        {
          role: "tool",
          content: [
            { type: "tool-result", id: "c1", name: "add", output: { sum: 3 } },
            { type: "tool-result", id: "c2", name: "add", output: "three" },
            { type: "tool-result", id: "c3", name: "add", output: "too big", isError: true },
            { type: "tool-result", id: "c4", name: "add", output: { code: 1 }, isError: true },
          ],
        },
      ],
    });
    expect(call.prompt[0]?.content).toEqual([{ type: "tool-call", toolCallId: "c1", toolName: "add", input: { a: 1 } }]);
    const results = call.prompt[1]?.role === "tool" ? call.prompt[1].content : [];
    expect(results.map((part) => (part.type === "tool-result" ? part.output : part))).toEqual([
      { type: "json", value: { sum: 3 } },
      { type: "text", value: "three" },
      { type: "error-text", value: "Error: too big" },
      { type: "error-text", value: 'Error: {"code":1}' },
    ]);
  });

  it("hands the metadata of a reply back to the model that gave it, and to no other", async () => {
    const reply = await replyWithMetadata();
    const messages: readonly ModelMessage[] = [{ role: "assistant", content: reply.content }];
    const again = await asked({ messages });
    expect(again.call.prompt[0]?.content).toEqual([
      { type: "reasoning", text: "Let me see.", providerOptions: { played: { signature: "s1" } } },
      { type: "text", text: "Here.", providerOptions: { played: { itemId: "m1" } } },
      { type: "tool-call", toolCallId: "c1", toolName: "add", input: {}, providerOptions: { played: { thoughtSignature: "t1" } } },
    ]);
    const { model, calls } = played(undefined, { modelId: "other" });
    await generate(aiSdk({ model, id: "own" }), { ...ASK, model: "other", messages }, idle());
    expect(calls[0]?.prompt[0]?.content).toEqual([
      { type: "text", text: "Here." },
      { type: "tool-call", toolCallId: "c1", toolName: "add", input: {} },
    ]);
  });
});

/** A reply whose parts carry marks that only their maker understands. */
async function replyWithMetadata(): Promise<ModelReply> {
  const { model } = played([
    { type: "reasoning-start", id: "r" },
    { type: "reasoning-delta", id: "r", delta: "Let me see." },
    { type: "reasoning-end", id: "r", providerMetadata: { played: { signature: "s1" } } },
    { type: "text-start", id: "0", providerMetadata: { played: { itemId: "m1" } } },
    { type: "text-delta", id: "0", delta: "Here." },
    { type: "text-end", id: "0" },
    { type: "tool-call", toolCallId: "c1", toolName: "add", input: "{}", providerMetadata: { played: { thoughtSignature: "t1" } } },
    finish("tool-calls"),
  ]);
  return generate(aiSdk({ model, id: "own" }), ASK, idle());
}

describe("what a family is told in its own words", () => {
  const cached: Partial<ModelRequest> = {
    messages: [
      {
        role: "system",
        content: [
          { type: "text", text: "Long.", cache: "1h" },
          { type: "text", text: "Short." },
        ],
      },
      user({ type: "text", text: "Hello." }),
    ],
    cache: { auto: "5m", key: "tickets" },
    parallelToolCalls: false,
    tools: [{ name: "add", description: "Adds.", inputSchema: SCHEMA }],
  };

  it("marks for Anthropic's family, alone or behind a gateway", async () => {
    const direct = await asked(cached, { provider: "vertex.anthropic.messages" });
    const behind = await asked(
      { ...cached, model: "anthropic/claude-opus-5-5" },
      { provider: "gateway", modelId: "anthropic/claude-opus-5-5" },
    );
    const mark = (ttl: string) => ({ providerOptions: { anthropic: { cacheControl: { type: "ephemeral", ttl } } } });
    for (const { call, warnings } of [direct, behind]) {
      expect(call.prompt).toEqual([
        { role: "system", content: "Long.", ...mark("1h") },
        { role: "system", content: "Short." },
        { role: "user", content: [{ type: "text", text: "Hello.", ...mark("5m") }] },
      ]);
      expect(call.providerOptions).toEqual({ anthropic: { disableParallelToolUse: true } });
      expect(warnings.map((warning) => warning.split(":")[0])).toEqual(["cache.key"]);
    }
  });

  it("marks for Bedrock", async () => {
    const { call } = await asked({ cache: { auto: "1h" } }, { provider: "amazon-bedrock" });
    expect(call.prompt[1]?.content).toEqual([
      { type: "text", text: "Say hello.", providerOptions: { bedrock: { cachePoint: { type: "default" } } } },
    ]);
  });

  it("a key for OpenAI's family, which remembers by itself and needs no marks", async () => {
    const { call, warnings } = await asked(cached, { provider: "azure.responses" });
    expect(call.providerOptions).toEqual({ openai: { promptCacheKey: "tickets", parallelToolCalls: false } });
    expect(call.prompt[0]).toEqual({ role: "system", content: "Long.\n\nShort." });
    expect(warnings).toEqual([]);
  });

  it("nothing for other families, with a warning for each wish", async () => {
    const { call, warnings } = await asked(cached);
    expect(call.providerOptions).toBeUndefined();
    expect(JSON.stringify(call.prompt)).not.toContain("providerOptions");
    expect(warnings.map((warning) => warning.split(":")[0])).toEqual(["cache.key", "parallelToolCalls", "cache"]);
  });

  it("what the request itself says goes on under the name of the family's options, and wins", async () => {
    const own = { promptCacheKey: "mine", serviceTier: "flex" };
    const { call } = await asked({ ...cached, providerOptions: { own, other: { a: 1 } } }, { provider: "openai.responses" });
    expect(call.providerOptions).toEqual({ openai: { promptCacheKey: "mine", parallelToolCalls: false, serviceTier: "flex" } });

    const hyphened = await asked({ providerOptions: { own } }, { provider: "my-server.chat" });
    expect(hyphened.call.providerOptions).toEqual({ myServer: own });
    const named = await asked({ providerOptions: { own } }, {}, { optionsName: "google" });
    expect(named.call.providerOptions).toEqual({ google: own });
  });
});

describe("a model of version 3", () => {
  it("is called with untagged files, and without a setting for reasoning, which is told", async () => {
    const { model, calls } = playedThird([{ type: "stream-start", warnings: [{ type: "other", message: "old" }] }, ...third, finishThird]);
    const { warnings, content, usage } = await generate(
      aiSdk(model),
      {
        ...ASK,
        reasoning: { effort: "low" },
        messages: [
          { role: "system", content: [{ type: "text", text: "Be brief." }] },
          user(
            { type: "text", text: "Look." },
            { type: "file", mediaType: "image/png", data: "aGk=" },
            { type: "file", mediaType: "image/png", url: "https://files.example/a.png" },
          ),
        ],
      },
      idle(),
    );
    expect(calls[0]?.prompt).toEqual([
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "text", text: "Look." },
          { type: "file", mediaType: "image/png", data: "aGk=" },
          { type: "file", mediaType: "image/png", data: new URL("https://files.example/a.png") },
        ],
      },
    ]);
    expect(calls[0]).not.toHaveProperty("reasoning");
    expect(warnings).toEqual([expect.stringContaining("reasoning: models of version 3"), "old"]);
    expect(content).toEqual([{ type: "text", text: "ok" }]);
    expect(usage.input).toBe(120);
  });
});

const third = text("ok") as Parameters<typeof playedThird>[0];
const finishThird = finish() as Parameters<typeof playedThird>[0][number];
