import { HttpResponse } from "msw";
import { afterEach, describe, expect, it, vi } from "vitest";
import { toResponsesRequest } from "../../providers/openai/responses-request.ts";
import { openai } from "../../providers/openai.ts";
import { generate, type ModelRequest } from "../../src/model/model.ts";
import { answer, failureOf, REQUEST } from "../conformance/provider.ts";
import { responsesFixture } from "./fixtures.ts";
import { useServer } from "./server.ts";
import { SSE, sse, streamed } from "./wire.ts";
import { type ResponseItem, responsesEvents } from "./wire-responses.ts";

useServer();
afterEach(() => vi.unstubAllEnvs());

const provider = openai({ apiKey: "k" });
const context = { signal: new AbortController().signal };
const GPT: ModelRequest = { ...REQUEST, model: "gpt-6-sol" };
const respond = (items: readonly ResponseItem[], end?: Parameters<typeof responsesEvents>[1]) =>
  answer(responsesFixture, () => streamed(sse(responsesEvents(items, end)), SSE));

const OWN = { provider: "openai", isOpenAI: true, capabilities: provider.capabilities("gpt-6-sol") };

const PLACE = {
  name: "a place",
  schema: {
    type: "object",
    properties: {
      city: { type: "string", minLength: 2 },
      note: { type: "string" },
      zip: { type: ["string", "null"] },
      near: { type: "array", items: { $ref: "#/$defs/spot" } },
    },
    required: ["city", "near"],
    $defs: { spot: { type: "object", properties: { id: { type: "integer" }, label: { type: "string" } }, required: ["id"] } },
  },
};

describe("openai responses", () => {
  it("nothing is stored, and reasoning comes back encrypted", () => {
    expect(toResponsesRequest({ ...GPT, reasoning: { effort: "low" } }, OWN).body).toEqual({
      model: "gpt-6-sol",
      store: false,
      include: ["reasoning.encrypted_content"],
      reasoning: { effort: "low", summary: "auto" },
      max_output_tokens: 100,
      input: [
        { role: "system", content: "Be brief." },
        { role: "user", content: [{ type: "input_text", text: "Say hello." }] },
      ],
    });
  });

  it("a schema becomes strict: everything required, optional properties nullable, nothing additional", () => {
    const { body, warnings } = toResponsesRequest({ ...GPT, output: PLACE }, OWN);
    expect(warnings).toEqual([]);
    expect(body.text?.format).toEqual({
      type: "json_schema",
      name: "a_place",
      strict: true,
      schema: {
        $defs: {
          spot: {
            type: "object",
            properties: { id: { type: "integer" }, label: { anyOf: [{ type: "string" }, { type: "null" }] } },
            additionalProperties: false,
            required: ["id", "label"],
          },
        },
        type: "object",
        properties: {
          city: { type: "string", description: "{minLength: 2}" },
          note: { anyOf: [{ type: "string" }, { type: "null" }] },
          zip: { type: ["string", "null"] },
          near: { type: "array", items: { $ref: "#/$defs/spot" } },
        },
        additionalProperties: false,
        required: ["city", "note", "zip", "near"],
      },
    });
  });

  it("nulls that only stand for absent properties are taken out of the reply", async () => {
    respond([{ type: "message", text: '{"city":"Paris","note":null,"zip":null,"near":[{"id":1,"label":null}]}' }]);
    const { content } = await generate(provider, { ...GPT, output: PLACE }, context);
    expect(content).toMatchObject([{ text: '{"city":"Paris","zip":null,"near":[{"id":1}]}' }]);
  });

  it("a schema that cannot be strict is sent loose, with a warning", () => {
    const schema = {
      type: "object",
      properties: { counts: { type: "object", additionalProperties: { type: "number" } } },
      required: ["counts"],
    };
    const { body, warnings } = toResponsesRequest({ ...GPT, output: { name: "x", schema } }, OWN);
    expect(body.text?.format).toMatchObject({ strict: false, schema });
    expect(warnings).toEqual([
      'output "x": the schema cannot be strict, since $.counts is a record with free keys; the model may depart from it',
    ]);
  });

  it("a schema whose root is no object is given as an instruction, with a warning", () => {
    const { body, warnings } = toResponsesRequest(
      { ...GPT, output: { name: "x", schema: { type: "array", items: { type: "string" } } } },
      OWN,
    );
    expect(body.text).toBeUndefined();
    expect(JSON.stringify(body.input)).toContain("It must match this JSON Schema");
    expect(warnings).toHaveLength(1);
  });

  it("reasoning, messages and calls go back to their own model with their ids, as they came", async () => {
    respond([
      { type: "reasoning", text: "Hm." },
      { type: "message", text: "Adding.", phase: "commentary" },
      { type: "function_call", name: "add", arguments: '{"a":1}' },
    ]);
    const { content, usage } = await generate(provider, GPT, context);
    expect(usage).toEqual({ input: 52, output: 9, cacheRead: 40, cacheWrite: 10, reasoning: 4 });

    const next: ModelRequest = {
      ...GPT,
      messages: [
        { role: "assistant", content },
        { role: "tool", content: [{ type: "tool-result", id: "call_2", name: "add", output: "no", isError: true }] },
      ],
    };
    expect(toResponsesRequest(next, OWN).body.input).toEqual([
      { id: "rs_0", type: "reasoning", summary: [{ type: "summary_text", text: "Hm." }], encrypted_content: "ENC" },
      {
        type: "message",
        role: "assistant",
        id: "msg_1",
        status: "completed",
        phase: "commentary",
        content: [{ type: "output_text", text: "Adding.", annotations: [] }],
      },
      { type: "function_call", id: "fc_2", call_id: "call_2", name: "add", arguments: '{"a":1}' },
      { type: "function_call_output", call_id: "call_2", output: "Error: no" },
    ]);
    expect(toResponsesRequest({ ...next, model: "gpt-7" }, OWN).body.input).toEqual([
      { role: "assistant", content: "Adding." },
      { type: "function_call", call_id: "call_2", name: "add", arguments: '{"a":1}' },
      { type: "function_call_output", call_id: "call_2", output: "Error: no" },
    ]);
  });

  it("arguments that are no JSON stay text, for the tool's schema to refuse", async () => {
    respond([{ type: "function_call", name: "add", arguments: '{"a":' }]);
    expect((await generate(provider, GPT, context)).content).toMatchObject([{ type: "tool-call", input: '{"a":' }]);
  });

  it("a filtered reply is a refusal", async () => {
    respond([], { type: "response.incomplete", fields: { status: "incomplete", incomplete_details: { reason: "content_filter" } } });
    expect((await generate(provider, GPT, context)).stop).toEqual({ reason: "refusal", raw: "content_filter" });
  });

  it.each([
    ["rate_limit_exceeded", "rate_limited", true],
    ["server_error", "server", true],
    ["invalid_prompt", "invalid_request", false],
    ["bio_policy", "refused", false],
  ])("a response that failed with %s is %s", async (code, expected, retryable) => {
    respond([], { type: "response.failed", fields: { status: "failed", error: { code, message: "why" } } });
    expect(await failureOf(provider, GPT)).toMatchObject({ code: expected, retryable });
  });

  it.each([
    ["insufficient_quota", 429, "billing", false],
    ["context_length_exceeded", 400, "context_too_long", false],
    ["invalid_api_key", 401, "auth", false],
  ])("%s with status %i is %s", async (code, status, expected, retryable) => {
    answer(responsesFixture, () =>
      HttpResponse.json({ error: { message: "m", type: "x", code, param: null } }, { status, headers: { "x-request-id": "req_7" } }),
    );
    expect(await failureOf(provider, GPT)).toMatchObject({ code: expected, retryable, status, requestId: "req_7" });
  });
});

describe("openai responses of other servers", () => {
  it("what runs at the server itself is kept and goes back in its place", async () => {
    const item = { id: "ws_1", type: "web_search_call", status: "completed", action: { type: "search", query: "weather" } };
    const events = responsesEvents([{ type: "message", text: "It rains." }]).map((event) =>
      event["type"] === "response.completed" ? { ...event, response: { model: "gpt-6-sol", status: "completed", output: [item] } } : event,
    );
    answer(responsesFixture, () => streamed(sse(events), SSE));
    const { content, usage } = await generate(provider, GPT, context);
    expect(content).toEqual([{ type: "reasoning", text: "", opaque: { provider: "openai", model: "gpt-6-sol", data: item } }]);
    expect(usage.input).toBeNull();
    expect(toResponsesRequest({ ...GPT, messages: [{ role: "assistant", content }] }, OWN).body.input).toEqual([item]);
  });

  it("items are taken from the stream where the last event leaves them out", async () => {
    const events = responsesEvents([{ type: "message", text: "ok" }]).map((event) =>
      event["type"] === "response.completed" ? { ...event, response: { model: "m", status: "completed", output: [] } } : event,
    );
    answer(responsesFixture, () => streamed(sse(events), SSE));
    expect((await generate(provider, GPT, context)).content).toMatchObject([{ type: "text", text: "ok" }]);
  });
});
