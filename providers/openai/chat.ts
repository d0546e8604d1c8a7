// One call of the Chat Completions API: its chunks accumulated to a reply. What
// compatible servers add (reasoning, cost) or leave out (ids, usage) is allowed for.

import type { ChatCompletionChunk } from "openai/resources/chat/completions";
import type { AssistantPart, JsonValue, ModelEvent, ModelReply, StopReason, Usage } from "../../src/index.ts";
import { callCount } from "../http/call-ids.ts";
import { endError } from "../http/errors.ts";
import { type OpenAICall, readInput, readText } from "./call.ts";
import { toChatRequest } from "./chat-request.ts";

/** Streams one call to its finish. The SDK's errors pass through; openai.ts maps them. */
export async function* streamChat(call: OpenAICall): AsyncGenerator<ModelEvent> {
  const { body, warnings } = toChatRequest(call.request, call);
  const created = call.client.chat.completions.create({ ...body, stream: true }, call.options);
  const { data: chunks, request_id, response } = await created.withResponse();
  const sum: Sum = {
    text: "",
    reasoning: { text: "", field: undefined, details: [] },
    refusal: "",
    calls: [],
    before: callCount(call.request),
    finish: undefined,
    usage: undefined,
    model: undefined,
  };
  for await (const chunk of chunks) yield* add(sum, chunk);

  // The usage comes after the finish reason, so only the end of the stream is the end; without a finish reason it was cut.
  if (sum.finish === undefined || call.options.signal.aborted)
    throw endError(call.provider, { signal: call.options.signal, hasBegun: sum.model !== undefined, headers: response.headers });
  yield { type: "finish", reply: toReply(sum, call, { warnings, requestId: request_id ?? undefined }) };
}

/** Some servers leave out the index as well. */
type LooseCall = Partial<ChatCompletionChunk.Choice.Delta.ToolCall>;

interface PartialCall {
  readonly index: number;
  readonly id: string;
  name: string;
  text: string;
}

interface Sum {
  text: string;
  /** Its field and its details are kept to be sent back as they came. */
  readonly reasoning: { text: string; field: string | undefined; readonly details: JsonValue[] };
  refusal: string;
  readonly calls: PartialCall[];
  /** Calls of earlier turns: ids of ours must differ within a conversation. */
  readonly before: number;
  finish: string | undefined;
  usage: ChatCompletionChunk["usage"] | undefined;
  model: string | undefined;
}

function* add(sum: Sum, chunk: ChatCompletionChunk): Generator<ModelEvent> {
  sum.model = chunk.model || sum.model || "";
  sum.usage = chunk.usage ?? sum.usage;
  // Some servers send chunks without any, as a sign of life.
  const choice = (chunk as Partial<ChatCompletionChunk>).choices?.[0];
  if (choice === undefined) return;
  sum.finish = choice.finish_reason ?? sum.finish;
  // Some servers send no delta beside the finish reason.
  const delta: Partial<ChatCompletionChunk.Choice.Delta> = choice.delta ?? {};
  sum.refusal += delta.refusal ?? "";

  const reasoning = addReasoning(sum.reasoning, delta);
  if (reasoning !== "") yield { type: "reasoning-delta", delta: reasoning };
  if (delta.content) {
    sum.text += delta.content;
    yield { type: "text-delta", delta: delta.content };
  }
  for (const part of delta.tool_calls ?? []) {
    const { id, name } = addCall(sum, part);
    yield { type: "tool-delta", id, name, delta: part.function?.arguments ?? "" };
  }
}

/** Adds to the call of the same index, or begins one. Some servers number all calls 0 and tell them apart by their ids. */
function addCall({ calls, before }: Sum, { index = 0, id, function: part }: LooseCall): PartialCall {
  const open = calls.findLast((call) => call.index === index);
  const call =
    open === undefined || (id && open.id !== id && part?.name) ? begin(calls, index, id || `call_${before + calls.length}`) : open;
  call.name ||= part?.name ?? "";
  call.text += part?.arguments ?? "";
  return call;
}

function begin(calls: PartialCall[], index: number, id: string): PartialCall {
  const call: PartialCall = { index, id, name: "", text: "" };
  calls.push(call);
  return call;
}

const REASONING_FIELDS = ["reasoning_content", "reasoning"] as const;

/** Servers with reasoning models send it in one of two fields that OpenAI's own API does not have; OpenRouter adds a list of its own. */
function addReasoning(sum: Sum["reasoning"], delta: object): string {
  const fields = delta as Readonly<Record<string, unknown>>;
  const details = fields["reasoning_details"];
  // They came as JSON, and go back as they came.
  if (Array.isArray(details)) sum.details.push(...(details as readonly JsonValue[]));
  const field = REASONING_FIELDS.find((name) => typeof fields[name] === "string" && fields[name] !== "");
  const text = field === undefined ? "" : String(fields[field]);
  sum.field ??= field;
  sum.text += text;
  return text;
}

function toReply(
  sum: Sum,
  { provider, request, tellsCost }: OpenAICall,
  { warnings, requestId }: { readonly warnings: readonly string[]; readonly requestId: string | undefined },
): ModelReply {
  const content: AssistantPart[] = [];
  const { text: reasoning, field, details } = sum.reasoning;
  if (reasoning !== "" || details.length > 0) {
    const data: JsonValue = { ...(field === undefined ? {} : { field }), ...(details.length === 0 ? {} : { details }) };
    content.push({ type: "reasoning", text: reasoning, opaque: { provider, model: request.model, data } });
  }
  if (sum.text !== "") content.push({ type: "text", text: readText(sum.text, request) });
  for (const { id, name, text } of sum.calls) content.push({ type: "tool-call", id, name, input: readInput(text, name, request.tools) });
  const cost = tellsCost ? costOf(sum.usage) : undefined;
  return {
    content,
    stop: toStop(sum),
    usage: toUsage(sum.usage),
    model: sum.model || request.model,
    ...(requestId === undefined ? {} : { requestId }),
    ...(cost === undefined ? {} : { costUsd: cost }),
    warnings,
  };
}

function costOf(usage: Sum["usage"]): number | undefined {
  return usage && "cost" in usage && typeof usage.cost === "number" ? usage.cost : undefined;
}

function toStop({ finish = "", refusal, calls }: Sum): ModelReply["stop"] {
  if (refusal !== "") return { reason: "refusal", raw: finish, detail: refusal };
  // Some servers say "stop" beside tool calls.
  if (calls.length > 0 && finish === "stop") return { reason: "tool-calls", raw: finish };
  return { reason: STOP[finish] ?? "other", raw: finish };
}

const STOP: Readonly<Record<string, StopReason>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool-calls",
  function_call: "tool-calls",
  content_filter: "refusal",
};

function toUsage(usage: Sum["usage"]): Usage {
  return {
    input: usage?.prompt_tokens ?? null,
    output: usage?.completion_tokens ?? null,
    cacheRead: usage?.prompt_tokens_details?.cached_tokens ?? null,
    cacheWrite: usage?.prompt_tokens_details?.cache_write_tokens ?? null,
    reasoning: usage?.completion_tokens_details?.reasoning_tokens ?? null,
  };
}
