// The four wires of the three providers, as the conformance suite wants them.

import { anthropic } from "../../providers/anthropic.ts";
import { ollama } from "../../providers/ollama.ts";
import { openai } from "../../providers/openai.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../src/json.ts";
import type { ProviderFixture } from "../conformance/provider.ts";
import {
  anthropicEvents,
  chatBody,
  chatChunks,
  chatText,
  lines,
  NDJSON,
  ollamaChunks,
  ollamaText,
  responsesEvents,
  SSE,
  sse,
} from "./wire.ts";

/** Reads a place in a body: `at(body, "text", "format")`. */
export function at(value: JsonValue | undefined, ...path: readonly (string | number)[]): JsonValue | undefined {
  let current = value;
  for (const key of path) {
    const list: readonly JsonValue[] = Array.isArray(current) ? current : [];
    current = isJsonObject(current) ? current[String(key)] : list[Number(key)];
  }
  return current;
}

/** The text of a place in a body. */
const textAt = (value: JsonValue, ...path: readonly string[]): string => {
  const text = at(value, ...path);
  return typeof text === "string" ? text : "";
};

const listAt = (body: JsonObject, ...path: readonly string[]): readonly JsonValue[] => {
  const value = at(body, ...path);
  const list: readonly JsonValue[] = Array.isArray(value) ? value : [];
  return list;
};
/** Options without their undefined members, which exact optional properties refuse; the fixtures pass texts and headers only. */
const only = (options: Readonly<Record<string, unknown>>): Record<string, never> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Record<string, never>;

export const anthropicFixture: ProviderFixture = {
  name: "anthropic",
  id: "anthropic",
  create: ({ origin, apiKey, headers } = {}) => anthropic(only({ apiKey, headers, baseURL: origin })),
  url: "https://api.anthropic.com/v1/messages",
  keyVariable: "ANTHROPIC_API_KEY",
  requestIdHeader: "request-id",
  contentType: SSE,
  replies: {
    text: (text) => sse(anthropicEvents([{ type: "text", text }], "end_turn")),
    tool: (name, input) => sse(anthropicEvents([{ type: "tool_use", id: "toolu_1", name, input }], "tool_use")),
    truncated: (text) => sse(anthropicEvents([{ type: "text", text }], "max_tokens")),
    refusal: (explanation) =>
      sse(anthropicEvents([{ type: "text", text: '{"ci' }], "refusal", { type: "refusal", category: "cyber", explanation })),
  },
  broken: {
    cut: sse(anthropicEvents([{ type: "text", text: "Hello there" }], "end_turn").slice(0, 3)),
    malformed: `${sse(anthropicEvents([{ type: "text", text: "Hello" }], "end_turn").slice(0, 3))}event: content_block_delta\ndata: {"type": "content_block_del\n\n`,
    errorInside: {
      code: "overloaded",
      body: sse([
        ...anthropicEvents([{ type: "text", text: "Hello" }], "end_turn").slice(0, 3),
        { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
      ]),
    },
  },
  failure: (status, message) => ({ type: "error", error: { type: ANTHROPIC_TYPES[status] ?? "api_error", message }, request_id: "req_1" }),
  read: {
    schema: (body) => at(body, "output_config", "format", "schema"),
    text: (body) => JSON.stringify(listAt(body, "messages").at(-1)),
    toolNames: (body) => listAt(body, "tools").map((tool) => textAt(tool, "name")),
  },
};

const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
  503: "overloaded_error",
  529: "overloaded_error",
};

const openaiFailure: ProviderFixture["failure"] = (status, message) => ({
  error: { message, type: status >= 500 ? "server" : "invalid_request_error", code: null, param: null },
});

export const responsesFixture: ProviderFixture = {
  name: "openai responses",
  id: "openai",
  create: ({ origin, apiKey, headers } = {}) => openai(only({ apiKey, headers, api: "responses", baseURL: origin })),
  url: "https://api.openai.com/v1/responses",
  keyVariable: "OPENAI_API_KEY",
  requestIdHeader: "x-request-id",
  contentType: SSE,
  replies: {
    text: (text) => sse(responsesEvents([{ type: "message", text }])),
    tool: (name, input) => sse(responsesEvents([{ type: "function_call", name, arguments: JSON.stringify(input) }])),
    truncated: (text) =>
      sse(
        responsesEvents([{ type: "message", text }], {
          type: "response.incomplete",
          fields: { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
        }),
      ),
    refusal: (text) => sse(responsesEvents([{ type: "refusal", text }])),
  },
  broken: {
    cut: sse(responsesEvents([{ type: "message", text: "Hello there" }]).slice(0, 5)),
    malformed: `${sse(responsesEvents([{ type: "message", text: "Hello" }]).slice(0, 5))}event: response.output_text.delta\ndata: {"type": "resp\n\n`,
    errorInside: {
      code: "server",
      body: sse([
        ...responsesEvents([{ type: "message", text: "Hello" }]).slice(0, 5),
        { type: "error", code: "server_error", message: "Boom", param: null, sequence_number: 5 },
      ]),
    },
  },
  failure: openaiFailure,
  read: {
    schema: (body) => at(body, "text", "format", "schema"),
    text: (body) => JSON.stringify(listAt(body, "input").at(-1)),
    toolNames: (body) => listAt(body, "tools").map((tool) => textAt(tool, "name")),
  },
};

export const chatFixture: ProviderFixture = {
  name: "openai chat",
  id: "openai",
  create: ({ origin, apiKey, headers } = {}) => openai(only({ apiKey, headers, api: "chat", baseURL: origin })),
  url: "https://api.openai.com/v1/chat/completions",
  keyVariable: "OPENAI_API_KEY",
  requestIdHeader: "x-request-id",
  contentType: SSE,
  replies: {
    text: (text) => chatBody(chatChunks(chatText(text), "stop")),
    tool: (name, input) =>
      chatBody(
        chatChunks(
          [
            { role: "assistant", tool_calls: [{ index: 0, id: "call_9", type: "function", function: { name, arguments: "" } }] },
            ...JSON.stringify(input)
              .split(/(?<=,)/)
              .map((text) => ({ tool_calls: [{ index: 0, function: { arguments: text } }] })),
          ],
          "tool_calls",
        ),
      ),
    truncated: (text) => chatBody(chatChunks(chatText(text), "length")),
    refusal: (refusal) => chatBody(chatChunks([{ role: "assistant", refusal }], "stop")),
  },
  broken: {
    cut: chatBody(chatChunks(chatText("Hello there"), null), ""),
    malformed: chatBody(chatChunks(chatText("Hello"), null), 'data: {"id": "cc_\n\n'),
    errorInside: {
      code: "overloaded",
      body: chatBody(
        chatChunks(chatText("Hello"), null),
        'data: {"error":{"message":"busy","type":"server_is_overloaded","code":null}}\n\n',
      ),
    },
  },
  failure: openaiFailure,
  read: {
    schema: (body) => at(body, "response_format", "json_schema", "schema"),
    text: (body) => JSON.stringify(listAt(body, "messages").at(-1)),
    toolNames: (body) => listAt(body, "tools").map((tool) => textAt(tool, "function", "name")),
  },
};

export const ollamaFixture: ProviderFixture = {
  name: "ollama",
  id: "ollama",
  create: ({ origin, headers } = {}) => ollama(only({ headers, host: origin })),
  url: "http://127.0.0.1:11434/api/chat",
  contentType: NDJSON,
  replies: {
    text: (text) => lines(ollamaChunks(ollamaText(text))),
    tool: (name, input) => lines(ollamaChunks([{ tool_calls: [{ function: { index: 0, name, arguments: input } }] }])),
    truncated: (text) => lines(ollamaChunks(ollamaText(text), { done_reason: "length" })),
  },
  broken: {
    cut: lines(ollamaChunks(ollamaText("Hello there"), null)),
    malformed: `${lines(ollamaChunks(ollamaText("Hello"), null))}{"model": "qw\n`,
    errorInside: { code: "server", body: lines([...ollamaChunks(ollamaText("Hello"), null), { error: "model runner has stopped" }]) },
  },
  failure: (_status, message) => ({ error: message }),
  read: {
    schema: (body) => at(body, "format"),
    text: (body) => JSON.stringify(listAt(body, "messages").at(-1)),
    toolNames: (body) => listAt(body, "tools").map((tool) => textAt(tool, "function", "name")),
  },
};
