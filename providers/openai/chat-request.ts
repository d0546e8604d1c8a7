// A ModelRequest as the body of the Chat Completions API, as OpenAI and compatible servers take it. Pure.

import type {
  ChatCompletionContentPart,
  ChatCompletionContentPartText,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
  ChatCompletionTool,
  ChatCompletionToolChoiceOption,
} from "openai/resources/chat/completions";
import {
  type AssistantPart,
  type CacheSpan,
  type Effort,
  type FilePart,
  isJsonObject,
  type ModelMessage,
  type ModelRequest,
  type ModelTool,
  type TextPart,
} from "../../src/index.ts";
import { markedOutputText } from "../http/json-text.ts";
import { checkToolChoice, unsupported, unsupportedFile } from "../http/refusals.ts";
import { withProviderOptions } from "../http/wire-body.ts";
import { type OpenAIContext, toEffort, toOutputFormat, toSampling, writeInput } from "./call.ts";
import { dataUrl, fileName } from "./file-extensions.ts";
import { isReasoningModel, refusesToolsInChat } from "./models.ts";
import { type Breakpoint, breakpoints, type Spans, toCacheMembers } from "./prompt-cache.ts";

const SPANS: Spans<"30m"> = ["30m"];

/** The body and what had to be left out or changed. */
export interface ChatRequest {
  readonly body: Omit<ChatCompletionCreateParamsStreaming, "stream">;
  readonly warnings: readonly string[];
}

/** Maps a request. @throws ModelError `unsupported` for what the API does not take and what would mean something else without */
export function toChatRequest(request: ModelRequest, context: OpenAIContext): ChatRequest {
  const { provider, isOpenAI, capabilities } = context;
  checkToolChoice(provider, request, capabilities);
  const warnings: string[] = [];
  const { model, tools = [], toolChoice, seed } = request;
  const format = toOutputFormat(request, warnings);
  const effort = toEffort(request, capabilities, warnings);
  if (isOpenAI && tools.length > 0) refuseTools(provider, model, effort);
  const maker: Maker = {
    provider,
    model,
    files: capabilities.files,
    isOpenAI,
    mark: breakpoints(request, { isOpenAI, spans: SPANS, warnings }),
  };
  const messages = request.messages.flatMap((message) => toMessages(message, maker));
  const body: ChatRequest["body"] = {
    model,
    messages: format.kind === "told" ? [{ role: "system", content: format.instructions }, ...messages] : messages,
    stream_options: { include_usage: true },
    ...toLimit(request, isOpenAI),
    ...(tools.length === 0 ? {} : { tools: tools.map(toTool) }),
    ...(toolChoice === undefined || tools.length === 0 ? {} : { tool_choice: toToolChoice(toolChoice) }),
    ...(request.parallelToolCalls === undefined || tools.length === 0 ? {} : { parallel_tool_calls: request.parallelToolCalls }),
    ...(format.kind === "schema"
      ? { response_format: { type: "json_schema", json_schema: { name: format.name, strict: format.strict, schema: format.schema } } }
      : {}),
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
    ...toSampling(request, effort, warnings),
    ...toStop(request, isOpenAI, warnings),
    // oxlint-disable-next-line typescript/no-deprecated -- other servers have nothing else, and OpenAI still takes it
    ...(seed === undefined ? {} : { seed }),
    ...toCacheMembers(request, { isOpenAI, spans: SPANS, warnings }),
  };
  return { warnings, body: withProviderOptions(body, request, provider) };
}

function refuseTools(provider: string, model: string, effort: Effort | undefined): void {
  if (!refusesToolsInChat(model, effort)) return;
  throw unsupported(
    provider,
    `${model} takes no tools over Chat Completions while it reasons (OpenAI's rule since gpt-5.6, see developers.openai.com/api/docs/models)`,
    'Leave out `api: "chat"`: the Responses API is the default and takes them.',
  );
}

/** OpenAI refuses the older name of the limit; other servers may know no other. */
function toLimit({ maxOutputTokens }: ModelRequest, isOpenAI: boolean): Partial<ChatCompletionCreateParamsStreaming> {
  // oxlint-disable-next-line typescript/no-deprecated -- not for OpenAI
  return isOpenAI ? { max_completion_tokens: maxOutputTokens, store: false } : { max_tokens: maxOutputTokens };
}

function toStop({ model, stop }: ModelRequest, isOpenAI: boolean, warnings: string[]): { readonly stop?: string[] } {
  if (stop === undefined || stop.length === 0) return {};
  if (!isOpenAI || !isReasoningModel(model)) return { stop: [...stop] };
  warnings.push(`stop: ${model} takes no stop texts; they were left out`);
  return {};
}

interface Maker {
  readonly provider: string;
  readonly model: string;
  readonly files: readonly string[];
  readonly isOpenAI: boolean;
  readonly mark: (cache: CacheSpan | undefined) => Breakpoint<"30m">;
}

function toMessages(message: ModelMessage, maker: Maker): readonly ChatCompletionMessageParam[] {
  switch (message.role) {
    case "system":
      return [{ role: "system", content: toTexts(message.content, maker) }];
    case "user": {
      const texts = message.content.filter((part) => part.type === "text");
      const hasFiles = texts.length < message.content.length;
      return [{ role: "user", content: hasFiles ? message.content.map((part) => toContent(part, maker)) : toTexts(texts, maker) }];
    }
    case "assistant":
      return [toAssistant(message.content, maker)];
    case "tool":
      return message.content.map((part) => ({
        role: "tool",
        tool_call_id: part.id,
        content: toTexts(
          [{ type: "text", text: markedOutputText(part), ...(part.cache === undefined ? {} : { cache: part.cache }) }],
          maker,
        ),
      }));
  }
}

/** Text alone goes as a string, since small servers know no lists; marks need the list. */
function toTexts(parts: readonly TextPart[], { mark }: Maker): string | ChatCompletionContentPartText[] {
  const marked = parts.map(({ text, cache }) => ({ type: "text" as const, text, ...mark(cache) }));
  return marked.some((part) => part.prompt_cache_breakpoint !== undefined) ? marked : parts.map(({ text }) => text).join("\n\n");
}

function toContent(part: TextPart | FilePart, maker: Maker): ChatCompletionContentPart {
  return part.type === "text" ? { type: "text", text: part.text, ...maker.mark(part.cache) } : toFile(part, maker);
}

function toAssistant(parts: readonly AssistantPart[], maker: Maker): ChatCompletionMessageParam {
  const text = parts.map((part) => (part.type === "text" ? part.text : "")).join("");
  const calls = parts.flatMap((part) =>
    part.type === "tool-call"
      ? [{ id: part.id, type: "function" as const, function: { name: part.name, arguments: writeInput(part.input) } }]
      : [],
  );
  if (calls.length === 0) return { role: "assistant", content: text };
  return { role: "assistant", content: text, tool_calls: calls, ...ownReasoning(parts, maker) };
}

/**
 * What the model thought before it called a tool, in the field it came in: without it some models begin anew after every call, and some
 * servers refuse the request. Only to its maker, and only beside calls: elsewhere servers leave it out of the prompt or refuse it.
 */
function ownReasoning(parts: readonly AssistantPart[], { provider, model }: Maker): Readonly<Record<string, unknown>> {
  const own = parts.filter((part) => part.type === "reasoning" && part.opaque?.provider === provider && part.opaque.model === model);
  const data = own[0]?.opaque?.data;
  if (!isJsonObject(data)) return {};
  if (Array.isArray(data["details"])) return { reasoning_details: data["details"] };
  return typeof data["field"] === "string"
    ? { [data["field"]]: own.map((part) => (part.type === "reasoning" ? part.text : "")).join("") }
    : {};
}

function toToolChoice(choice: NonNullable<ModelRequest["toolChoice"]>): ChatCompletionToolChoiceOption {
  return typeof choice === "string" ? choice : { type: "function", function: { name: choice.tool } };
}

function toFile({ mediaType, data, url, name, cache }: FilePart, { provider, files, mark }: Maker): ChatCompletionContentPart {
  if (mediaType.startsWith("image/"))
    return { type: "image_url", image_url: { url: data === undefined ? url : dataUrl(mediaType, data) }, ...mark(cache) };
  if (mediaType !== "application/pdf") throw unsupportedFile(provider, mediaType, "data", files);
  if (data === undefined) throw unsupportedFile(provider, mediaType, "url", files);
  return { type: "file", file: { filename: fileName(mediaType, name), file_data: dataUrl(mediaType, data) }, ...mark(cache) };
}

/** Not strict: the strict form of a schema is OpenAI's own and confuses small models. */
function toTool({ name, description, inputSchema }: ModelTool): ChatCompletionTool {
  return { type: "function", function: { name, description, parameters: { ...inputSchema } } };
}
