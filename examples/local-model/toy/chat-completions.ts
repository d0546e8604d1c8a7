// The Chat Completions API, as far as an engine without tools needs it: streamed as server-sent events.

import { z } from "zod";
import { type Asked, DEFAULT_MAX_TOKENS, DEFAULT_SEED, type Wire } from "./wire.ts";

const Content = z.union([z.string(), z.array(z.object({ type: z.literal("text"), text: z.string() }))]);

const Body = z.object({
  model: z.string(),
  stream: z.literal(true, { error: "stream must be true: the toy only streams" }),
  messages: z.array(z.object({ role: z.string(), content: Content })).min(1),
  tools: z.array(z.unknown()).max(0, { error: "the toy calls no tools" }).optional(),
  max_completion_tokens: z.int().positive().optional(),
  max_tokens: z.int().positive().optional(),
  temperature: z.number().optional(),
  seed: z.int().optional(),
  stop: z.union([z.string(), z.array(z.string())]).optional(),
  response_format: z
    .discriminatedUnion("type", [
      z.object({ type: z.literal("text") }),
      z.object({ type: z.literal("json_object") }),
      z.object({ type: z.literal("json_schema"), json_schema: z.object({ schema: z.record(z.string(), z.unknown()) }) }),
    ])
    .optional(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).optional(),
});

export const chatCompletions: Wire = {
  path: "/v1/chat/completions",
  contentType: "text/event-stream; charset=utf-8",
  read: (body) => {
    const { model, messages, ...rest } = Body.parse(body);
    return {
      model,
      wantsUsage: rest.stream_options?.include_usage === true,
      question: {
        messages: messages.map(({ role, content }) => ({ role, content: textOf(content) })),
        maxTokens: rest.max_completion_tokens ?? rest.max_tokens ?? DEFAULT_MAX_TOKENS,
        temperature: rest.temperature ?? 0,
        seed: rest.seed ?? DEFAULT_SEED,
        stop: typeof rest.stop === "string" ? [rest.stop] : (rest.stop ?? []),
        schema: schemaOf(rest.response_format),
      },
    };
  },
  piece: (asked, content) => chunk(asked, { choices: [{ index: 0, delta: { role: "assistant", content }, finish_reason: null }] }),
  end: (asked, { promptTokens, answerTokens, isCut }) => {
    const usage = { prompt_tokens: promptTokens, completion_tokens: answerTokens, total_tokens: promptTokens + answerTokens };
    return [
      chunk(asked, { choices: [{ index: 0, delta: {}, finish_reason: isCut ? "length" : "stop" }] }),
      ...(asked.wantsUsage ? [chunk(asked, { choices: [], usage })] : []),
      "data: [DONE]\n\n",
    ].join("");
  },
  failure: (message) => ({ error: { message, type: "invalid_request_error", param: null, code: null } }),
};

function chunk({ model }: Asked, members: object): string {
  return `data: ${JSON.stringify({ id: "chatcmpl-toy", object: "chat.completion.chunk", created: 0, model, ...members })}\n\n`;
}

function textOf(content: z.infer<typeof Content>): string {
  return typeof content === "string" ? content : content.map(({ text }) => text).join("\n\n");
}

function schemaOf(format: z.infer<typeof Body>["response_format"]): object | undefined {
  if (format?.type === "json_schema") return format.json_schema.schema;
  return format?.type === "json_object" ? { type: "object" } : undefined;
}
