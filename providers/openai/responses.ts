// One call of the Responses API: its raw events accumulated to a reply. Events of features that nobody asked for are passed over.

import type { Response, ResponseOutputItem, ResponseStreamEvent } from "openai/resources/responses/responses";
import type { AssistantPart, JsonValue, ModelEvent, ModelReply, Opaque, StopReason, Usage } from "../../src/index.ts";
import { endError } from "../http/errors.ts";
import { type OpenAICall, readInput, readText } from "./call.ts";
import { failedResponse } from "./errors.ts";
import { toResponsesRequest } from "./responses-request.ts";

/** Streams one call to its finish. The SDK's errors pass through; openai.ts maps them. */
export async function* streamResponses(call: OpenAICall): AsyncGenerator<ModelEvent> {
  const { body, warnings } = toResponsesRequest(call.request, call);
  const created = call.client.responses.create({ ...body, stream: true }, call.options);
  const { data: events, request_id, response } = await created.withResponse();
  const requestId = request_id ?? undefined;
  const sum: Sum = { items: [], calls: new Map(), hasBegun: false, last: undefined };
  for await (const event of events) {
    if (event.type === "response.failed") throw failedResponse(call.provider, event.response.error, requestId);
    yield* add(sum, event);
  }
  // The SDK ends an aborted or truncated stream in silence.
  if (sum.last === undefined || call.options.signal.aborted)
    throw endError(call.provider, { signal: call.options.signal, hasBegun: sum.hasBegun, headers: response.headers });
  yield { type: "finish", reply: toReply(sum.last, sum.items, { call, warnings, requestId }) };
}

interface Sum {
  readonly items: ResponseOutputItem[];
  /** Calls that have begun, by the place of their item. */
  readonly calls: Map<number, { readonly id: string; readonly name: string }>;
  hasBegun: boolean;
  last: Response | undefined;
}

function* add(sum: Sum, event: ResponseStreamEvent): Generator<ModelEvent> {
  sum.hasBegun = true;
  switch (event.type) {
    case "response.output_text.delta":
      yield { type: "text-delta", delta: event.delta };
      break;
    case "response.reasoning_summary_text.delta":
    case "response.reasoning_text.delta":
      yield { type: "reasoning-delta", delta: event.delta };
      break;
    case "response.output_item.added":
      if (event.item.type === "function_call") {
        const call = { id: event.item.call_id, name: event.item.name };
        sum.calls.set(event.output_index, call);
        yield { type: "tool-delta", ...call, delta: "" };
      }
      break;
    case "response.function_call_arguments.delta": {
      const call = sum.calls.get(event.output_index);
      if (call !== undefined) yield { type: "tool-delta", ...call, delta: event.delta };
      break;
    }
    case "response.output_item.done":
      sum.items.push(event.item);
      break;
    case "response.completed":
    case "response.incomplete":
      sum.last = event.response;
      break;
    default:
      // Life cycle, and events of features that are never asked for: the items and the last event hold all of it.
      break;
  }
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
        { type: "tool-call", id: item.call_id, name: item.name, input: readInput(item.arguments, item.name, request.tools), ...marks },
      ];
    }
    case "reasoning": {
      const text = (item.summary.length > 0 ? item.summary : (item.content ?? [])).map((part) => part.text).join("\n\n");
      // The item came as JSON, and goes back as it came.
      return [{ type: "reasoning", text, opaque: opaque(item as unknown as JsonValue) }];
    }
    default:
      // Tools that run at OpenAI, asked for by providerOptions: nobody else can read them, and the model wants them back.
      return [{ type: "reasoning", text: "", opaque: opaque(item as unknown as JsonValue) }];
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
