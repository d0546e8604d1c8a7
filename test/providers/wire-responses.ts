// The event stream of OpenAI's Responses API, as true event sequences. Knows no provider.

import type { Wire, WireEnd, WireEvent, WirePart } from "../conformance/provider-wire.ts";
import { at, listAt, textAt } from "./body-places.ts";
import { type Json, pieces, SSE, sse } from "./wire.ts";

export type ResponseItem =
  | { readonly type: "message"; readonly text: string; readonly phase?: string }
  | { readonly type: "refusal"; readonly text: string }
  | { readonly type: "function_call"; readonly id?: string; readonly name: string; readonly arguments: string }
  | { readonly type: "reasoning"; readonly text: string };

/** The events of one reply. */
export function responsesEvents(
  items: readonly ResponseItem[],
  end: { readonly type?: string; readonly fields?: Json } = {},
  pieceLength?: number,
): readonly Json[] {
  const base = {
    id: "resp_1",
    object: "response",
    created_at: 1,
    model: "gpt-6-sol",
    status: "in_progress",
    parallel_tool_calls: true,
    tools: [],
    tool_choice: "auto",
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    temperature: null,
    top_p: null,
  };
  const usage = {
    input_tokens: 52,
    input_tokens_details: { cached_tokens: 40, cache_write_tokens: 10 },
    output_tokens: 9,
    output_tokens_details: { reasoning_tokens: 4 },
    total_tokens: 61,
  };
  const built = items.map((item, index) => itemEvents(item, index, pieceLength));
  const events: Json[] = [
    { type: "response.created", response: { ...base, output: [] } },
    { type: "response.in_progress", response: { ...base, output: [] } },
    ...built.flatMap(({ events: own }) => own),
    {
      type: end.type ?? "response.completed",
      response: { ...base, status: "completed", output: built.map(({ item }) => item), usage, ...end.fields },
    },
  ];
  return events.map((event, sequence_number) => ({ ...event, sequence_number }));
}

interface ItemEvents {
  readonly item: Json;
  readonly events: readonly Json[];
}

function itemEvents(source: ResponseItem, output_index: number, pieceLength?: number): ItemEvents {
  switch (source.type) {
    case "message":
      return messageEvents(source, output_index, pieceLength);
    case "refusal":
      return refusalEvents(source.text, output_index);
    case "function_call":
      return callEvents(source, output_index);
    case "reasoning":
      return reasoningEvents(source.text, output_index);
  }
}

function messageEvents(
  source: Extract<ResponseItem, { readonly type: "message" }>,
  output_index: number,
  pieceLength?: number,
): ItemEvents {
  const part = { type: "output_text", text: source.text, annotations: [] };
  const item = {
    id: `msg_${output_index}`,
    type: "message",
    role: "assistant",
    status: "completed",
    ...(source.phase === undefined ? {} : { phase: source.phase }),
    content: [part],
  };
  const place = { item_id: item.id, output_index, content_index: 0 };
  return {
    item,
    events: [
      { type: "response.output_item.added", output_index, item: { ...item, status: "in_progress", content: [] } },
      { type: "response.content_part.added", ...place, part: { ...part, text: "" } },
      ...pieces(source.text, pieceLength).map((delta) => ({ type: "response.output_text.delta", ...place, delta, logprobs: [] })),
      { type: "response.output_text.done", ...place, text: source.text, logprobs: [] },
      { type: "response.content_part.done", ...place, part },
      { type: "response.output_item.done", output_index, item },
    ],
  };
}

function refusalEvents(refusal: string, output_index: number): ItemEvents {
  const part = { type: "refusal", refusal };
  const item = { id: `msg_${output_index}`, type: "message", role: "assistant", status: "completed", content: [part] };
  const place = { item_id: item.id, output_index, content_index: 0 };
  return {
    item,
    events: [
      { type: "response.output_item.added", output_index, item: { ...item, status: "in_progress", content: [] } },
      { type: "response.content_part.added", ...place, part: { ...part, refusal: "" } },
      ...pieces(refusal).map((delta) => ({ type: "response.refusal.delta", ...place, delta })),
      { type: "response.refusal.done", ...place, refusal },
      { type: "response.content_part.done", ...place, part },
      { type: "response.output_item.done", output_index, item },
    ],
  };
}

function callEvents(source: Extract<ResponseItem, { readonly type: "function_call" }>, output_index: number): ItemEvents {
  const item = {
    id: `fc_${output_index}`,
    type: "function_call",
    status: "completed",
    call_id: source.id ?? `call_${output_index}`,
    name: source.name,
    arguments: source.arguments,
  };
  const place = { item_id: item.id, output_index };
  return {
    item,
    events: [
      { type: "response.output_item.added", output_index, item: { ...item, status: "in_progress", arguments: "" } },
      ...pieces(source.arguments).map((delta) => ({ type: "response.function_call_arguments.delta", ...place, delta })),
      { type: "response.function_call_arguments.done", ...place, name: item.name, arguments: source.arguments },
      { type: "response.output_item.done", output_index, item },
    ],
  };
}

function reasoningEvents(text: string, output_index: number): ItemEvents {
  const part = { type: "summary_text", text };
  const item = { id: `rs_${output_index}`, type: "reasoning", summary: [part], encrypted_content: "ENC" };
  const place = { item_id: item.id, output_index, summary_index: 0 };
  return {
    item,
    events: [
      { type: "response.output_item.added", output_index, item: { ...item, summary: [] } },
      { type: "response.reasoning_summary_part.added", ...place, part: { ...part, text: "" } },
      ...pieces(text).map((delta) => ({ type: "response.reasoning_summary_text.delta", ...place, delta })),
      { type: "response.reasoning_summary_text.done", ...place, text },
      { type: "response.reasoning_summary_part.done", ...place, part },
      { type: "response.output_item.done", output_index, item },
    ],
  };
}

const ADDS: Readonly<Record<string, WirePart["type"]>> = {
  "response.output_text.delta": "text",
  "response.reasoning_summary_text.delta": "reasoning",
  "response.function_call_arguments.delta": "tool-call",
};

function toEvent(event: Json): WireEvent {
  const adds = ADDS[String(event["type"])];
  return { text: sse([event]), ...(adds === undefined ? {} : { adds }) };
}

function toItem(part: WirePart): ResponseItem {
  switch (part.type) {
    case "text":
      return { type: "message", text: part.text };
    case "reasoning":
      return part;
    case "tool-call":
      return { type: "function_call", id: part.id, name: part.name, arguments: part.input };
  }
}

/** Most ends are an incomplete response with its reason; a refusal is a part of a complete one. */
function lastEvent(end: WireEnd | undefined): Parameters<typeof responsesEvents>[1] {
  if (end === undefined || end.raw === "completed" || end.raw === "refusal") return {};
  return { type: "response.incomplete", fields: { status: "incomplete", incomplete_details: { reason: end.raw } } };
}

const errorEvent = (code: string): string => sse([{ type: "error", code, message: "no luck", param: null, sequence_number: 9 }]);

export const responsesWire: Wire = {
  contentType: SSE,
  requestIdHeader: "x-request-id",
  usage: { input: 52, output: 9, cacheRead: 40, cacheWrite: 10, reasoning: 4 },
  events({ parts, end, pieceLength }) {
    const refusals: readonly ResponseItem[] = end?.raw === "refusal" ? [{ type: "refusal", text: end.detail ?? "" }] : [];
    return responsesEvents([...parts.map(toItem), ...refusals], lastEvent(end), pieceLength).map(toEvent);
  },
  ends: [
    { raw: "completed", reason: "stop" },
    { raw: "max_output_tokens", reason: "length" },
    { raw: "content_filter", reason: "refusal" },
    { raw: "refusal", reason: "refusal", detail: "I will not." },
    { raw: "something_new", reason: "other" },
  ],
  malformed: 'event: response.output_text.delta\ndata: {"a": confidential}\n\n',
  errors: [
    { text: errorEvent("server_error"), code: "server", retryable: true },
    { text: errorEvent("rate_limit_exceeded"), code: "rate_limited", retryable: true },
    {
      text: sse([{ type: "response.failed", response: { status: "failed", error: { code: "server_is_overloaded", message: "no luck" } } }]),
      code: "overloaded",
      retryable: true,
    },
  ],
  failure: openaiFailure,
  count: { path: "/input_tokens", answer: (input_tokens) => ({ object: "response.input_tokens", input_tokens }) },
  read: {
    schema: (body) => at(body, "text", "format", "schema"),
    last: (body) => JSON.stringify(listAt(body, "input").at(-1)),
    toolNames: (body) => listAt(body, "tools").map((tool) => textAt(tool, "name")),
    forcedTool: (body) => (at(body, "tool_choice") === "required" ? true : textAt(body, "tool_choice", "name") || undefined),
  },
};

/** How OpenAI's APIs answer a failed request. */
export function openaiFailure(status: number, message: string): { readonly error: Readonly<Record<string, string | null>> } {
  return { error: { message, type: status >= 500 ? "server" : "invalid_request_error", code: null, param: null } };
}
