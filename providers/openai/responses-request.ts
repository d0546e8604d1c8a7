// A ModelRequest as the body of OpenAI's Responses API. Stateless: nothing
// is stored there, reasoning comes encrypted and is sent back. Pure.

import type { InputTokenCountParams } from "openai/resources/responses/input-tokens";
import type { FunctionTool, ResponseCreateParamsBase, ResponseInputContent, ResponseInputItem } from "openai/resources/responses/responses";
import {
  type AssistantPart,
  type CacheSpan,
  type FilePart,
  isJsonObject,
  type JsonValue,
  type ModelMessage,
  type ModelRequest,
  type ModelTool,
  type Opaque,
  type TextPart,
  type ToolResultPart,
} from "../../src/index.ts";
import { markedOutputText } from "../http/json-text.ts";
import { checkToolChoice, unsupportedFile } from "../http/refusals.ts";
import { withProviderOptions } from "../http/wire-body.ts";
import { type OpenAIContext, toEffort, toOutputFormat, toParameters, toSampling, writeInput } from "./call.ts";
import { dataUrl, fileName } from "./file-extensions.ts";
import { isReasoningModel } from "./models.ts";
import { type Breakpoint, breakpoints, type Spans, toCacheMembers } from "./prompt-cache.ts";

const SPANS: Spans<"30m" | "12h"> = ["30m", "12h"];

/** The body and what had to be left out or changed. */
export interface ResponsesRequest {
  readonly body: ResponseCreateParamsBase;
  readonly warnings: readonly string[];
}

/** Maps a request. @throws ModelError `unsupported` for what the API does not take and what would mean something else without */
export function toResponsesRequest(request: ModelRequest, { provider, isOpenAI, capabilities }: OpenAIContext): ResponsesRequest {
  checkToolChoice(provider, request, capabilities);
  const warnings: string[] = [];
  const { model, tools = [], toolChoice, maxOutputTokens } = request;
  const format = toOutputFormat(request, warnings);
  const effort = toEffort(request, capabilities, warnings);
  const maker: Maker = { provider, model, files: capabilities.files, mark: breakpoints(request, { isOpenAI, spans: SPANS, warnings }) };
  const input = request.messages.flatMap((message) => toItems(message, maker));
  warnOfLost(request, warnings);
  const body: ResponseCreateParamsBase = {
    model,
    store: false,
    input: format.kind === "told" ? [{ role: "system", content: format.instructions }, ...input] : input,
    max_output_tokens: maxOutputTokens,
    ...(isReasoningModel(model) ? { include: ["reasoning.encrypted_content"] } : {}),
    ...(tools.length === 0 ? {} : { tools: tools.map(toTool) }),
    ...(toolChoice === undefined || tools.length === 0 ? {} : { tool_choice: toToolChoice(toolChoice) }),
    ...(request.parallelToolCalls === undefined || tools.length === 0 ? {} : { parallel_tool_calls: request.parallelToolCalls }),
    ...(format.kind === "schema"
      ? { text: { format: { type: "json_schema", name: format.name, strict: format.strict, schema: format.schema } } }
      : {}),
    ...(effort === undefined ? {} : { reasoning: effort === "none" ? { effort } : { effort, summary: "auto" } }),
    ...toSampling(request, effort, warnings),
    ...toCacheMembers(request, { isOpenAI, spans: SPANS, warnings }),
  };
  return { warnings, body: withProviderOptions(body, request, provider) };
}

/** The part of a body that its input tokens are counted by. */
export function toCount({
  model,
  input,
  instructions,
  tools,
  tool_choice,
  text,
  reasoning,
  parallel_tool_calls,
}: ResponseCreateParamsBase): InputTokenCountParams {
  const members = { model, input, instructions, tools, tool_choice, text, reasoning, parallel_tool_calls };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function warnOfLost({ seed, stop }: ModelRequest, warnings: string[]): void {
  if (seed !== undefined) warnings.push("seed: the Responses API takes none; it was left out");
  if (stop !== undefined && stop.length > 0) warnings.push("stop: the Responses API takes no stop texts; they were left out");
}

interface Maker {
  readonly provider: string;
  readonly model: string;
  readonly files: readonly string[];
  readonly mark: (cache: CacheSpan | undefined) => Breakpoint<"30m" | "12h">;
}

function toItems(message: ModelMessage, maker: Maker): readonly ResponseInputItem[] {
  switch (message.role) {
    case "system":
      return message.content.map(({ text, cache }) => {
        const mark = maker.mark(cache);
        const isMarked = mark.prompt_cache_breakpoint !== undefined;
        return { role: "system", content: isMarked ? [{ type: "input_text", text, ...mark }] : text };
      });
    case "user":
      return [{ role: "user", content: message.content.map((part) => toContent(part, maker)) }];
    case "assistant":
      return message.content.flatMap((part) => toAssistantItems(part, maker));
    case "tool":
      return message.content.map((part) => ({ type: "function_call_output", call_id: part.id, output: toOutput(part, maker) }));
  }
}

function toContent(part: TextPart | FilePart, maker: Maker): ResponseInputContent {
  return part.type === "text" ? { type: "input_text", text: part.text, ...maker.mark(part.cache) } : toFile(part, maker);
}

/** A tool's answer: plain text, or the same as a list when it is marked. */
function toOutput(part: ToolResultPart, { mark }: Maker): string | { type: "input_text"; text: string }[] {
  const text = markedOutputText(part);
  const breakpoint = mark(part.cache);
  return breakpoint.prompt_cache_breakpoint === undefined ? text : [{ type: "input_text", text, ...breakpoint }];
}

function toAssistantItems(part: AssistantPart, maker: Maker): readonly ResponseInputItem[] {
  const own = ownData(part.opaque, maker);
  switch (part.type) {
    case "text":
      return part.text === "" ? [] : [toMessageItem(part, own)];
    case "tool-call": {
      const id = isJsonObject(own) && typeof own["id"] === "string" ? { id: own["id"] } : {};
      return [{ type: "function_call", call_id: part.id, name: part.name, arguments: writeInput(part.input), ...id }];
    }
    case "reasoning":
      // The item the API gave, unchanged: it can be read by the model that made it only.
      return own === undefined ? [] : [own as unknown as ResponseInputItem];
  }
}

/** With its id and phase again when it is the model's own, so that the reasoning before it keeps its successor. */
function toMessageItem({ text }: TextPart, own: JsonValue | undefined): ResponseInputItem {
  if (!isJsonObject(own) || typeof own["id"] !== "string") return { role: "assistant", content: text };
  const phase = PHASES.find((name) => name === own["phase"]) ?? null;
  return {
    type: "message",
    role: "assistant",
    id: own["id"],
    status: "completed",
    content: [{ type: "output_text", text, annotations: [] }],
    ...(phase === null ? {} : { phase }),
  };
}

const PHASES = ["commentary", "final_answer"] as const;

function ownData(opaque: Opaque | undefined, maker: Maker): JsonValue | undefined {
  return opaque?.provider === maker.provider && opaque.model === maker.model ? opaque.data : undefined;
}

function toToolChoice(choice: NonNullable<ModelRequest["toolChoice"]>): NonNullable<ResponseCreateParamsBase["tool_choice"]> {
  return typeof choice === "string" ? choice : { type: "function", name: choice.tool };
}

function toFile({ mediaType, data, url, name, cache }: FilePart, { provider, files, mark }: Maker): ResponseInputContent {
  if (!files.includes(mediaType)) throw unsupportedFile(provider, mediaType, "data", files);
  if (mediaType.startsWith("image/"))
    return { type: "input_image", detail: "auto", image_url: data === undefined ? url : dataUrl(mediaType, data), ...mark(cache) };
  return data === undefined
    ? { type: "input_file", file_url: url, ...mark(cache) }
    : { type: "input_file", filename: fileName(mediaType, name), file_data: dataUrl(mediaType, data), ...mark(cache) };
}

function toTool(tool: ModelTool): FunctionTool {
  return { type: "function", name: tool.name, description: tool.description, ...toParameters(tool) };
}
