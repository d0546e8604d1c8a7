// The wire formats of Chat Completions and of Ollama as true event sequences, and what all formats share. Knows no provider.

import { HttpResponse } from "msw";

export type Json = Record<string, unknown>;

export const SSE = "text/event-stream; charset=utf-8";
export const NDJSON = "application/x-ndjson";

/** A streamed response in chunks of few bytes, so that every parser must put lines and characters together again. */
export function streamed(
  body: string,
  contentType: string,
  headers: Record<string, string> = {},
  chunkBytes = 7,
): HttpResponse<ReadableStream> {
  const bytes = new TextEncoder().encode(body);
  let position = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (position >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(position, (position += chunkBytes)));
    },
  });
  // The mocked network needs the header: without it, an abort that meets a waiting reader fails inside undici.
  return new HttpResponse(stream, { headers: { "content-type": contentType, "transfer-encoding": "chunked", ...headers } });
}

export const sse = (events: readonly Json[]): string =>
  events.map((event) => `event: ${String(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`).join("");
export const lines = (values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");

/** A text in the pieces in which a model streams it; whole characters, as tokens are. */
export const pieces = (text: string, length = 6): readonly string[] => text.match(new RegExp(`.{1,${length}}`, "gsu")) ?? [];

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
