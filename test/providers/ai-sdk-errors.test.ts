// What AI SDK models throw and what their streams report, as ModelError: by the real classes, and by shapes that carry the same members.

import {
  APICallError,
  EmptyResponseBodyError,
  InvalidResponseDataError,
  JSONParseError,
  LoadAPIKeyError,
  NoSuchModelError,
  TypeValidationError,
  UnsupportedFunctionalityError,
} from "@ai-sdk/provider";
import { describe, expect, it } from "vitest";
import { aiSdk } from "../../providers/ai-sdk.ts";
import type { ModelError } from "../../src/model/model.ts";
import { failureOf, idle, REQUEST } from "../conformance/provider.ts";
import { finish, played, text } from "./ai-sdk-played.ts";

const ASK = { ...REQUEST, model: "tune" };
const PROMPT = "a prompt that no error may show";
const REPLY = "a reply that no error may show";

/** Models throw what they like, also what is no error. */
function thrown(error: unknown): Promise<ModelError> {
  const doStream = () => {
    const { promise, reject } = Promise.withResolvers<never>();
    reject(error);
    return promise;
  };
  return failureOf(aiSdk(played([], { doStream }).model), ASK);
}
const reported = (error: unknown): Promise<ModelError> =>
  failureOf(aiSdk(played([...text("So"), { type: "error", error }, finish("error")]).model), ASK);

const apiCallError = (statusCode: number | undefined, detail: Partial<ConstructorParameters<typeof APICallError>[0]> = {}) =>
  new APICallError({
    message: "no luck",
    url: "https://models.example/v1",
    requestBodyValues: { messages: [PROMPT] },
    ...(statusCode === undefined ? {} : { statusCode }),
    ...detail,
  });

describe("a response that failed", () => {
  it.each([
    [{ error: { code: "insufficient_quota", type: "rate_limit" } }, 429, "billing", false],
    [{ error: { code: "context_length_exceeded" } }, 400, "context_too_long", false],
    [{ type: "error", error: { type: "overloaded_error" } }, 500, "overloaded", true],
    [{ error: { status: "PERMISSION_DENIED", code: 403 } }, 400, "permission", false],
    [{ __type: "x" }, 402, "billing", false],
  ])("with the body %o and status %i is %s", async (data, status, code, retryable) => {
    expect(await thrown(apiCallError(status, { data }))).toMatchObject({ code, status, retryable });
    expect(await thrown(apiCallError(status, { responseBody: JSON.stringify(data) }))).toMatchObject({ code, retryable });
  });

  it("says itself whether to try again, where its body does not", async () => {
    expect(await thrown(apiCallError(409))).toMatchObject({ code: "invalid_request", retryable: true });
    const headers = { "retry-after": "3", "x-request-id": "req_1" };
    expect(await thrown(apiCallError(503, { isRetryable: false, responseHeaders: headers }))).toMatchObject({
      code: "overloaded",
      retryable: false,
      retryAfterMs: 3_000,
      requestId: "req_1",
      message: "played: 503 no luck",
    });
  });

  it("is known by its shape, and its pause is found in what caused it", async () => {
    const gateway = Object.assign(new Error("Rate limit exceeded"), {
      name: "GatewayRateLimitError",
      type: "rate_limit_exceeded",
      statusCode: 429,
      isRetryable: true,
      cause: apiCallError(429, { responseHeaders: { "retry-after-ms": "250" } }),
    });
    expect(await thrown(gateway)).toMatchObject({ code: "rate_limited", status: 429, retryable: true, retryAfterMs: 250 });
  });

  it("keeps nothing of the request, the reply and the headers", async () => {
    const error = await thrown(apiCallError(500, { responseBody: REPLY, responseHeaders: { "set-cookie": REPLY } }));
    const shown = JSON.stringify([error.message, error.toJSON(), Object.entries(error), error.cause ?? null]);
    expect(shown).not.toMatch(/no error may show/);
  });
});

describe("the AI SDK's own errors", () => {
  it.each([
    [new LoadAPIKeyError({ message: "Mistral API key is missing. Set MISTRAL_API_KEY." }), "not_configured", /MISTRAL_API_KEY/],
    [new NoSuchModelError({ modelId: "tune", modelType: "languageModel" }), "model_not_found", /tune/],
    [new UnsupportedFunctionalityError({ functionality: "file parts" }), "unsupported", /file parts/],
    [new JSONParseError({ text: REPLY, cause: new SyntaxError("x") }), "protocol", /not JSON/],
    [new TypeValidationError({ value: REPLY, cause: new Error("x") }), "protocol", /the form that this API promises/],
    [new EmptyResponseBodyError(), "protocol", /no body/],
    [new InvalidResponseDataError({ data: { text: REPLY } }), "protocol", /the form that this API promises/],
    [
      new InvalidResponseDataError({ data: undefined, message: "Response stream ended without a finish reason." }),
      "stream_cut",
      /ended before/,
    ],
  ])("%s", async (error, code, message) => {
    for (const failed of [await thrown(error), await reported(error)]) {
      expect(failed).toMatchObject({ code, retryable: code === "stream_cut" });
      expect(failed.message).toMatch(message);
      expect(`${failed.message} ${String(failed.cause)}`).not.toContain(REPLY);
    }
  });

  it("a connection that cannot be made is a network fault, one that breaks is a cut stream", async () => {
    const system = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:9"), { code: "ECONNREFUSED" });
    const refused = await thrown(apiCallError(undefined, { message: "Cannot connect to API", cause: system, isRetryable: true }));
    expect(refused).toMatchObject({ code: "network", retryable: true });
    expect(refused.message).toContain("ECONNREFUSED");
    expect(refused.cause).toBe(system);
    const broken = apiCallError(200, { message: "Failed to process successful response", cause: new TypeError("terminated") });
    expect(await reported(broken)).toMatchObject({ code: "stream_cut", retryable: true });
    expect(await thrown(apiCallError(undefined, { isRetryable: true }))).toMatchObject({ code: "network" });
  });

  it("a time limit of the model's own is a timeout, and an abort that nobody asked for a cut stream", async () => {
    expect(await thrown(new DOMException("late", "TimeoutError"))).toMatchObject({ code: "timeout", retryable: true });
    expect(await thrown(new DOMException("gone", "AbortError"))).toMatchObject({ code: "stream_cut", retryable: true });
  });

  it("anything else is unknown and not tried again", async () => {
    expect(await thrown(new Error("the model has a fault"))).toMatchObject({ code: "unknown", retryable: false });
    expect(await thrown(Object.assign(new Error("odd name"), { name: "constructor" }))).toMatchObject({ code: "unknown" });
    expect(await thrown("odd")).toMatchObject({ code: "unknown", message: "played: odd" });
    expect(await thrown(undefined)).toMatchObject({ code: "unknown", message: "played: the error has no message" });
  });
});

describe("an error inside a stream", () => {
  it.each([
    [{ message: "busy", type: "server_is_overloaded", code: null }, "overloaded", true],
    [{ type: "error", error: { type: "rate_limit_error", message: "slow down" } }, "rate_limited", true],
    [{ message: "upstream", code: 502 }, "server", true],
    [{ message: "who are you", code: 401 }, "auth", false],
    [{ message: "who are you", name: "constructor", statusCode: 429 }, "rate_limited", true],
    [{ message: "what is this" }, "server", true],
    ["boom", "server", true],
    [apiCallError(429), "rate_limited", true],
  ])("%o is %s", async (error, code, retryable) => {
    expect(await reported(error)).toMatchObject({ code, retryable });
  });
});

describe("a cancel", () => {
  it("ends a call whose model does not listen, and closes its stream", async () => {
    let isClosed = false;
    const stream = new ReadableStream<never>({ cancel: () => void (isClosed = true) });
    const controller = new AbortController();
    const provider = aiSdk(played([], { doStream: () => Promise.resolve({ stream }) }).model);
    setImmediate(() => controller.abort());
    expect(await failureOf(provider, ASK, { signal: controller.signal })).toMatchObject({ code: "aborted", retryable: false });
    expect(isClosed).toBe(true);
  });

  it("ends a call whose model does not even begin, and closes what comes of it later", async () => {
    const closed = Promise.withResolvers<void>();
    const later = Promise.withResolvers<{ readonly stream: ReadableStream<never> }>();
    const controller = new AbortController();
    const provider = aiSdk(played([], { doStream: () => later.promise }).model);
    setImmediate(() => controller.abort());
    expect(await failureOf(provider, ASK, { signal: controller.signal })).toMatchObject({ code: "aborted" });
    later.resolve({ stream: new ReadableStream({ cancel: () => closed.resolve() }) });
    await closed.promise;
  });

  it.each([
    ["silence", { idleMs: 20 }, "nothing came for 0.02 s"],
    ["a call without end", { totalMs: 20 }, "no complete answer within 0.02 s"],
  ])("comes by itself after %s, also where the model does not listen", async (_what, timeouts, message) => {
    const closed = Promise.withResolvers<void>();
    const stream = new ReadableStream<never>({ cancel: () => closed.resolve() });
    const { model } = played([], { doStream: () => Promise.resolve({ stream }) });
    expect(await failureOf(aiSdk({ model, timeouts }), ASK)).toMatchObject({
      code: "timeout",
      retryable: true,
      message: `played: ${message}`,
    });
    await closed.promise;
  });

  it("closes the stream also when the reader has enough", async () => {
    const closed = Promise.withResolvers<void>();
    const stream = new ReadableStream({
      start: (controller) => controller.enqueue({ type: "text-delta", id: "0", delta: "So" }),
      cancel: () => closed.resolve(),
    });
    const provider = aiSdk(played([], { doStream: () => Promise.resolve({ stream }) }).model);
    for await (const event of provider.stream(ASK, idle())) if (event.type === "text-delta") break;
    await closed.promise;
  });
});
