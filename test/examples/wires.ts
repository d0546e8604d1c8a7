// How the three APIs look on the wire, as far as the example meets them: what a request says, and how one streamed reply is written.

import { z } from "zod";

/** What a request asks for. */
export interface Asked {
  readonly model: string;
  readonly prompt: string;
  /** The names of the members the reply must have. */
  readonly members: readonly string[];
}

/** One API. */
export interface Wire {
  readonly contentType: string;
  readonly read: (body: unknown) => Asked;
  /** A whole reply in the pieces it is streamed in. */
  readonly write: (model: string, text: string) => readonly string[];
}

const SchemaShape = z.object({ properties: z.record(z.string(), z.unknown()) });
const TextPart = z.object({ type: z.literal("text"), text: z.string() });

const ClaudeBody = z.object({
  model: z.string(),
  stream: z.literal(true),
  messages: z.array(z.object({ role: z.string(), content: z.array(TextPart) })),
  output_config: z.object({ format: z.object({ type: z.literal("json_schema"), schema: SchemaShape }) }),
});

const ChatBody = z.object({
  model: z.string(),
  stream: z.literal(true),
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  response_format: z.object({ type: z.literal("json_schema"), json_schema: z.object({ schema: SchemaShape }) }),
});

const OllamaBody = z.object({
  model: z.string(),
  stream: z.literal(true),
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  format: SchemaShape,
});

/** The APIs by the path they are asked at. */
export const WIRES: ReadonlyMap<string, Wire> = new Map<string, Wire>([
  [
    "/v1/messages",
    {
      contentType: "text/event-stream; charset=utf-8",
      read: (body) => {
        const { model, messages, output_config } = ClaudeBody.parse(body);
        const prompt = messages.flatMap(({ content }) => content.map(({ text }) => text)).join("\n");
        return { model, prompt, members: Object.keys(output_config.format.schema.properties) };
      },
      write: (model, text) => claudeEvents(model, text).map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
    },
  ],
  [
    "/v1/chat/completions",
    {
      contentType: "text/event-stream",
      read: (body) => {
        const { model, messages, response_format } = ChatBody.parse(body);
        return { model, prompt: promptOf(messages), members: Object.keys(response_format.json_schema.schema.properties) };
      },
      write: (model, text) => [...chatChunks(model, text).map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), "data: [DONE]\n\n"],
    },
  ],
  [
    "/api/chat",
    {
      contentType: "application/x-ndjson",
      read: (body) => {
        const { model, messages, format } = OllamaBody.parse(body);
        return { model, prompt: promptOf(messages), members: Object.keys(format.properties) };
      },
      write: (model, text) => ollamaLines(model, text).map((line) => `${JSON.stringify(line)}\n`),
    },
  ],
]);

const PIECE_LENGTH = 400;

function pieces(text: string): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / PIECE_LENGTH) }, (_, index) =>
    text.slice(index * PIECE_LENGTH, (index + 1) * PIECE_LENGTH),
  );
}

function promptOf(messages: readonly { readonly role: string; readonly content: string }[]): string {
  return messages.flatMap(({ role, content }) => (role === "user" ? [content] : [])).join("\n");
}

function claudeEvents(model: string, text: string) {
  const usage = { input_tokens: 12, cache_creation_input_tokens: 100, cache_read_input_tokens: 40, server_tool_use: null };
  const message = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...usage, output_tokens: 1 },
  };
  return [
    { type: "message_start", message },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "", citations: null } },
    { type: "ping" },
    ...pieces(text).map((piece) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: piece } })),
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { ...usage, output_tokens: 20 } },
    { type: "message_stop" },
  ];
}

function chatChunks(model: string, text: string) {
  const chunk = { id: "chatcmpl_1", object: "chat.completion.chunk", created: 1, model };
  const deltas = [{ role: "assistant", content: "" }, ...pieces(text).map((content) => ({ content }))];
  return [
    ...deltas.map((delta) => ({ ...chunk, choices: [{ index: 0, delta, finish_reason: null }] })),
    { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
    { ...chunk, choices: [], usage: { prompt_tokens: 900, completion_tokens: 20, total_tokens: 920 } },
  ];
}

function ollamaLines(model: string, text: string) {
  const line = { model, created_at: "2026-11-21T00:00:00Z" };
  return [
    ...pieces(text).map((content) => ({ ...line, message: { role: "assistant", content }, done: false })),
    { ...line, message: { role: "assistant", content: "" }, done: true, done_reason: "stop", prompt_eval_count: 900, eval_count: 20 },
  ];
}
