// Anthropic's stream events and final message as ModelEvents and ModelReply. Pure: no SDK code, only its types.

import type { ContentBlock, Message, MessageStreamEvent, StopReason as AnthropicStop } from "@anthropic-ai/sdk/resources/messages/messages";
import type { AssistantPart, JsonValue, ModelEvent, ModelReply, ModelRequest, StopReason, Usage } from "../../src/index.ts";

/** What a reply needs besides the message. */
export interface ReplyContext {
  readonly request: ModelRequest;
  readonly warnings: readonly string[];
  readonly requestId: string | undefined;
}

/** The text or the thinking an event adds; undefined for all other events. */
export function toDelta(event: MessageStreamEvent): ModelEvent | undefined {
  if (event.type !== "content_block_delta") return undefined;
  if (event.delta.type === "text_delta") return { type: "text-delta", delta: event.delta.text };
  if (event.delta.type === "thinking_delta") return { type: "reasoning-delta", delta: event.delta.thinking };
  return undefined;
}

/** Maps a complete message. */
export function toReply(message: Message, { request, warnings, requestId }: ReplyContext): ModelReply {
  const detail = message.stop_details?.explanation ?? message.stop_details?.category;
  return {
    content: message.content.flatMap((block) => toPart(block, request.model)),
    stop: {
      reason: message.stop_reason === null ? "other" : (STOP[message.stop_reason] ?? "other"),
      ...(message.stop_reason === null ? {} : { raw: message.stop_reason }),
      ...(detail ? { detail } : {}),
    },
    usage: toUsage(message.usage),
    model: message.model,
    ...(requestId === undefined ? {} : { requestId }),
    warnings,
  };
}

const STOP: { readonly [reason in AnthropicStop]?: StopReason } = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  tool_use: "tool-calls",
  pause_turn: "paused",
  refusal: "refusal",
  model_context_window_exceeded: "context-window",
};

function toPart(block: ContentBlock, model: string): readonly AssistantPart[] {
  switch (block.type) {
    case "text":
      return [{ type: "text", text: block.text }];
    case "tool_use":
      // The input was parsed from JSON text by the SDK.
      return [{ type: "tool-call", id: block.id, name: block.name, input: block.input as JsonValue }];
    case "thinking":
      return [
        {
          type: "reasoning",
          text: block.thinking,
          opaque: { provider: "anthropic", model, data: { type: block.type, thinking: block.thinking, signature: block.signature } },
        },
      ];
    case "redacted_thinking":
      return [{ type: "reasoning", text: "", opaque: { provider: "anthropic", model, data: { type: block.type, data: block.data } } }];
    default:
      // Blocks of server-side tools, which Kindling never asks for.
      return [];
  }
}

/** Anthropic's `input_tokens` leaves cached input out; ours includes it. */
function toUsage(usage: Message["usage"]): Usage {
  const cacheRead = usage.cache_read_input_tokens ?? null;
  const cacheWrite = usage.cache_creation_input_tokens ?? null;
  return {
    input: usage.input_tokens + (cacheRead ?? 0) + (cacheWrite ?? 0),
    output: usage.output_tokens,
    cacheRead,
    cacheWrite,
    reasoning: usage.output_tokens_details?.thinking_tokens ?? null,
  };
}
