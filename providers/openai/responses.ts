// One call of the Responses API: its raw events accumulated to a reply. Events that Kindling never asks for are passed over.

import type { Response, ResponseOutputItem } from "openai/resources/responses/responses";
import type { AssistantPart, JsonValue, ModelEvent, ModelReply, Opaque, StopReason, Usage } from "../../src/index.ts";
import { abortError, cutError } from "../http/errors.ts";
import { type OpenAICall, readArguments, readText } from "./call.ts";
import { failedResponse } from "./errors.ts";
import { toResponsesRequest } from "./responses-request.ts";

/** Streams one call to its finish. The SDK's errors pass through; openai.ts maps them. */
export async function* streamResponses(call: OpenAICall): AsyncGenerator<ModelEvent> {
  const { body, warnings } = toResponsesRequest(call.request, call.provider);
  const { data: events, request_id } = await call.client.responses.create({ ...body, stream: true }, call.options).withResponse();
  const requestId = request_id ?? undefined;
  const items: ResponseOutputItem[] = [];
  for await (const event of events) {
    switch (event.type) {
      case "response.output_text.delta":
        yield { type: "text-delta", delta: event.delta };
        break;
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta":
        yield { type: "reasoning-delta", delta: event.delta };
        break;
      case "response.output_item.done":
        items.push(event.item);
        break;
      case "response.failed":
        throw failedResponse(call.provider, event.response.error, requestId);
      case "response.completed":
      case "response.incomplete":
        yield { type: "finish", reply: toReply(event.response, items, { call, warnings, requestId }) };
        return;
      default:
        // Life cycle, tool arguments in parts, and events of features that
        // are never asked for: the items and the last event hold all of it.
        break;
    }
  }
  // The SDK ends an aborted or truncated stream in silence.
  throw call.options.signal.aborted ? abortError(call.provider, call.options.signal) : cutError(call.provider);
}

interface ReplyContext {
  readonly call: OpenAICall;
  readonly warnings: readonly string[];
  readonly requestId: string | undefined;
}

function toReply(response: Response, streamed: readonly ResponseOutputItem[], { call, warnings, requestId }: ReplyContext): ModelReply {
  // Loose servers leave the items out of the last event.
  const items = response.output?.length > 0 ? response.output : streamed;
  return {
    content: items.flatMap((item) => toParts(item, call)),
    stop: toStop(response, items),
    usage: toUsage(response.usage),
    model: response.model,
    ...(requestId === undefined ? {} : { requestId }),
    warnings,
  };
}

function toParts(item: ResponseOutputItem, { provider, request }: OpenAICall): readonly AssistantPart[] {
  const opaque = (data: JsonValue): Opaque => ({ provider, model: request.model, data });
  switch (item.type) {
    case "message": {
      const text = item.content.map((part) => (part.type === "output_text" ? part.text : "")).join("");
      const marks = opaque({ id: item.id, ...(item.phase ? { phase: item.phase } : {}) });
      return text === "" ? [] : [{ type: "text", text: readText(text, request), opaque: marks }];
    }
    case "function_call": {
      const marks = item.id === undefined ? {} : { opaque: opaque({ id: item.id }) };
      return [
        { type: "tool-call", id: item.call_id, name: item.name, input: readArguments(item.arguments, item.name, request.tools), ...marks },
      ];
    }
    case "reasoning": {
      const text = (item.summary.length > 0 ? item.summary : (item.content ?? [])).map((part) => part.text).join("\n\n");
      // The item came as JSON, and goes back as it came.
      return [{ type: "reasoning", text, opaque: opaque(item as unknown as JsonValue) }];
    }
    default:
      return [];
  }
}

function toStop(response: Response, items: readonly ResponseOutputItem[]): ModelReply["stop"] {
  const refusal = items.flatMap((item) => (item.type === "message" ? item.content : [])).find((part) => part.type === "refusal");
  if (refusal !== undefined) return { reason: "refusal", raw: "refusal", detail: refusal.refusal };
  if (response.status === "incomplete") {
    const raw = response.incomplete_details?.reason ?? "incomplete";
    return { reason: INCOMPLETE[raw] ?? "other", raw };
  }
  const hasCalls = items.some((item) => item.type === "function_call");
  return { reason: hasCalls ? "tool-calls" : "stop", raw: response.status ?? "completed" };
}

const INCOMPLETE: Readonly<Record<string, StopReason>> = { max_output_tokens: "length", content_filter: "refusal" };

/** OpenAI's `input_tokens` includes cached input, as ours does. */
function toUsage(usage: Response["usage"]): Usage {
  return {
    input: usage?.input_tokens ?? null,
    output: usage?.output_tokens ?? null,
    cacheRead: usage?.input_tokens_details?.cached_tokens ?? null,
    cacheWrite: usage?.input_tokens_details?.cache_write_tokens ?? null,
    reasoning: usage?.output_tokens_details?.reasoning_tokens ?? null,
  };
}
