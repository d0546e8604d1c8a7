// The chunks of Ollama's chat stream, summed up to a reply. Pure: no SDK code, only its types.

import type { ChatResponse, ToolCall } from "ollama/browser";
import type { AssistantPart, ModelEvent, ModelReply, ModelRequest, StopReason, ToolCallPart } from "../../src/index.ts";
import { callCount } from "../http/call-ids.ts";

/** What has come so far. */
export interface Sum {
  text: string;
  thinking: string;
  readonly calls: ToolCallPart[];
  last: ChatResponse | undefined;
  model: string;
  /** Calls of earlier turns: the API has no ids, and ours must differ within a conversation. */
  readonly before: number;
}

/** Nothing yet. */
export function newSum(request: ModelRequest): Sum {
  return { text: "", thinking: "", calls: [], last: undefined, model: request.model, before: callCount(request) };
}

/** Adds a chunk and gives what is new in it. */
export function* addChunk(sum: Sum, chunk: ChatResponse): Generator<ModelEvent> {
  const { thinking, content, tool_calls: calls = [] } = chunk.message;
  sum.model = chunk.model;
  if (chunk.done) sum.last = chunk;
  if (thinking) {
    sum.thinking += thinking;
    yield { type: "reasoning-delta", delta: thinking };
  }
  if (content) {
    sum.text += content;
    yield { type: "text-delta", delta: content };
  }
  for (const call of calls) {
    const part = toCall(call, sum.before + sum.calls.length);
    sum.calls.push(part);
    yield { type: "tool-delta", id: part.id, name: part.name, delta: JSON.stringify(part.input) };
  }
}

/** Servers may send an id that the SDK's type does not have. */
function toCall(call: ToolCall, number: number): ToolCallPart {
  const id = "id" in call && typeof call.id === "string" && call.id !== "" ? call.id : `call_${number}`;
  // The arguments were parsed from JSON by the SDK.
  return { type: "tool-call", id, name: call.function.name, input: call.function.arguments ?? {} };
}

/** The reply, when the last chunk has come. */
export function toReply(
  { text, thinking, calls, last, model }: Sum,
  request: ModelRequest,
  { provider, warnings }: { readonly provider: string; readonly warnings: readonly string[] },
): ModelReply {
  const content: AssistantPart[] = [];
  // Marked as the model's own, so that a tool loop can give it back; there is nothing in it that only Ollama can read.
  if (thinking !== "") content.push({ type: "reasoning", text: thinking, opaque: { provider, model: request.model, data: null } });
  if (text !== "") content.push({ type: "text", text });
  content.push(...calls);
  return {
    content,
    stop: toStop(last, calls.length > 0),
    usage: { input: last?.prompt_eval_count ?? null, output: last?.eval_count ?? null, cacheRead: null, cacheWrite: null, reasoning: null },
    model,
    warnings,
  };
}

const STOP: Readonly<Record<string, StopReason>> = { stop: "stop", length: "length" };

function toStop(last: ChatResponse | undefined, hasCalls: boolean): ModelReply["stop"] {
  const raw = last?.done_reason;
  // Beside tool calls the server says "stop".
  const reason = hasCalls && raw !== "length" ? "tool-calls" : (STOP[raw ?? ""] ?? "other");
  return { reason, ...(raw ? { raw } : {}) };
}
