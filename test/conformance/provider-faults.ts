// What a provider makes of everything that can go wrong: each fault has one code, says whether trying again can help and when, keeps its
// secrets, and never becomes a reply.

import { HttpResponse } from "msw";
import { expect, it, vi } from "vitest";
import type { ModelError, ModelEvent, ModelRequest } from "../../src/model/model.ts";
import { answer, failureOf, idle, itNeeds, KEY, type ProviderFixture, REQUEST } from "./provider.ts";
import { bodyOf, type Cut, cutBody, type WireReply } from "./provider-wire.ts";
import { streamed } from "../providers/wire.ts";

const TEXT: WireReply = { parts: [{ type: "text", text: "Hello there, this breaks off." }] };
const CALL: WireReply = { parts: [{ type: "tool-call", id: "call_a", name: "add", input: '{"a":1,"b":22222222222}' }] };
const HEADER_SECRET = "gateway-secret-4711";

const CUTS: readonly (readonly [string, WireReply, Cut])[] = [
  ["between two events of a text", TEXT, { inside: "text", at: "event" }],
  ["inside an event of a text", TEXT, { inside: "text", at: "byte" }],
  ["between two events of a tool call", CALL, { inside: "tool-call", at: "event" }],
  ["inside an event of a tool call", CALL, { inside: "tool-call", at: "byte" }],
];

/** Every test of this part. */
export function faultConformance(fixture: ProviderFixture): void {
  const { wire } = fixture;
  const provider = fixture.create({ apiKey: KEY, headers: { "x-gateway": HEADER_SECRET } });
  const fail = (status: number, headers: Record<string, string> = {}): unknown =>
    answer(fixture, () => HttpResponse.json(wire.failure(status, `no luck, Bearer ${KEY} ${HEADER_SECRET}`), { status, headers }));
  const send = (body: string, contentType = wire.contentType): unknown => answer(fixture, () => streamed(body, contentType, {}, 61));

  /** A fault after the stream has begun: no reply may come of it. */
  async function faultInside(body: string): Promise<{ readonly error: ModelError; readonly events: readonly ModelEvent[] }> {
    send(body);
    const events: ModelEvent[] = [];
    const error: unknown = await (async () => {
      for await (const event of provider.stream(REQUEST, idle())) events.push(event);
    })().catch((thrown: unknown) => thrown);
    expect(events.filter(({ type }) => type === "finish")).toEqual([]);
    expect(error).toMatchObject({ name: "ModelError" });
    return { error: error as ModelError, events };
  }

  it.each([
    [400, "invalid_request", false],
    [401, "auth", false],
    [402, "billing", false],
    [403, "permission", false],
    [404, "model_not_found", false],
    [413, "context_too_long", false],
    [422, "invalid_request", false],
    [429, "rate_limited", true],
    [500, "server", true],
    [503, "overloaded", true],
    [504, "timeout", true],
    [529, "overloaded", true],
  ] as const)("status %i is %s", async (status, code, retryable) => {
    fail(status);
    expect(await failureOf(provider)).toMatchObject({ code, retryable, status, provider: fixture.id });
  });

  it("the request's id is told, for whoever asks the API's makers", async (context) => {
    const header = wire.requestIdHeader;
    context.skip(header === undefined, `${fixture.name} has no request ids`);
    fail(500, { [header ?? ""]: "req_9" });
    expect((await failureOf(provider)).requestId).toBe("req_9");
  });

  it("retry-after is read in seconds, in milliseconds and as a date", async () => {
    fail(429, { "retry-after": "7" });
    expect((await failureOf(provider)).retryAfterMs).toBe(7_000);
    fail(429, { "retry-after": "7", "retry-after-ms": "250" });
    expect((await failureOf(provider)).retryAfterMs).toBe(250);
    fail(503, { "retry-after": "Sat, 21 Nov 2026 12:00:30 GMT", date: "Sat, 21 Nov 2026 12:00:00 GMT" });
    expect((await failureOf(provider)).retryAfterMs).toBe(30_000);
    fail(529, { "retry-after": "Sat, 21 Nov 2026 11:00:00 GMT", date: "Sat, 21 Nov 2026 12:00:00 GMT" });
    expect((await failureOf(provider)).retryAfterMs).toBe(0);
    fail(429, { "retry-after": "soon" });
    expect((await failureOf(provider)).retryAfterMs).toBeUndefined();
  });

  it("no part of an error holds the key or a header", async () => {
    fail(401);
    const error = await failureOf(provider, REQUEST, { ...idle(), headers: { "x-call": "call-secret-0815" } });
    expect(error.message).toContain("no luck");
    expect(shown(error)).not.toMatch(secrets("call-secret-0815"));
  });

  it("an error that repeats a header of the call does not show it", async () => {
    answer(fixture, (headers) => HttpResponse.json(wire.failure(400, `bad header ${headers.get("x-call") ?? ""}`), { status: 400 }));
    const error = await failureOf(provider, REQUEST, { ...idle(), headers: { "x-call": "call-secret-0815" } });
    expect(error.message).toContain("bad header");
    expect(shown(error)).not.toContain("call-secret-0815");
  });

  it("no part of an error holds the prompt", async () => {
    const prompt = "the patient is called Ada Lovelace";
    const request: ModelRequest = { ...REQUEST, messages: [{ role: "user", content: [{ type: "text", text: prompt }] }] };
    fail(500);
    expect(shown(await failureOf(provider, request))).not.toContain(prompt);
    send(cutBody(wire, TEXT, { inside: "text", at: "byte" }));
    expect(shown(await failureOf(provider, request))).not.toContain(prompt);
  });

  it("a failure that is no JSON keeps its status and does not print", async () => {
    const print = vi.spyOn(console, "log").mockImplementation(() => undefined);
    answer(fixture, () => new HttpResponse("<html>bad gateway</html>", { status: 502, headers: { "content-type": "text/html" } }));
    expect(await failureOf(provider)).toMatchObject({ code: "server", status: 502 });
    answer(fixture, () => new HttpResponse("", { status: 503 }));
    expect(await failureOf(provider)).toMatchObject({ code: "overloaded", status: 503, retryable: true });
    expect(print).not.toHaveBeenCalled();
    print.mockRestore();
  });

  it.each(CUTS)("a stream that ends %s is cut, and may be tried again", async (_place, reply, cut) => {
    const { error, events } = await faultInside(cutBody(wire, reply, cut));
    expect(error).toMatchObject({ code: "stream_cut", retryable: true });
    // A call that comes in one piece is not there before it is whole.
    if (cut.inside === "text") expect(events.length).toBeGreaterThan(0);
  });

  it("a stream that ends before its last event is cut", async () => {
    const events = wire.events(TEXT);
    const { error } = await faultInside(
      events
        .slice(0, events.findLastIndex(({ adds }) => adds === "text") + 1)
        .map(({ text }) => text)
        .join(""),
    );
    expect(error).toMatchObject({ code: "stream_cut", retryable: true });
  });

  it("a stream without a byte is cut", async () => {
    const { error } = await faultInside("");
    expect(error).toMatchObject({ code: "stream_cut", retryable: true });
  });

  it("malformed JSON inside the stream is a protocol fault", async () => {
    const begun = cutBody(wire, TEXT, { inside: "text", at: "event" });
    const rest = wire.events(TEXT).at(-1)?.text ?? "";
    const { error } = await faultInside(begun + wire.malformed + rest);
    expect(error).toMatchObject({ code: "protocol", retryable: false });
    // What a model said is nobody's business who reads the log.
    expect(shown(error)).not.toContain("confidential");
  });

  it.each(wire.errors.map((error) => [error.code, error] as const))(
    "an error event inside the stream is %s",
    async (code, { text, retryable }) => {
      const { error, events } = await faultInside(cutBody(wire, TEXT, { inside: "text", at: "event" }) + text);
      expect(error).toMatchObject({ code, retryable });
      expect(events.length).toBeGreaterThan(0);
    },
  );

  itNeeds(fixture, "body type told", "a page instead of a stream is a protocol fault, and nothing is printed", async () => {
    const print = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    send("<html>hello</html>", "text/html");
    expect(await failureOf(provider)).toMatchObject({ code: "protocol", retryable: false });
    answer(fixture, () => HttpResponse.json({ hello: "world" }));
    expect(await failureOf(provider)).toMatchObject({ retryable: false });
    expect(print).not.toHaveBeenCalled();
    print.mockRestore();
  });

  it("a failed connection is a network fault", async () => {
    answer(fixture, () => HttpResponse.error());
    expect(await failureOf(provider)).toMatchObject({ code: "network", retryable: true });
  });

  it("an already cancelled call is never sent", async () => {
    const bodies = answer(fixture, () => streamed(bodyOf(wire, TEXT), wire.contentType));
    expect(await failureOf(provider, REQUEST, { signal: AbortSignal.abort() })).toMatchObject({ code: "aborted", retryable: false });
    expect(bodies).toEqual([]);
  });
}

/** All that a log could show of an error. */
function shown(error: ModelError): string {
  const causes: unknown[] = [];
  for (let cause: unknown = error; cause instanceof Error && causes.length < 9; cause = cause.cause)
    causes.push(cause.message, cause.stack, ...Object.entries(cause));
  return JSON.stringify([error.toJSON(), causes]);
}

function secrets(...more: readonly string[]): RegExp {
  return new RegExp([KEY, HEADER_SECRET, ...more].join("|"));
}
