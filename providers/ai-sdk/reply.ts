// What a stream summed up to, as a ModelReply. Pure.

import type { LanguageModelV4Usage, SharedV4ProviderMetadata } from "@ai-sdk/provider";
import {
  type AssistantPart,
  isJsonObject,
  type JsonObject,
  ModelError,
  type ModelReply,
  type ModelRequest,
  type Opaque,
  type StopReason,
  toJson,
  type Usage,
} from "../../src/index.ts";
import type { AiSdkModel } from "../ai-sdk.ts";
import { cutError } from "../http/errors.ts";
import { readArguments } from "../http/json-text.ts";
import type { Block, End, Sum } from "./part-sum.ts";
import { requestIdOf } from "./request-id.ts";

/** What a reply needs besides the sum. */
export interface ReplyContext {
  readonly id: string;
  readonly request: ModelRequest;
  readonly model: AiSdkModel;
  /** Of the response. */
  readonly headers: Headers;
  readonly costUsd: ((metadata: JsonObject) => number | undefined) | undefined;
}

/** The reply, when the stream has ended. @throws ModelError `stream_cut` when it did not end by itself, `server` when it ended with a fault */
export function toReply(sum: Sum, { id, request, model, headers, costUsd }: ReplyContext): ModelReply {
  const { end } = sum;
  if (end === undefined || end.unified === "interrupted") throw cutError(id);
  if (end.unified === "error") throw endedWithFault(id, end);
  const metadata = jsonOf(end.metadata);
  const cost = metadata === undefined ? undefined : costUsd?.(metadata);
  const requestId = requestIdOf(headers) ?? sum.responseId;
  return {
    content: sum.blocks.flatMap((block) => toPart(block, { provider: id, model: request.model })),
    stop: toStop(sum, end, metadata),
    usage: toUsage(end.usage),
    model: sum.model ?? model.modelId,
    ...(requestId === undefined ? {} : { requestId }),
    ...(cost === undefined ? {} : { costUsd: cost }),
    warnings: [...sum.warnings, ...leftOutTexts(sum)],
  };
}

function endedWithFault(id: string, { raw }: End): ModelError {
  return new ModelError(
    "server",
    `${id}: the reply ended with an error${raw === undefined ? "" : ` (${raw})`}, and the model does not say which`,
    {
      provider: id,
      retryable: true,
    },
  );
}

function toPart(block: Block, maker: Omit<Opaque, "data">): readonly AssistantPart[] {
  const data = jsonOf(block.metadata);
  const opaque = data === undefined ? {} : { opaque: { ...maker, data } };
  switch (block.type) {
    case "text":
      return block.text === "" && data === undefined ? [] : [{ type: "text", text: block.text, ...opaque }];
    case "reasoning":
      // Marked as the model's own also without metadata, so that a tool loop can give it back.
      return block.text === "" && data === undefined
        ? []
        : [{ type: "reasoning", text: block.text, opaque: { ...maker, data: data ?? null } }];
    case "tool-call":
      return [{ type: "tool-call", id: block.id, name: block.name, input: readArguments(block.input), ...opaque }];
  }
}

/** Metadata as plain JSON; what is none of it (a date, a function) means nothing to anybody but the process that made it. */
function jsonOf(metadata: SharedV4ProviderMetadata | undefined): JsonObject | undefined {
  if (metadata === undefined) return undefined;
  const json = toJson(metadata);
  return json.ok && isJsonObject(json.value) && Object.keys(json.value).length > 0 ? json.value : undefined;
}

function toStop({ blocks }: Sum, { unified, raw }: End, metadata: JsonObject | undefined): ModelReply["stop"] {
  const hasCalls = blocks.some(({ type }) => type === "tool-call");
  const reason = RAW_STOP.get(raw ?? "") ?? STOP.get(unified) ?? "other";
  // Some servers say "stop" beside tool calls.
  if (reason === "stop" && hasCalls) return { reason: "tool-calls", ...(raw === undefined ? {} : { raw }) };
  const detail = reason === "refusal" ? refusalText(blocks, raw, metadata) : undefined;
  return { reason, ...(raw === undefined ? {} : { raw }), ...(detail === undefined ? {} : { detail }) };
}

const STOP: ReadonlyMap<string, StopReason> = new Map<string, StopReason>([
  ["stop", "stop"],
  ["length", "length"],
  ["content-filter", "refusal"],
  ["tool-calls", "tool-calls"],
]);

/** Ends that the unified reasons have no word for, as Anthropic's family says them. */
const RAW_STOP: ReadonlyMap<string, StopReason> = new Map<string, StopReason>([
  ["pause_turn", "paused"],
  ["model_context_window_exceeded", "context-window"],
]);

/** Why it refused: as the metadata of a family says, or as the model itself wrote before it stopped by itself. Text that a filter cut is no reason. */
function refusalText(blocks: readonly Block[], raw: string | undefined, metadata: JsonObject = {}): string | undefined {
  for (const family of Object.values(metadata)) {
    const details = isJsonObject(family) ? family["stopDetails"] : undefined;
    const reason = isJsonObject(details) ? (details["explanation"] ?? details["category"]) : undefined;
    if (typeof reason === "string") return reason;
  }
  if (raw !== undefined && raw !== "stop") return undefined;
  return blocks.map((block) => (block.type === "text" ? block.text : "")).join("") || undefined;
}

function toUsage({ inputTokens, outputTokens }: LanguageModelV4Usage): Usage {
  return {
    input: inputTokens.total ?? null,
    output: outputTokens.total ?? null,
    cacheRead: inputTokens.cacheRead ?? null,
    cacheWrite: inputTokens.cacheWrite ?? null,
    reasoning: outputTokens.reasoning ?? null,
  };
}

function leftOutTexts({ leftOut, ranThere }: Sum): readonly string[] {
  const texts = [...leftOut].map(
    ([sort, count]) =>
      `${count === 1 ? "a part" : `${count} parts`} of the reply of the sort "${sort}" ${count === 1 ? "was" : "were"} left out`,
  );
  if (ranThere.size > 0)
    texts.push(`tools that the provider ran itself (${[...ranThere].join(", ")}): their calls and results were left out of the reply`);
  return texts;
}
