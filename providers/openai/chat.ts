// One call of the Chat Completions API: its chunks accumulated to a reply. What
// compatible servers add (reasoning) or leave out (ids, usage) is allowed for.

import type { ChatCompletionChunk } from "openai/resources/chat/completions";
import type { AssistantPart, ModelEvent, ModelReply, StopReason, Usage } from "../../src/index.ts";
import { abortError, cutError } from "../http/errors.ts";
import { type OpenAICall, readArguments, readText } from "./call.ts";
import { toChatRequest } from "./chat-request.ts";

/** Streams one call to its finish. The SDK's errors pass through; openai.ts maps them. */
export async function* streamChat(call: OpenAICall): AsyncGenerator<ModelEvent> {
  const { body, warnings } = toChatRequest(call.request, call);
  const { data: chunks, request_id } = await call.client.chat.completions.create({ ...body, stream: true }, call.options).withResponse();
  const sum: Sum = {
    text: "",
    reasoning: "",
    refusal: "",
    calls: new Map(),
    finish: undefined,
    usage: undefined,
    model: call.request.model,
  };
  for await (const chunk of chunks) yield* add(sum, chunk);

  if (call.options.signal.aborted) throw abortError(call.provider, call.options.signal);
  // The usage comes after the finish reason, so only the end of the stream is the end; without a finish reason it was cut.
  if (sum.finish === undefined) throw cutError(call.provider);
  yield { type: "finish", reply: toReply(sum, call, { warnings, requestId: request_id ?? undefined }) };
}

interface PartialCall {
  id: string;
  name: string;
  text: string;
}

interface Sum {
  text: string;
  reasoning: string;
  refusal: string;
  readonly calls: Map<number, PartialCall>;
  finish: string | undefined;
  usage: ChatCompletionChunk["usage"] | undefined;
  model: string;
}

function* add(sum: Sum, chunk: ChatCompletionChunk): Generator<ModelEvent> {
  sum.model = chunk.model || sum.model;
  sum.usage = chunk.usage ?? sum.usage;
  const choice = chunk.choices[0];
  if (choice === undefined) return;
  sum.finish = choice.finish_reason ?? sum.finish;
  sum.refusal += choice.delta.refusal ?? "";
  for (const call of choice.delta.tool_calls ?? []) addCall(sum.calls, call);

  const reasoning = reasoningOf(choice.delta);
  if (reasoning !== "") {
    sum.reasoning += reasoning;
    yield { type: "reasoning-delta", delta: reasoning };
  }
  if (choice.delta.content) {
    sum.text += choice.delta.content;
    yield { type: "text-delta", delta: choice.delta.content };
  }
}

function addCall(calls: Map<number, PartialCall>, { index, id, function: part }: ChatCompletionChunk.Choice.Delta.ToolCall): void {
  const call = calls.get(index) ?? { id: "", name: "", text: "" };
  call.id ||= id ?? "";
  call.name ||= part?.name ?? "";
  call.text += part?.arguments ?? "";
  calls.set(index, call);
}

/** Servers with reasoning models send it in one of two fields that OpenAI's own API does not have. */
function reasoningOf(delta: object): string {
  if ("reasoning_content" in delta && typeof delta.reasoning_content === "string") return delta.reasoning_content;
  if ("reasoning" in delta && typeof delta.reasoning === "string") return delta.reasoning;
  return "";
}

function toReply(
  sum: Sum,
  { request }: OpenAICall,
  { warnings, requestId }: { readonly warnings: readonly string[]; readonly requestId: string | undefined },
): ModelReply {
  const content: AssistantPart[] = [];
  if (sum.reasoning !== "") content.push({ type: "reasoning", text: sum.reasoning });
  if (sum.text !== "") content.push({ type: "text", text: readText(sum.text, request) });
  for (const [index, { id, name, text }] of sum.calls)
    content.push({ type: "tool-call", id: id || `call_${index}`, name, input: readArguments(text, name, request.tools) });
  return {
    content,
    stop: toStop(sum),
    usage: toUsage(sum.usage),
    model: sum.model,
    ...(requestId === undefined ? {} : { requestId }),
    warnings,
  };
}

function toStop({ finish = "", refusal, calls }: Sum): ModelReply["stop"] {
  if (refusal !== "") return { reason: "refusal", raw: finish, detail: refusal };
  // Some servers say "stop" beside tool calls.
  if (calls.size > 0 && finish === "stop") return { reason: "tool-calls", raw: finish };
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
    cacheWrite: null,
    reasoning: usage?.completion_tokens_details?.reasoning_tokens ?? null,
  };
}
