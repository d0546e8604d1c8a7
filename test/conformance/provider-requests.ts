// What a provider sends: files, settings, headers, the API's own members; and what it refuses to send.

import { http, HttpResponse } from "msw";
import { expect, it } from "vitest";
import { generate, type FilePart, type ModelRequest } from "../../src/model/model.ts";
import { answer, answerWith, failureOf, idle, itNeeds, KEY, type ProviderFixture, REQUEST } from "./provider.ts";
import { bodyOf } from "./provider-wire.ts";
import { server } from "../providers/server.ts";
import { streamed } from "../providers/wire.ts";

const withFile = (file: FilePart): ModelRequest => ({
  ...REQUEST,
  messages: [{ role: "user", content: [{ type: "text", text: "What is this?" }, file] }],
});

const OK = { parts: [{ type: "text", text: "ok" }] } as const;

/** Every test of this part. */
export function requestConformance(fixture: ProviderFixture): void {
  const { wire } = fixture;
  const provider = fixture.create({ apiKey: KEY });

  it("the conversation is sent", async () => {
    const bodies = answerWith(fixture, OK);
    await generate(provider, REQUEST, idle());
    expect(JSON.stringify(bodies[0])).toContain("Be brief.");
    expect(wire.read.last(bodies[0] ?? {})).toContain("Say hello.");
    expect(bodies[0]).toMatchObject({ model: "some-model", stream: true });
  });

  it("the same request is sent the same, and is not changed", async () => {
    const bodies = answerWith(fixture, OK);
    const request: ModelRequest = deepFreeze({
      ...withFile({ type: "file", mediaType: "image/png", data: "QUJD" }),
      tools: [
        { name: "add", description: "Adds.", inputSchema: { type: "object", properties: { a: { type: "number" } }, required: ["a"] } },
      ],
      output: { name: "place", schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } },
      stop: ["END"],
      cache: { auto: "5m", key: "k" },
      reasoning: { effort: "low" },
    });
    await generate(provider, request, idle());
    await generate(provider, request, idle());
    expect(bodies[1]).toEqual(bodies[0]);
  });

  it("an image goes as its content", async () => {
    const bodies = answerWith(fixture, OK);
    await generate(provider, withFile({ type: "file", mediaType: "image/png", data: "QUJDREVG" }), idle());
    expect(wire.read.last(bodies[0] ?? {})).toContain("QUJDREVG");
  });

  itNeeds(fixture, "file addresses", "an image goes as its address", async () => {
    const bodies = answerWith(fixture, OK);
    await generate(provider, withFile({ type: "file", mediaType: "image/png", url: "https://example.com/cat.png" }), idle());
    expect(wire.read.last(bodies[0] ?? {})).toContain("https://example.com/cat.png");
  });

  it("an address that cannot be sent is refused before the call", async () => {
    if (fixture.lacks?.["file addresses"] === undefined) return;
    const bodies = answerWith(fixture, OK);
    const error = await failureOf(provider, withFile({ type: "file", mediaType: "image/png", url: "https://example.com/cat.png" }));
    expect(error).toMatchObject({ code: "unsupported", retryable: false });
    expect(error.message).toContain("image/png");
    expect(bodies).toEqual([]);
  });

  itNeeds(fixture, "foreign files refused", "a file that no model takes is refused before the call", async () => {
    const bodies = answerWith(fixture, OK);
    const error = await failureOf(provider, withFile({ type: "file", mediaType: "application/x-unheard-of", data: "QUJD" }));
    expect(error).toMatchObject({ code: "unsupported", retryable: false });
    expect(error.message).toContain("application/x-unheard-of");
    expect(bodies).toEqual([]);
  });

  const settings: readonly (readonly [string, Partial<ModelRequest>])[] = [
    ["temperature", { temperature: 0.25 }],
    ["topP", { topP: 0.5 }],
    ["seed", { seed: 7 }],
    ["stop", { stop: ["END"] }],
    ["reasoning", { reasoning: { effort: "low" } }],
    ["parallelToolCalls", { parallelToolCalls: false }],
    ["toolChoice", { toolChoice: "none" }],
  ];
  for (const [name, setting] of settings)
    itNeeds(fixture, "losses told", `the setting ${name} is sent, or its loss is told`, async () => {
      const tools = [{ name: "add", description: "Adds.", inputSchema: { type: "object", properties: {} } }];
      const bodies = answerWith(fixture, OK);
      await generate(provider, { ...REQUEST, tools }, idle());
      const { warnings } = await generate(provider, { ...REQUEST, tools, ...setting }, idle());
      const isSent = JSON.stringify(bodies[0]) !== JSON.stringify(bodies[1]);
      const isTold = warnings.some((warning) => warning.startsWith(name));
      expect([isSent, isTold]).toContain(true);
      expect(isSent && warnings.some((warning) => warning.includes("left out"))).toBe(false);
    });

  it("headers of the options and of the call are sent, the call's first", async () => {
    let sent = new Headers();
    answer(fixture, (headers) => {
      sent = headers;
      return streamed(bodyOf(wire, OK), wire.contentType);
    });
    const own = fixture.create({ apiKey: KEY, headers: { "x-project": "one", "x-both": "options" } });
    await generate(own, REQUEST, { ...idle(), headers: { traceparent: "00-ab-cd-01", "x-both": "call" } });
    expect([sent.get("x-project"), sent.get("traceparent"), sent.get("x-both")]).toEqual(["one", "00-ab-cd-01", "call"]);
  });

  it("members of the API's own are merged in last, for this provider only", async () => {
    const bodies = answerWith(fixture, OK);
    const providerOptions = { [fixture.id]: { x_own: { deep: true } }, somebody: { x_other: 1 } };
    await generate(provider, { ...REQUEST, providerOptions }, idle());
    expect(JSON.stringify(bodies[0])).toContain('"x_own":{"deep":true}');
    expect(JSON.stringify(bodies[0])).not.toContain("x_other");
  });

  itNeeds(fixture, "token count", "input tokens are counted by the API", async () => {
    const { count } = wire;
    if (count === undefined || provider.countTokens === undefined) throw new Error("nothing counts tokens; list it as lacking");
    expect(provider.capabilities(REQUEST.model).countsTokens).not.toBe("no");
    let sent: unknown;
    server.use(
      http.post(`${fixture.url}${count.path}`, async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json(count.answer(321));
      }),
    );
    expect(await provider.countTokens(REQUEST, idle())).toBe(321);
    expect(sent).toMatchObject({ model: "some-model" });
    expect(JSON.stringify(sent)).toContain("Say hello.");

    server.use(http.post(`${fixture.url}${count.path}`, () => HttpResponse.json(wire.failure(429, "slow down"), { status: 429 })));
    await expect(provider.countTokens(REQUEST, idle())).rejects.toMatchObject({ code: "rate_limited", retryable: true });
    const aborted = { signal: AbortSignal.abort() };
    await expect(provider.countTokens(REQUEST, aborted)).rejects.toMatchObject({ code: "aborted" });
  });
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null) for (const member of Object.values(Object.freeze(value))) deepFreeze(member);
  return value;
}
