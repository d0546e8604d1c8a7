// How AI SDK models are taken in, and a run with one over the true wire of the real package for compatible servers.

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { HttpResponse } from "msw";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { z } from "zod";
import { aiSdk, type AiSdkModel } from "../../providers/ai-sdk.ts";
import { contract, createRuntime, memoryLedger, tool } from "../../src/index.ts";
import { generate } from "../../src/model/model.ts";
import { answer, failureOf, idle, REQUEST } from "../conformance/provider.ts";
import { aiSdkFixture } from "./ai-sdk-fixture.ts";
import { finish, played, playedInTurn, text } from "./ai-sdk-played.ts";
import { useServer } from "./server.ts";
import { chatBody, chatChunks, chatText, SSE, streamed } from "./wire.ts";

useServer();
afterEach(() => vi.unstubAllEnvs());

const ASK = { ...REQUEST, model: "tune" };
const noModel = (value: unknown): AiSdkModel => value as AiSdkModel;

describe("taking models in", () => {
  it("one model is named by its own provider and its own name", async () => {
    const provider = aiSdk(played().model);
    expect(provider.id).toBe("played");
    expect(provider.readiness()).toEqual({ ready: true });
    const error = await failureOf(provider, { ...ASK, model: "other" });
    expect(error).toMatchObject({
      code: "model_not_found",
      fix: 'Name it "played:tune", or give aiSdk a function that makes models by name.',
    });
    expect(error.message).toBe('played: there is no model "other"; the provider was made of one model, "tune"');
  });

  it("a function is asked for every call's model by its name", async () => {
    const asked: string[] = [];
    const provider = aiSdk({
      id: "own",
      model: (name) => {
        asked.push(name);
        return played(undefined, { modelId: name }).model;
      },
    });
    expect((await generate(provider, { ...ASK, model: "large" }, idle())).model).toBe("large");
    await generate(provider, { ...ASK, model: "small" }, idle());
    expect(asked).toEqual(["large", "small"]);
  });

  it.each(["", "a:b"])("the prefix %j is refused", (id) => {
    expect(() => aiSdk({ id, model: () => played().model })).toThrow(
      expect.objectContaining({ code: "bad_provider_id", fix: expect.stringContaining("aiSdk({ id:") as unknown }) as Error,
    );
  });

  it.each([[undefined], ["mistral-large"], [{ modelId: "x" }]])("a function that gives %j is told", async (value) => {
    expect(await failureOf(aiSdk({ id: "own", model: () => noModel(value) }), ASK)).toMatchObject({
      code: "not_configured",
      message: "own: what aiSdk was given is no language model of the AI SDK",
    });
  });

  it("a model of another version of the specification is told before and at the call", async () => {
    const provider = aiSdk(noModel({ ...played().model, specificationVersion: "v2" }));
    const readiness = provider.readiness();
    expect(readiness.ready ? "" : readiness.message).toBe(
      'played: the model is of version "v2" of the AI SDK\'s specification; v4 and v3 are known',
    );
    expect(await failureOf(provider, ASK)).toMatchObject({ code: "not_configured", fix: expect.stringContaining("ai 7") as unknown });
  });

  it("a function that throws fails the call and nothing else", async () => {
    const provider = aiSdk({
      id: "own",
      model: () => {
        throw Object.assign(new Error("key is missing"), { name: "AI_LoadAPIKeyError" });
      },
    });
    expect(await failureOf(provider, ASK)).toMatchObject({ code: "not_configured", retryable: false, message: "own: key is missing" });
  });

  it("what is known of the models is stated; what their makers show is read; the rest is unknown", () => {
    expect(aiSdk(played().model).capabilities("tune")).toMatchObject({ structuredOutput: "unknown", tools: "unknown", countsTokens: "no" });
    expect(aiSdk(played([], { supportsStructuredOutputs: true }).model).capabilities("tune").structuredOutput).toBe("native");
    expect(aiSdk(played([], { supportsStructuredOutputs: false }).model).capabilities("tune").structuredOutput).toBe("none");
    const stated = aiSdk({ model: played().model, capabilities: (name) => ({ tools: name === "tune" ? "yes" : "no", files: [] }) });
    expect(stated.capabilities("tune")).toMatchObject({ tools: "yes", files: [] });
    expect(stated.capabilities("other").tools).toBe("no");
  });
});

describe("a run", () => {
  const place = contract("place", {
    inputs: { question: z.string() },
    define(g, { question }) {
      return g.llm("ask", {
        needs: { question },
        prompt: (needs) => needs.question,
        output: z.object({ city: z.string() }),
        model: "compatible:large",
        temperature: 0,
      });
    },
  });

  it("asks the real package's model over the true wire, and checks what came", async () => {
    const bodies = answer(aiSdkFixture, () => streamed(chatBody(chatChunks(chatText('{"city":"Paris"}'), "stop")), SSE));
    const kindling = await createRuntime({ contracts: [place], ledger: memoryLedger(), models: [aiSdkFixture.create({ apiKey: "k" })] });
    onTestFinished(() => kindling.close());
    const run = await kindling.start(place, { question: "Where?" });
    expect(await run.result()).toEqual({ city: "Paris" });
    expect(bodies).toEqual([
      {
        model: "large",
        messages: [{ role: "user", content: "Where?" }],
        max_tokens: 8_192,
        temperature: 0,
        stream: true,
        stream_options: { include_usage: true },
        response_format: {
          type: "json_schema",
          json_schema: {
            name: "ask",
            strict: true,
            schema: expect.objectContaining({ properties: { city: { type: "string" } }, required: ["city"] }) as unknown,
          },
        },
      },
    ]);
  });

  it("with tools gives the model its own marks back with what its tools said", async () => {
    const providerMetadata = { played: { signature: "s1" } };
    const { model, calls } = playedInTurn(
      [
        { type: "reasoning-start", id: "r" },
        { type: "reasoning-delta", id: "r", delta: "I need a sum." },
        { type: "reasoning-end", id: "r", providerMetadata },
        { type: "tool-call", toolCallId: "c1", toolName: "add", input: '{"a":1,"b":2}' },
        finish("tool-calls"),
      ],
      [...text("Three."), finish()],
    );
    const add = tool("add", {
      description: "Adds.",
      input: z.object({ a: z.number(), b: z.number() }),
      run: ({ a, b }) => ({ sum: a + b }),
    });
    const sum = contract("sum", {
      inputs: {},
      define: (g) => g.llm("ask", { needs: {}, prompt: () => "1 and 2?", tools: [add], model: "played:tune" }),
    });
    const kindling = await createRuntime({ contracts: [sum], ledger: memoryLedger(), models: [aiSdk(model)] });
    onTestFinished(() => kindling.close());
    expect(await (await kindling.start(sum, {})).result()).toBe("Three.");
    expect(calls[0]?.tools).toMatchObject([{ type: "function", name: "add", description: "Adds." }]);
    expect(calls[1]?.prompt.slice(1)).toEqual([
      {
        role: "assistant",
        content: [
          { type: "reasoning", text: "I need a sum.", providerOptions: providerMetadata },
          { type: "tool-call", toolCallId: "c1", toolName: "add", input: { a: 1, b: 2 } },
        ],
      },
      { role: "tool", content: [{ type: "tool-result", toolCallId: "c1", toolName: "add", output: { type: "json", value: { sum: 3 } } }] },
    ]);
  });

  it("is not begun without the key whose variable is named", async () => {
    vi.stubEnv("COMPATIBLE_API_KEY", "");
    const kindling = await createRuntime({ contracts: [place], ledger: memoryLedger(), models: [aiSdkFixture.create()] });
    onTestFinished(() => kindling.close());
    await expect(kindling.start(place, { question: "Where?" })).rejects.toMatchObject({
      code: "not_configured",
      fix: "Set COMPATIBLE_API_KEY.",
    });
  });

  it("a server without schemas is told in words what is wanted, and a reply that does not fit is repaired once", async () => {
    const replies = ["Paris, I think.", '{"city":"Paris"}'];
    const bodies = answer({ url: "https://plain.example/v1/chat/completions" }, () => {
      const next = replies.shift();
      return next === undefined ? HttpResponse.error() : streamed(chatBody(chatChunks(chatText(next), "stop")), SSE);
    });
    const plain = createOpenAICompatible({ name: "plain", baseURL: "https://plain.example/v1", includeUsage: true });
    const kindling = await createRuntime({
      contracts: [place],
      ledger: memoryLedger(),
      models: [aiSdk({ id: "compatible", model: (name) => plain(name) })],
    });
    onTestFinished(() => kindling.close());
    const run = await kindling.start(place, { question: "Where?" });
    expect(await run.result()).toEqual({ city: "Paris" });
    expect(bodies[0]).toMatchObject({ response_format: { type: "json_object" } });
    expect(JSON.stringify(bodies[0]?.["messages"])).toContain("It must match this JSON Schema");
    expect(bodies).toHaveLength(2);
  });
});
