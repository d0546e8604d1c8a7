// Which model the main example takes: the first that is there.

import { beforeEach, describe, expect, it, vi } from "vitest";
import { chooseModel } from "../../examples/release-notes/models.ts";

const VARIABLES = ["MODEL", "ANTHROPIC_API_KEY", "ANTHROPIC_MODEL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "OLLAMA_MODEL"];

beforeEach(() => {
  for (const variable of VARIABLES) vi.stubEnv(variable, "");
  serve({});
});

describe("the model is", () => {
  it("the rule-based stand-in when there is nothing else, said in one line", async () => {
    const { model, line } = await chooseModel();
    expect(model).toBe("rules:words");
    expect(line).toMatch(/^Model: rules:words \(a rule-based stand-in that calls no model: there is no ANTHROPIC_API_KEY.*\)$/);
  });

  it("Claude with a key, whatever else is there", async () => {
    vi.stubEnv("ANTHROPIC_API_KEY", "key");
    vi.stubEnv("OPENAI_API_KEY", "key");
    expect((await chooseModel()).model).toBe("anthropic:claude-sonnet-5-5");
    vi.stubEnv("ANTHROPIC_MODEL", "claude-haiku-5-5");
    expect((await chooseModel()).model).toBe("anthropic:claude-haiku-5-5");
  });

  it("OpenAI's with its key", async () => {
    vi.stubEnv("OPENAI_API_KEY", "key");
    expect((await chooseModel()).model).toBe("openai:gpt-6-luna");
    vi.stubEnv("OPENAI_MODEL", "gpt-6-sol");
    expect((await chooseModel()).model).toBe("openai:gpt-6-sol");
  });

  it("the first of a compatible server", async () => {
    vi.stubEnv("OPENAI_API_KEY", "key");
    vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1/");
    serve({ "http://127.0.0.1:8080/v1/models": { object: "list", data: [{ id: "qwen3-8b", object: "model" }] } });
    expect((await chooseModel()).model).toBe("openai:qwen3-8b");
  });

  it("asked for when a compatible server does not say which it has", async () => {
    vi.stubEnv("OPENAI_API_KEY", "key");
    vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1");
    await expect(chooseModel()).rejects.toMatchObject({ code: "no_model", fix: "Name one: OPENAI_MODEL=… npm start" });
  });

  it("one of Ollama's when it runs here and has one that writes", async () => {
    serve({ "http://127.0.0.1:11434/api/tags": { models: [{ name: "nomic-embed-text:latest" }, { name: "qwen3:8b" }] } });
    expect((await chooseModel()).model).toBe("ollama:qwen3:8b");
    serve({ "http://127.0.0.1:11434/api/tags": { models: [] } });
    expect((await chooseModel()).model).toBe("rules:words");
  });

  it("the one that MODEL names", async () => {
    vi.stubEnv("ANTHROPIC_API_KEY", "key");
    vi.stubEnv("MODEL", "rules:words");
    expect((await chooseModel()).model).toBe("rules:words");
  });
});

/** Answers by address; every other address is not reachable. */
function serve(pages: Readonly<Record<string, unknown>>): void {
  vi.stubGlobal("fetch", (address: string) =>
    Object.hasOwn(pages, address) ? Promise.resolve(Response.json(pages[address])) : Promise.reject(new TypeError("fetch failed")),
  );
}
