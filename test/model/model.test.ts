import { describe, expect, it } from "vitest";
import { failureOf } from "../../src/errors.ts";
import { generate, ModelError, type ModelEvent, type ModelProvider, type ModelRequest } from "../../src/model/model.ts";

const request: ModelRequest = { model: "m", messages: [], maxOutputTokens: 1 };
const providerOf = (events: readonly ModelEvent[]): ModelProvider => ({
  id: "fake",
  readiness: () => ({ ready: true }),
  capabilities: () => ({ structuredOutput: "none", tools: "no", files: [], reasoning: "no" }),
  async *stream() {
    yield* events;
  },
});

describe("generate", () => {
  it("a stream without a finish is cut, and may be tried again", async () => {
    await expect(
      generate(providerOf([{ type: "text-delta", delta: "x" }]), request, { signal: new AbortController().signal }),
    ).rejects.toMatchObject({ code: "stream_cut", retryable: true });
  });

  it("a stream that ends in silence after an abort is aborted", async () => {
    await expect(generate(providerOf([]), request, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "aborted",
      retryable: false,
    });
  });
});

describe("ModelError", () => {
  it("becomes a failure with what a program may read, and without its cause", () => {
    const error = new ModelError("rate_limited", "slow down", {
      provider: "p",
      retryable: true,
      retryAfterMs: 5,
      status: 429,
      requestId: "r",
      cause: new Error("secret"),
    });
    expect(failureOf(error)).toEqual({
      code: "rate_limited",
      message: "slow down",
      retryable: true,
      details: { provider: "p", status: 429, requestId: "r", retryAfterMs: 5 },
    });
    expect(JSON.stringify(error)).not.toContain("secret");
  });
});
