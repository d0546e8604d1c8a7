// Anthropic's event stream (version 2026-10-21), as true event sequences. Knows no provider.

import type { JsonValue } from "../../src/json.ts";
import type { Wire, WireEvent, WirePart } from "../conformance/provider-wire.ts";
import { at, listAt, textAt } from "./body-places.ts";
import { type Json, pieces, SSE, sse } from "./wire.ts";

export type AnthropicBlock =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "redacted_thinking"; readonly data: string }
  | { readonly type: "server_tool_use"; readonly id: string; readonly name: string; readonly input: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: string };

const USAGE = {
  input_tokens: 12,
  output_tokens: 1,
  cache_creation_input_tokens: 100,
  cache_read_input_tokens: 40,
  cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 0 },
  service_tier: "standard",
  inference_geo: null,
  server_tool_use: null,
  output_tokens_details: null,
  speed: null,
};

/** The events of one reply. */
export function anthropicEvents(
  blocks: readonly AnthropicBlock[],
  stop: string,
  stopDetails: JsonValue = null,
  pieceLength?: number,
): readonly Json[] {
  const message = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-opus-5-5",
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: USAGE,
  };
  const delta = { stop_reason: stop, stop_sequence: null, stop_details: stopDetails, container: null };
  const usage = {
    output_tokens: 20,
    input_tokens: 12,
    cache_creation_input_tokens: 100,
    cache_read_input_tokens: 40,
    server_tool_use: null,
    output_tokens_details: { thinking_tokens: 3 },
  };
  return [
    { type: "message_start", message },
    ...blocks.flatMap((block, index) => blockEvents(block, index, pieceLength)),
    { type: "ping" },
    { type: "message_delta", delta, usage },
    { type: "message_stop" },
  ];
}

function blockEvents(block: AnthropicBlock, index: number, pieceLength?: number): readonly Json[] {
  const delta = (value: Json): Json => ({ type: "content_block_delta", index, delta: value });
  const around = (start: Json, deltas: readonly Json[]): readonly Json[] => [
    { type: "content_block_start", index, content_block: start },
    ...deltas,
    { type: "content_block_stop", index },
  ];
  switch (block.type) {
    case "text":
      return around(
        { type: "text", text: "", citations: null },
        pieces(block.text, pieceLength).map((text) => delta({ type: "text_delta", text })),
      );
    case "thinking":
      return around({ type: "thinking", thinking: "", signature: "" }, [
        ...pieces(block.thinking, pieceLength).map((thinking) => delta({ type: "thinking_delta", thinking })),
        delta({ type: "signature_delta", signature: block.signature }),
      ]);
    case "redacted_thinking":
      return around(block, []);
    case "server_tool_use":
    case "tool_use":
      return around({ type: block.type, id: block.id, name: block.name, input: {}, caller: { type: "direct" } }, [
        delta({ type: "input_json_delta", partial_json: "" }),
        ...pieces(block.input, pieceLength).map((text) => delta({ type: "input_json_delta", partial_json: text })),
      ]);
  }
}

const ADDS: Readonly<Record<string, WirePart["type"]>> = {
  text_delta: "text",
  thinking_delta: "reasoning",
  input_json_delta: "tool-call",
};

function toEvent(event: Json): WireEvent {
  const delta = event["delta"];
  const kind = typeof delta === "object" && delta !== null && "type" in delta ? ADDS[String(delta.type)] : undefined;
  return { text: sse([event]), ...(kind === undefined ? {} : { adds: kind }) };
}

function toBlock(part: WirePart): AnthropicBlock {
  switch (part.type) {
    case "text":
      return part;
    case "reasoning":
      return { type: "thinking", thinking: part.text, signature: `signed:${part.text}` };
    case "tool-call":
      return { type: "tool_use", id: part.id, name: part.name, input: part.input };
  }
}

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  504: "timeout_error",
  529: "overloaded_error",
};

const errorEvent = (type: string): string => sse([{ type: "error", error: { type, message: "no luck" } }]);

export const anthropicWire: Wire = {
  contentType: SSE,
  requestIdHeader: "request-id",
  usage: { input: 152, output: 20, cacheRead: 40, cacheWrite: 100, cacheWriteSpans: { "5m": 100, "1h": 0 }, reasoning: 3 },
  events({ parts, end, pieceLength }) {
    const raw = end?.raw ?? (parts.some(({ type }) => type === "tool-call") ? "tool_use" : "end_turn");
    const details = end?.detail === undefined ? null : { type: "refusal", category: "cyber", explanation: end.detail };
    return anthropicEvents(parts.map(toBlock), raw, details, pieceLength).map(toEvent);
  },
  ends: [
    { raw: "end_turn", reason: "stop" },
    { raw: "stop_sequence", reason: "stop" },
    { raw: "max_tokens", reason: "length" },
    { raw: "tool_use", reason: "tool-calls" },
    { raw: "pause_turn", reason: "paused" },
    { raw: "refusal", reason: "refusal", detail: "I will not." },
    { raw: "model_context_window_exceeded", reason: "context-window" },
    { raw: "something_new", reason: "other" },
  ],
  malformed: 'event: content_block_delta\ndata: {"a": confidential}\n\n',
  errors: [
    { text: errorEvent("overloaded_error"), code: "overloaded", retryable: true },
    { text: errorEvent("rate_limit_error"), code: "rate_limited", retryable: true },
    { text: errorEvent("api_error"), code: "server", retryable: true },
    { text: errorEvent("invalid_request_error"), code: "invalid_request", retryable: false },
  ],
  failure: (status, message) => ({ type: "error", error: { type: ERROR_TYPES[status] ?? "api_error", message }, request_id: "req_1" }),
  count: { path: "/count_tokens", answer: (input_tokens) => ({ input_tokens }) },
  read: {
    schema: (body) => at(body, "output_config", "format", "schema"),
    last: (body) => JSON.stringify(listAt(body, "messages").at(-1)),
    toolNames: (body) => listAt(body, "tools").map((tool) => textAt(tool, "name")),
    forcedTool: (body) => {
      const kind = at(body, "tool_choice", "type");
      return kind === "any" ? true : kind === "tool" ? textAt(body, "tool_choice", "name") : undefined;
    },
  },
};
