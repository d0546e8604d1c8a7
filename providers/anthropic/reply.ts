// Anthropic's stream events, summed up to a ModelReply. Pure: no SDK code, only its types. The events are taken as they come, since the
// SDK's own sum mends broken tool arguments in silence: a call that was cut would look like a whole one.

import type {
  ContentBlock,
  Message,
  MessageDeltaUsage,
  RawContentBlockDeltaEvent,
  RawMessageStreamEvent,
  StopReason as AnthropicStop,
} from "@anthropic-ai/sdk/resources/messages/messages";
import type { AssistantPart, JsonValue, ModelEvent, ModelReply, Opaque, StopReason, Usage } from "../../src/index.ts";
import { readArguments } from "../http/json-text.ts";

/** What has come so far. */
export interface Sum {
  message: Message | undefined;
  /** By their index; the JSON text of a tool's input is kept beside its block. */
  readonly blocks: Map<number, { block: ContentBlock; input: string }>;
  /** True when the last event has come. */
  isComplete: boolean;
}

/** Nothing yet. */
export function newSum(): Sum {
  return { message: undefined, blocks: new Map(), isComplete: false };
}

/** Adds an event and gives what is new in it. */
export function* addEvent(sum: Sum, event: RawMessageStreamEvent): Generator<ModelEvent> {
  switch (event.type) {
    case "message_start":
      sum.message = event.message;
      break;
    case "content_block_start":
      sum.blocks.set(event.index, { block: { ...event.content_block }, input: "" });
      if (event.content_block.type === "tool_use")
        yield { type: "tool-delta", id: event.content_block.id, name: event.content_block.name, delta: "" };
      break;
    case "content_block_delta":
      yield* addDelta(sum, event);
      break;
    case "message_delta":
      if (sum.message !== undefined) sum.message = { ...sum.message, ...event.delta, usage: newest(sum.message.usage, event.usage) };
      break;
    case "message_stop":
      sum.isComplete = true;
      break;
    default:
      // The end of a block, and events of a later version: the last ones hold all that counts.
      break;
  }
}

function* addDelta(sum: Sum, { index, delta }: RawContentBlockDeltaEvent): Generator<ModelEvent> {
  const open = sum.blocks.get(index);
  if (open === undefined) return;
  const { block } = open;
  switch (delta.type) {
    case "text_delta":
      if (block.type === "text") block.text += delta.text;
      yield { type: "text-delta", delta: delta.text };
      break;
    case "thinking_delta":
      if (block.type === "thinking") block.thinking += delta.thinking;
      yield { type: "reasoning-delta", delta: delta.thinking };
      break;
    case "signature_delta":
      if (block.type === "thinking") block.signature = delta.signature;
      break;
    case "input_json_delta":
      open.input += delta.partial_json;
      if (block.type === "tool_use" && delta.partial_json !== "")
        yield { type: "tool-delta", id: block.id, name: block.name, delta: delta.partial_json };
      break;
    default:
      // Citations, which only documents with citations turned on bring.
      break;
  }
}

/** The counters of the last event are totals; those that do not apply are left out. */
function newest(before: Message["usage"], last: Partial<MessageDeltaUsage> = {}): Message["usage"] {
  const known = Object.entries(last).filter(([, value]) => value !== null && value !== undefined);
  return { ...before, ...Object.fromEntries(known) };
}

/** What a reply needs besides the message. */
export interface ReplyContext {
  readonly model: string;
  readonly warnings: readonly string[];
  readonly requestId: string | undefined;
}

/** The reply; undefined as long as it is not complete. */
export function toReply({ message, blocks, isComplete }: Sum, { model, warnings, requestId }: ReplyContext): ModelReply | undefined {
  if (message === undefined || !isComplete) return undefined;
  const detail = message.stop_details?.explanation ?? message.stop_details?.category ?? message.stop_sequence;
  return {
    content: [...blocks.values()].map(({ block, input }) => toPart(block, input, model)),
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

function toPart(block: ContentBlock, input: string, model: string): AssistantPart {
  switch (block.type) {
    case "text":
      return { type: "text", text: block.text };
    case "tool_use":
      return { type: "tool-call", id: block.id, name: block.name, input: input === "" ? (block.input as JsonValue) : readArguments(input) };
    case "thinking":
      return {
        type: "reasoning",
        text: block.thinking,
        opaque: opaque(model, { type: block.type, thinking: block.thinking, signature: block.signature }),
      };
    case "redacted_thinking":
      return { type: "reasoning", text: "", opaque: opaque(model, { type: block.type, data: block.data }) };
    default: {
      // Tools that run at Anthropic, asked for by providerOptions: nobody else can read them, and a paused turn needs them back.
      const whole = input === "" ? block : { ...block, input: readArguments(input) };
      // The block came as JSON, and goes back as it came.
      return { type: "reasoning", text: "", opaque: opaque(model, whole as unknown as JsonValue) };
    }
  }
}

function opaque(model: string, data: JsonValue): Opaque {
  return { provider: "anthropic", model, data };
}

/** Anthropic's `input_tokens` leaves cached input out; ours includes it. */
function toUsage(usage: Message["usage"]): Usage {
  const cacheRead = usage.cache_read_input_tokens ?? null;
  const cacheWrite = usage.cache_creation_input_tokens ?? null;
  const spans = usage.cache_creation ?? undefined;
  return {
    input: usage.input_tokens + (cacheRead ?? 0) + (cacheWrite ?? 0),
    output: usage.output_tokens,
    cacheRead,
    cacheWrite,
    ...(spans === undefined ? {} : { cacheWriteSpans: { "5m": spans.ephemeral_5m_input_tokens, "1h": spans.ephemeral_1h_input_tokens } }),
    reasoning: usage.output_tokens_details?.thinking_tokens ?? null,
  };
}
