// A server on this machine that speaks Anthropic's Messages API in its true wire format. What it answers is computed from the prompt it is sent,
// by the example's own rules; what it was asked is kept, so that a test can count it.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { answer } from "../../examples/release-notes/rules.ts";

/** The part of a request's body that matters here; anything else in it is the provider's affair. */
const Body = z.object({
  model: z.string(),
  stream: z.literal(true),
  messages: z.array(z.object({ role: z.string(), content: z.array(z.object({ type: z.literal("text"), text: z.string() })) })),
  output_config: z.object({
    format: z.object({ type: z.literal("json_schema"), schema: z.object({ properties: z.record(z.string(), z.unknown()) }) }),
  }),
});

/** A request as it came: which of the two outputs it wants, and for whom. */
export interface ClaudeRequest {
  readonly output: "sort" | "write";
  readonly audience: string;
  readonly model: string;
  readonly key: string | undefined;
}

/** A running server. */
export interface ClaudeServer {
  readonly url: string;
  readonly requests: readonly ClaudeRequest[];
  /** Resolves with the next request. */
  next(): Promise<ClaudeRequest>;
  close(): Promise<void>;
}

/** How it behaves. */
export interface ClaudeServerOptions {
  /** Before the first byte of a reply. */
  readonly latencyMs?: number;
  /** Other keys are refused; without it every key is taken. */
  readonly acceptedKey?: string;
}

/** Starts it on a free port. */
export async function startClaudeServer(options: ClaudeServerOptions = {}): Promise<ClaudeServer> {
  const requests: ClaudeRequest[] = [];
  const waiting = new Set<(request: ClaudeRequest) => void>();
  const server = createServer((incoming, response) => {
    reply(incoming, response, options, (request) => {
      requests.push(request);
      for (const resolve of waiting) resolve(request);
      waiting.clear();
    }).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    next: () => new Promise((resolve) => waiting.add(resolve)),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve, reject) => server.close((error) => (error === undefined ? resolve() : reject(error))));
    },
  };
}

type Note = (request: ClaudeRequest) => void;

async function reply(
  incoming: IncomingMessage,
  response: ServerResponse,
  { latencyMs = 0, acceptedKey }: ClaudeServerOptions,
  note: Note,
): Promise<void> {
  const key = incoming.headers.authorization?.replace(/^Bearer /, "");
  if (incoming.method !== "POST" || !incoming.url?.startsWith("/v1/messages")) return refuse(response, 404, "not_found_error", "Not found");
  if (acceptedKey !== undefined && key !== acceptedKey) return refuse(response, 401, "authentication_error", "invalid x-api-key");
  const body = Body.parse(JSON.parse(await textOf(incoming)));
  const prompt = body.messages.flatMap(({ content }) => content.map(({ text }) => text)).join("\n");
  const output = "groups" in body.output_config.format.schema.properties ? "sort" : "write";
  const audience = /^Audience: (.*)$/m.exec(prompt)?.[1] ?? "";
  note({ output, audience, model: body.model, key });

  await pause(latencyMs);
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "request-id": "req_1" });
  for (const event of messageEvents(body.model, JSON.stringify(answer(output, prompt)))) {
    if (response.destroyed) return;
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  }
  response.end();
}

function refuse(response: ServerResponse, status: number, type: string, message: string): void {
  response.writeHead(status, { "content-type": "application/json", "request-id": "req_2" });
  response.end(JSON.stringify({ type: "error", error: { type, message } }));
}

interface WireEvent {
  readonly type: string;
  readonly [member: string]: unknown;
}

const PIECE_LENGTH = 400;
const USAGE = { input_tokens: 12, cache_creation_input_tokens: 100, cache_read_input_tokens: 40, server_tool_use: null };

/** One text block in the events that the API streams it in. */
function messageEvents(model: string, text: string): readonly WireEvent[] {
  const message = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...USAGE, output_tokens: 1 },
  };
  const pieces = text.match(new RegExp(`[^]{1,${PIECE_LENGTH}}`, "g")) ?? [];
  return [
    { type: "message_start", message },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "", citations: null } },
    { type: "ping" },
    ...pieces.map((piece) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: piece } })),
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { ...USAGE, output_tokens: 20 } },
    { type: "message_stop" },
  ];
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  incoming.setEncoding("utf8");
  let text = "";
  for await (const piece of incoming) text += String(piece);
  return text;
}
