// What every provider over HTTP must do, whatever its wire looks like. Each provider's test gives its fixture: how it is made, and true
// wire texts.
// It runs on a mocked network; what needs real sockets is in provider-sockets.ts.

import { http, HttpResponse, type JsonBodyType } from "msw";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { JsonObject, JsonValue } from "../../src/json.ts";
import {
  type CallContext,
  generate,
  ModelError,
  type ModelEvent,
  type ModelProvider,
  type ModelReply,
  type ModelRequest,
} from "../../src/model/model.ts";
import { server } from "../providers/server.ts";
import { streamed } from "../providers/wire.ts";

/** One provider as the suite sees it. */
export interface ProviderFixture {
  readonly name: string;
  readonly id: string;
  /** Makes it for its own address, or for `origin` (`http://127.0.0.1:1234`). */
  readonly create: (options?: {
    readonly origin?: string;
    readonly apiKey?: string;
    readonly headers?: Readonly<Record<string, string>>;
  }) => ModelProvider;
  /** Where it posts at its own address. */
  readonly url: string;
  /** The environment variable of its key; undefined when it needs none. */
  readonly keyVariable?: string;
  readonly requestIdHeader?: string;
  readonly contentType: string;
  /** Complete replies, in true wire format. */
  readonly replies: {
    readonly text: (text: string) => string;
    readonly tool: (name: string, input: JsonValue) => string;
    readonly truncated: (text: string) => string;
    readonly refusal?: (reason: string) => string;
  };
  /** Broken replies: each begins with some text. */
  readonly broken: {
    readonly cut: string;
    readonly malformed: string;
    readonly errorInside: { readonly body: string; readonly code: string };
  };
  /** The JSON body of a failed response. */
  readonly failure: (status: number, message: string) => JsonBodyType;
  /** Reads a request body as the server would. */
  readonly read: {
    readonly schema: (body: JsonObject) => unknown;
    readonly text: (body: JsonObject) => string;
    readonly toolNames: (body: JsonObject) => readonly string[];
  };
}

export const REQUEST: ModelRequest = {
  model: "some-model",
  messages: [
    { role: "system", content: [{ type: "text", text: "Be brief." }] },
    { role: "user", content: [{ type: "text", text: "Say hello." }] },
  ],
  maxOutputTokens: 100,
};

/** A key that no error may show. */
export const KEY = "sk-conformance-secret-key";
/** A call that nobody cancels. */
export const idle = (): CallContext => ({ signal: new AbortController().signal });

/** Runs a call that must fail. */
export async function failureOf(provider: ModelProvider, request = REQUEST, context = idle()): Promise<ModelError> {
  const outcome = await generate(provider, request, context).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(ModelError);
  if (outcome instanceof ModelError) return outcome;
  throw new Error("the call did not fail");
}

/** Answers every post to the fixture's address and keeps the bodies. */
export function answer(
  fixture: Pick<ProviderFixture, "url">,
  respond: (headers: Headers) => HttpResponse<never> | HttpResponse<ReadableStream> | HttpResponse<JsonBodyType>,
): JsonObject[] {
  const bodies: JsonObject[] = [];
  server.use(
    http.post(fixture.url, async ({ request }) => {
      bodies.push((await request.json()) as JsonObject);
      return respond(request.headers);
    }),
  );
  return bodies;
}

/** All that can be seen on a mocked network. */
export function wireConformance(fixture: ProviderFixture): void {
  replyConformance(fixture);
  failureConformance(fixture);
  configurationConformance(fixture);
}

function replyConformance(fixture: ProviderFixture): void {
  describe(`${fixture.name}: replies`, () => {
    const reply = (body: string): JsonObject[] =>
      answer(fixture, () => streamed(body, fixture.contentType, { [fixture.requestIdHeader ?? "x-none"]: "req_1" }));
    const provider = fixture.create({ apiKey: KEY });

    it("text streams as deltas and is whole in the reply", async () => {
      const bodies = reply(fixture.replies.text("Hello wörld ✓"));
      const events: ModelEvent[] = [];
      for await (const event of provider.stream(REQUEST, idle())) events.push(event);

      const deltas = events.filter((event) => event.type === "text-delta").map(({ delta }) => delta);
      expect(deltas.join("")).toBe("Hello wörld ✓");
      expect(deltas.length).toBeGreaterThan(1);
      const finish = events.at(-1);
      expect(finish?.type).toBe("finish");
      const { content, stop } = finish?.type === "finish" ? finish.reply : ({} as Partial<ModelReply>);
      expect(content).toMatchObject([{ type: "text", text: "Hello wörld ✓" }]);
      expect(stop?.reason).toBe("stop");
      expect(fixture.read.text(bodies[0] ?? {})).toContain("Say hello.");
    });

    it("usage, model and request id are told; usage is in whole tokens", async () => {
      reply(fixture.replies.text("ok"));
      const { usage, model, requestId, warnings } = await generate(provider, REQUEST, idle());
      expect(usage.input).toBeGreaterThan(0);
      expect(usage.output).toBeGreaterThan(0);
      expect(model).not.toBe("");
      expect(warnings).toEqual([]);
      expect(requestId).toBe(fixture.requestIdHeader === undefined ? undefined : "req_1");
    });

    it("the reply is plain JSON", async () => {
      reply(fixture.replies.tool("add", { a: 1, b: [2, { c: "✓" }] }));
      const whole = await generate(provider, REQUEST, idle());
      expect(JSON.parse(JSON.stringify(whole))).toEqual(whole);
    });

    it("a tool call arrives with its input, and its result goes back", async () => {
      const tools = [
        {
          name: "add",
          description: "Adds.",
          inputSchema: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } }, required: ["a", "b"] },
        },
      ];
      const first = reply(fixture.replies.tool("add", { a: 1, b: 2 }));
      const { content, stop } = await generate(provider, { ...REQUEST, tools, toolChoice: "auto" }, idle());
      const call = content.find((part) => part.type === "tool-call");
      expect(stop.reason).toBe("tool-calls");
      expect(call).toMatchObject({ name: "add", input: { a: 1, b: 2 } });
      expect(call?.id).not.toBe("");
      expect(fixture.read.toolNames(first[0] ?? {})).toEqual(["add"]);

      const second = reply(fixture.replies.text("3"));
      const messages: ModelRequest["messages"] = [
        ...REQUEST.messages,
        { role: "assistant", content },
        { role: "tool", content: [{ type: "tool-result", id: call?.id ?? "", name: "add", output: { sum: 3 } }] },
      ];
      await generate(provider, { ...REQUEST, tools, messages }, idle());
      expect(JSON.stringify(second[0])).toContain('{\\"sum\\":3}');
    });

    it("a schema is sent natively", async () => {
      const bodies = reply(fixture.replies.text('{"city":"Paris"}'));
      const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
      const { warnings } = await generate(provider, { ...REQUEST, output: { name: "place", schema } }, idle());
      expect(fixture.read.schema(bodies[0] ?? {})).toMatchObject(schema);
      expect(warnings).toEqual([]);
    });

    it("a truncated reply is a reply that says so", async () => {
      reply(fixture.replies.truncated("Hello wor"));
      const { stop, content } = await generate(provider, REQUEST, idle());
      expect(stop.reason).toBe("length");
      expect(content).toMatchObject([{ type: "text", text: "Hello wor" }]);
    });

    it.skipIf(fixture.replies.refusal === undefined)("a refusal is a reply with its reason", async () => {
      reply(fixture.replies.refusal?.("I will not.") ?? "");
      const { stop } = await generate(provider, REQUEST, idle());
      expect(stop).toMatchObject({ reason: "refusal", detail: "I will not." });
    });

    it("headers of the options and of the call are sent", async () => {
      let sent = new Headers();
      answer(fixture, (headers) => {
        sent = headers;
        return streamed(fixture.replies.text("ok"), fixture.contentType);
      });
      await generate(fixture.create({ apiKey: KEY, headers: { "x-project": "one" } }), REQUEST, { ...idle(), headers: { "x-run": "two" } });
      expect([sent.get("x-project"), sent.get("x-run")]).toEqual(["one", "two"]);
    });
  });
}

function failureConformance(fixture: ProviderFixture): void {
  describe(`${fixture.name}: failures`, () => {
    const provider = fixture.create({ apiKey: KEY });
    const fail = (status: number, headers: Record<string, string> = {}): unknown =>
      answer(fixture, () => HttpResponse.json(fixture.failure(status, `no luck, Bearer ${KEY}`), { status, headers }));

    it.each([
      [400, "invalid_request", false],
      [401, "auth", false],
      [403, "permission", false],
      [404, "model_not_found", false],
      [429, "rate_limited", true],
      [500, "server", true],
      [503, "overloaded", true],
      [529, "overloaded", true],
    ] as const)("status %i is %s", async (status, code, retryable) => {
      fail(status);
      const error = await failureOf(provider);
      expect(error).toMatchObject({ code, retryable, status, provider: fixture.id });
    });

    it("retry-after is read in seconds, in milliseconds and as a date", async () => {
      fail(429, { "retry-after": "7" });
      expect((await failureOf(provider)).retryAfterMs).toBe(7_000);
      fail(429, { "retry-after": "7", "retry-after-ms": "250" });
      expect((await failureOf(provider)).retryAfterMs).toBe(250);
      fail(503, { "retry-after": "Sat, 21 Nov 2026 12:00:30 GMT", date: "Sat, 21 Nov 2026 12:00:00 GMT" });
      expect((await failureOf(provider)).retryAfterMs).toBe(30_000);
    });

    it("no part of an error holds the key", async () => {
      fail(401);
      const error = await failureOf(provider);
      expect(error.message).toContain("no luck");
      expect(JSON.stringify([error.message, error.toJSON(), error.cause instanceof Error ? error.cause.message : null])).not.toContain(KEY);
    });

    it("a failure that is no JSON keeps its status and does not print", async () => {
      const print = vi.spyOn(console, "log").mockImplementation(() => undefined);
      answer(fixture, () => new HttpResponse("<html>bad gateway</html>", { status: 502, headers: { "content-type": "text/html" } }));
      expect(await failureOf(provider)).toMatchObject({ code: "server", status: 502 });
      expect(print).not.toHaveBeenCalled();
      print.mockRestore();
    });

    it("a stream that ends early is cut, and may be tried again", async () => {
      answer(fixture, () => streamed(fixture.broken.cut, fixture.contentType));
      expect(await failureOf(provider)).toMatchObject({ code: "stream_cut", retryable: true });
    });

    it("malformed JSON inside the stream is a protocol fault", async () => {
      answer(fixture, () => streamed(fixture.broken.malformed, fixture.contentType));
      expect(await failureOf(provider)).toMatchObject({ code: "protocol", retryable: false });
    });

    it("an error event inside the stream is classified by its type", async () => {
      answer(fixture, () => streamed(fixture.broken.errorInside.body, fixture.contentType));
      expect(await failureOf(provider)).toMatchObject({ code: fixture.broken.errorInside.code, retryable: true });
    });

    it("a failed connection is a network fault", async () => {
      answer(fixture, () => HttpResponse.error());
      expect(await failureOf(provider)).toMatchObject({ code: "network", retryable: true });
    });

    it("an already cancelled call is never sent", async () => {
      const bodies = answer(fixture, () => streamed(fixture.replies.text("ok"), fixture.contentType));
      expect(await failureOf(provider, REQUEST, { signal: AbortSignal.abort() })).toMatchObject({ code: "aborted", retryable: false });
      expect(bodies).toEqual([]);
    });
  });
}

function configurationConformance(fixture: ProviderFixture): void {
  describe.skipIf(fixture.keyVariable === undefined)(`${fixture.name}: configuration`, () => {
    const variable = fixture.keyVariable ?? "";
    beforeEach(() => vi.stubEnv(variable, ""));
    afterEach(() => vi.unstubAllEnvs());

    it("a missing key is told before and at the call", async () => {
      const provider = fixture.create();
      const readiness = provider.readiness();
      expect(readiness.ready ? "" : readiness.fix).toContain(variable);
      expect(await failureOf(provider)).toMatchObject({ code: "not_configured", retryable: false });
    });

    it("the key is read when it is needed and not when the provider is made", () => {
      const provider = fixture.create();
      vi.stubEnv(variable, KEY);
      expect(provider.readiness()).toEqual({ ready: true });
    });
  });
}
