// Ollama's own chat API, as far as an engine without tools needs it: streamed as lines of JSON.

import { z } from "zod";
import { type Asked, DEFAULT_MAX_TOKENS, DEFAULT_SEED, type Wire } from "./wire.ts";

const Body = z.object({
  model: z.string(),
  stream: z.literal(true, { error: "stream must be true: the toy only streams" }),
  messages: z.array(z.object({ role: z.string(), content: z.string() })).min(1),
  tools: z.array(z.unknown()).max(0, { error: "the toy calls no tools" }).optional(),
  format: z.union([z.literal("json"), z.literal(""), z.record(z.string(), z.unknown())]).optional(),
  options: z
    .object({
      num_predict: z.int().positive().optional(),
      temperature: z.number().optional(),
      seed: z.int().optional(),
      stop: z.array(z.string()).optional(),
    })
    .optional(),
});

export const ollamaChat: Wire = {
  path: "/api/chat",
  contentType: "application/x-ndjson",
  read: (body) => {
    const { model, messages, format, options = {} } = Body.parse(body);
    return {
      model,
      wantsUsage: true,
      question: {
        messages,
        maxTokens: options.num_predict ?? DEFAULT_MAX_TOKENS,
        temperature: options.temperature ?? 0,
        seed: options.seed ?? DEFAULT_SEED,
        stop: options.stop ?? [],
        schema: format === "json" ? { type: "object" } : typeof format === "object" ? format : undefined,
      },
    };
  },
  piece: (asked, content) => line(asked, content, { done: false }),
  end: (asked, { promptTokens, answerTokens, isCut }) =>
    line(asked, "", {
      done: true,
      done_reason: isCut ? "length" : "stop",
      prompt_eval_count: promptTokens,
      eval_count: answerTokens,
      total_duration: 0,
      load_duration: 0,
      prompt_eval_duration: 0,
      eval_duration: 0,
    }),
  failure: (message) => ({ error: message }),
};

function line({ model }: Asked, content: string, members: object): string {
  return `${JSON.stringify({ model, created_at: "1970-01-01T00:00:00Z", message: { role: "assistant", content }, ...members })}\n`;
}
