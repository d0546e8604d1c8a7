// The wire formats of the three APIs, as true event sequences. Knows no provider.

import { HttpResponse } from "msw";
import type { JsonValue } from "../../src/json.ts";

type Json = Record<string, unknown>;

export const SSE = "text/event-stream; charset=utf-8";
export const NDJSON = "application/x-ndjson";

/** A streamed response in chunks of 7 bytes, so that every parser must put lines and characters together again. */
export function streamed(body: string, contentType: string, headers: Record<string, string> = {}): HttpResponse<ReadableStream> {
  const bytes = new TextEncoder().encode(body);
  let position = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (position >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(position, (position += 7)));
    },
  });
  return new HttpResponse(stream, { headers: { "content-type": contentType, "transfer-encoding": "chunked", ...headers } });
}

export const sse = (events: readonly Json[]): string =>
  events.map((event) => `event: ${String(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`).join("");
export const lines = (values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");
const pieces = (text: string): readonly string[] => text.match(/.{1,6}/gs) ?? [];

// Anthropic (version 2026-10-21)

export type AnthropicBlock =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "redacted_thinking"; readonly data: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: JsonValue };

const anthropicUsage = {
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

export function anthropicEvents(blocks: readonly AnthropicBlock[], stop: string, stopDetails: JsonValue = null): readonly Json[] {
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
    usage: anthropicUsage,
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
    ...blocks.flatMap((block, index) => anthropicBlock(block, index)),
    { type: "ping" },
    { type: "message_delta", delta, usage },
    { type: "message_stop" },
  ];
}

function anthropicBlock(block: AnthropicBlock, index: number): readonly Json[] {
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
        pieces(block.text).map((text) => delta({ type: "text_delta", text })),
      );
    case "thinking":
      return around({ type: "thinking", thinking: "", signature: "" }, [
        delta({ type: "thinking_delta", thinking: block.thinking }),
        delta({ type: "signature_delta", signature: block.signature }),
      ]);
    case "redacted_thinking":
      return around(block, []);
    case "tool_use": {
      const input = pieces(JSON.stringify(block.input)).map((text) => delta({ type: "input_json_delta", partial_json: text }));
      return around({ type: "tool_use", id: block.id, name: block.name, input: {}, caller: { type: "direct" } }, [
        delta({ type: "input_json_delta", partial_json: "" }),
        ...input,
      ]);
    }
  }
}

// OpenAI Responses

export type ResponseItem =
  | { readonly type: "message"; readonly text: string; readonly phase?: string }
  | { readonly type: "refusal"; readonly text: string }
  | { readonly type: "function_call"; readonly name: string; readonly arguments: string }
  | { readonly type: "reasoning"; readonly text: string };

export function responsesEvents(
  items: readonly ResponseItem[],
  end: { readonly type?: string; readonly fields?: Json } = {},
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
  const built = items.map(responseItem);
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

function responseItem(source: ResponseItem, output_index: number): { readonly item: Json; readonly events: readonly Json[] } {
  switch (source.type) {
    case "message":
      return messageItem(source, output_index);
    case "refusal": {
      const item = {
        id: `msg_${output_index}`,
        type: "message",
        role: "assistant",
        status: "completed",
        content: [{ type: "refusal", refusal: source.text }],
      };
      return {
        item,
        events: [
          { type: "response.refusal.delta", item_id: item.id, output_index, content_index: 0, delta: source.text },
          { type: "response.output_item.done", output_index, item },
        ],
      };
    }
    case "function_call": {
      const item = {
        id: `fc_${output_index}`,
        type: "function_call",
        status: "completed",
        call_id: `call_${output_index}`,
        name: source.name,
        arguments: source.arguments,
      };
      return {
        item,
        events: [
          { type: "response.output_item.added", output_index, item: { ...item, status: "in_progress", arguments: "" } },
          ...pieces(source.arguments).map((delta) => ({
            type: "response.function_call_arguments.delta",
            item_id: item.id,
            output_index,
            delta,
          })),
          { type: "response.output_item.done", output_index, item },
        ],
      };
    }
    case "reasoning": {
      const item = {
        id: `rs_${output_index}`,
        type: "reasoning",
        summary: [{ type: "summary_text", text: source.text }],
        encrypted_content: "ENC",
      };
      return {
        item,
        events: [
          { type: "response.output_item.added", output_index, item: { ...item, summary: [] } },
          { type: "response.reasoning_summary_text.delta", item_id: item.id, output_index, summary_index: 0, delta: source.text },
          { type: "response.output_item.done", output_index, item },
        ],
      };
    }
  }
}

function messageItem(
  source: Extract<ResponseItem, { readonly type: "message" }>,
  output_index: number,
): { readonly item: Json; readonly events: readonly Json[] } {
  const item = {
    id: `msg_${output_index}`,
    type: "message",
    role: "assistant",
    status: "completed",
    ...(source.phase === undefined ? {} : { phase: source.phase }),
    content: [{ type: "output_text", text: source.text, annotations: [] }],
  };
  const at = { item_id: item.id, output_index, content_index: 0 };
  return {
    item,
    events: [
      { type: "response.output_item.added", output_index, item: { ...item, status: "in_progress", content: [] } },
      { type: "response.content_part.added", ...at, part: { type: "output_text", text: "", annotations: [] } },
      ...pieces(source.text).map((delta) => ({ type: "response.output_text.delta", ...at, delta, logprobs: [] })),
      { type: "response.output_text.done", ...at, text: source.text, logprobs: [] },
      { type: "response.output_item.done", output_index, item },
    ],
  };
}

// OpenAI Chat Completions

export function chatChunks(deltas: readonly Json[], finish: string | null): readonly Json[] {
  const base = { id: "cc_1", object: "chat.completion.chunk", created: 1, model: "local" };
  const usage = {
    prompt_tokens: 9,
    completion_tokens: 5,
    total_tokens: 14,
    prompt_tokens_details: { cached_tokens: 2 },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
  return [
    ...deltas.map((delta) => ({ ...base, choices: [{ index: 0, delta, finish_reason: null }] })),
    ...(finish === null
      ? []
      : [
          { ...base, choices: [{ index: 0, delta: {}, finish_reason: finish }] },
          { ...base, choices: [], usage },
        ]),
  ];
}

export const chatText = (text: string): readonly Json[] => pieces(text).map((content) => ({ role: "assistant", content }));
export const chatBody = (chunks: readonly Json[], end = "data: [DONE]\n\n"): string =>
  chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("") + end;

// Ollama

export function ollamaChunks(messages: readonly Json[], done: Json | null = {}): readonly Json[] {
  const base = { model: "qwen3", created_at: "2026-11-21T00:00:00Z" };
  const last = {
    ...base,
    message: { role: "assistant", content: "" },
    done: true,
    done_reason: "stop",
    total_duration: 5,
    load_duration: 1,
    prompt_eval_count: 26,
    prompt_eval_duration: 1,
    eval_count: 7,
    eval_duration: 2,
    ...done,
  };
  return [
    ...messages.map((message) => ({ ...base, message: { role: "assistant", content: "", ...message }, done: false })),
    ...(done === null ? [] : [last]),
  ];
}

export const ollamaText = (text: string): readonly Json[] => pieces(text).map((content) => ({ content }));
