import { http, HttpResponse } from "msw";
import { afterEach, describe, expect, it, vi } from "vitest";
import { toRequest } from "../../providers/ollama/request.ts";
import { ollama } from "../../providers/ollama.ts";
import { generate, type ModelRequest } from "../../src/model/model.ts";
import { answer, failureOf, REQUEST } from "../conformance/provider.ts";
import { at } from "./body-places.ts";
import { ollamaFixture } from "./fixtures.ts";
import { server, useServer } from "./server.ts";
import { lines, NDJSON, ollamaChunks, ollamaText, streamed } from "./wire.ts";

useServer();
afterEach(() => vi.unstubAllEnvs());

const context = { signal: new AbortController().signal };
const settings = { provider: "ollama", contextTokens: undefined, capabilities: ollama().capabilities("some-model") };
const ok = () => streamed(lines(ollamaChunks(ollamaText("ok"))), NDJSON);

describe("ollama requests", () => {
  it("a plain request is a plain body", () => {
    expect(toRequest({ ...REQUEST, temperature: 0 }, { ...settings, contextTokens: 8192 })).toEqual({
      warnings: [],
      body: {
        model: "some-model",
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "Say hello." },
        ],
        options: { num_predict: 100, num_ctx: 8192, temperature: 0 },
      },
    });
  });

  it.each([
    ["qwen3", "none", false, 0],
    ["qwen3", "high", true, 1],
    ["gpt-oss:20b", "medium", "medium", 0],
    ["gpt-oss:20b", "max", "high", 1],
  ] as const)("%s with effort %s thinks: %s", (model, effort, think, warned) => {
    const { body, warnings } = toRequest(
      { ...REQUEST, model, reasoning: { effort } },
      { ...settings, capabilities: ollama().capabilities(model) },
    );
    expect(body.think).toBe(think);
    expect(warnings).toHaveLength(warned);
  });

  it("a required tool call is refused, since nothing can enforce it; none sends no tools", () => {
    const tools = [{ name: "add", description: "Adds.", inputSchema: { type: "object" } }];
    for (const toolChoice of ["required", { tool: "add" }] as const)
      expect(() => toRequest({ ...REQUEST, tools, toolChoice }, settings)).toThrow(
        /cannot be made to call .*Ollama's API has no tool choice/,
      );
    expect(toRequest({ ...REQUEST, tools, toolChoice: "none" }, settings).body).not.toHaveProperty("tools");
  });

  it("an image text that names a local file is sent as it stands", async () => {
    const bodies = answer(ollamaFixture, ok);
    await generate(
      ollama(),
      { ...REQUEST, messages: [{ role: "user", content: [{ type: "file", mediaType: "image/png", data: "/etc/hostname" }] }] },
      context,
    );
    expect(at(bodies[0], "messages", 0, "images", 0)).toBe("/etc/hostname");
  });

  it.each(["localhost", "localhost:11434", "http://localhost:11434", "http://localhost:11434/"])(
    "OLLAMA_HOST %s is understood",
    async (host) => {
      vi.stubEnv("OLLAMA_HOST", host);
      const bodies = answer({ url: "http://localhost:11434/api/chat" }, ok);
      await generate(ollama(), REQUEST, context);
      expect(bodies).toHaveLength(1);
    },
  );

  it("an address that is none is told", () => {
    expect(ollama({ host: "http://" }).readiness()).toMatchObject({ ready: false });
  });
});

describe("ollama replies", () => {
  it("thinking is streamed, kept and given back to its model", async () => {
    answer(ollamaFixture, () => streamed(lines(ollamaChunks([{ thinking: "Hm." }, ...ollamaText("ok")])), NDJSON));
    const { content, usage } = await generate(ollama(), REQUEST, context);
    expect(usage).toEqual({ input: 26, output: 7, cacheRead: null, cacheWrite: null, reasoning: null });

    const next: ModelRequest = { ...REQUEST, messages: [{ role: "assistant", content }] };
    expect(toRequest(next, settings).body.messages).toEqual([{ role: "assistant", content: "ok", thinking: "Hm." }]);
    expect(toRequest({ ...next, model: "another" }, settings).body.messages).toEqual([{ role: "assistant", content: "ok" }]);
  });

  it("a line without end is a protocol fault, and is not kept for ever", async () => {
    answer(ollamaFixture, () => streamed(`{"model": "${"x".repeat(33_000_000)}`, NDJSON, {}, 1_000_000));
    expect(await failureOf(ollama())).toMatchObject({
      code: "protocol",
      message: "ollama: a line of the reply is longer than 32000000 characters",
    });
  });

  it("a page instead of a reply is a protocol fault, and nothing is printed", async () => {
    const print = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    answer(ollamaFixture, () => streamed("<html>hello</html>", "text/html"));
    expect(await failureOf(ollama())).toMatchObject({ code: "protocol" });
    expect(print).not.toHaveBeenCalled();
    print.mockRestore();
  });
});

describe("asking the server what a model can do", () => {
  it("goes before what is known by name", async () => {
    server.use(
      http.post("http://127.0.0.1:11434/api/show", () =>
        HttpResponse.json({
          capabilities: ["completion", "tools", "thinking"],
          model_info: { "qwen3.context_length": 40_960, "qwen3.block_count": 36 },
        }),
      ),
    );
    const provider = ollama();
    expect(provider.capabilities("qwen3")).toMatchObject({ tools: "unknown", reasoning: "unknown", forcedTools: "no", countsTokens: "no" });
    const told = await provider.askCapabilities("qwen3");
    expect(told).toMatchObject({ tools: "yes", reasoning: "yes", files: [], maxInputTokens: 40_960 });
    expect(provider.capabilities("qwen3")).toEqual(told);
    expect(ollama().capabilities("qwen3").tools).toBe("unknown");
  });

  it("a model that does not think is not asked to", async () => {
    server.use(http.post("http://127.0.0.1:11434/api/show", () => HttpResponse.json({ capabilities: ["completion"], model_info: {} })));
    const provider = ollama();
    await provider.askCapabilities("gemma");
    const bodies = answer(ollamaFixture, ok);
    const { warnings } = await generate(provider, { ...REQUEST, model: "gemma", reasoning: { effort: "high" } }, context);
    expect(bodies[0]).not.toHaveProperty("think");
    expect(warnings).toEqual(['reasoning: gemma does not think; the effort "high" was left out']);
  });

  it("a model that was never pulled is told", async () => {
    server.use(http.post("http://127.0.0.1:11434/api/show", () => HttpResponse.json({ error: "model 'nope' not found" }, { status: 404 })));
    await expect(ollama().askCapabilities("nope")).rejects.toMatchObject({
      code: "model_not_found",
      message: "ollama: 404 model 'nope' not found",
    });
  });
});

describe("ollama's key", () => {
  it.each([
    ["https://ollama.com", undefined, "Bearer from-the-environment"],
    ["http://ollama.com", undefined, null],
    ["https://models.example", undefined, null],
    ["https://models.example", "given-key", "Bearer given-key"],
  ])("%s with the key %s is sent %s", async (host, apiKey, sent) => {
    vi.stubEnv("OLLAMA_API_KEY", "from-the-environment");
    const headers: (string | null)[] = [];
    answer({ url: `${host}/api/chat` }, (given) => {
      headers.push(given.get("authorization"));
      return ok();
    });
    await generate(ollama({ host, ...(apiKey === undefined ? {} : { apiKey }) }), REQUEST, context);
    expect(headers).toEqual([sent]);
  });
});

describe("ollama settings", () => {
  it("all of sampling is sent", () => {
    const { body, warnings } = toRequest({ ...REQUEST, topP: 0.5, seed: 7, stop: ["END"] }, settings);
    expect(body.options).toEqual({ num_predict: 100, top_p: 0.5, seed: 7, stop: ["END"] });
    expect(warnings).toEqual([]);
  });

  it("the API's own members are merged into the options", () => {
    const { body } = toRequest({ ...REQUEST, providerOptions: { ollama: { keep_alive: "1h", options: { num_ctx: 4_096 } } } }, settings);
    expect(body).toMatchObject({ keep_alive: "1h", options: { num_predict: 100, num_ctx: 4_096 } });
  });

  it("several servers stand side by side by their ids, and reasoning goes back to its own only", async () => {
    const second = ollama({ id: "second", host: "http://second.example" });
    answer({ url: "http://second.example/api/chat" }, () =>
      streamed(lines(ollamaChunks([{ thinking: "Hm." }, ...ollamaText("ok")])), NDJSON),
    );
    const { content } = await generate(second, REQUEST, context);
    const next: ModelRequest = { ...REQUEST, messages: [{ role: "assistant", content }] };
    expect(toRequest(next, { ...settings, provider: "second" }).body.messages).toMatchObject([{ thinking: "Hm." }]);
    expect(toRequest(next, settings).body.messages?.[0]).not.toHaveProperty("thinking");
  });
});
