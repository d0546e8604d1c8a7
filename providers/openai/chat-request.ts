// A ModelRequest as the body of the Chat Completions API, as OpenAI and compatible servers take it. Pure.

import type {
  ChatCompletionContentPart,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
  ChatCompletionTool,
  ChatCompletionToolChoiceOption,
} from "openai/resources/chat/completions";
import { type AssistantPart, type FilePart, ModelError, type ModelMessage, type ModelRequest, type ModelTool } from "../../src/index.ts";
import { dataUrl, toOutputFormat, toTemperature, writeArguments, writeToolResult } from "./call.ts";

/** The body and what had to be left out or changed. */
export interface ChatRequest {
  readonly body: Omit<ChatCompletionCreateParamsStreaming, "stream">;
  readonly warnings: readonly string[];
}

/** Maps a request. @param isOpenAI whether OpenAI itself is asked: it refuses what older servers need */
export function toChatRequest(
  request: ModelRequest,
  { isOpenAI, provider }: { readonly isOpenAI: boolean; readonly provider: string },
): ChatRequest {
  const warnings: string[] = [];
  const format = toOutputFormat(request, warnings);
  const messages = request.messages.flatMap((message) => toMessages(message, provider));
  return {
    warnings,
    body: {
      model: request.model,
      messages: format.kind === "told" ? [{ role: "system", content: format.instructions }, ...messages] : messages,
      stream_options: { include_usage: true },
      ...toLimit(request, isOpenAI),
      ...(request.tools === undefined || request.tools.length === 0 ? {} : { tools: request.tools.map(toTool) }),
      ...(request.toolChoice === undefined || request.tools === undefined ? {} : { tool_choice: toToolChoice(request.toolChoice) }),
      ...(format.kind === "schema"
        ? { response_format: { type: "json_schema", json_schema: { name: format.name, strict: format.strict, schema: format.schema } } }
        : {}),
      ...(request.reasoning === undefined ? {} : { reasoning_effort: request.reasoning.effort }),
      ...toTemperature(request, warnings),
    },
  };
}

/** OpenAI refuses the older name of the limit; other servers may know no other. */
function toLimit({ maxOutputTokens }: ModelRequest, isOpenAI: boolean): Partial<ChatCompletionCreateParamsStreaming> {
  // oxlint-disable-next-line typescript/no-deprecated -- not for OpenAI
  return isOpenAI ? { max_completion_tokens: maxOutputTokens, store: false } : { max_tokens: maxOutputTokens };
}

function toMessages(message: ModelMessage, provider: string): readonly ChatCompletionMessageParam[] {
  switch (message.role) {
    case "system":
      return [{ role: "system", content: message.content.map(({ text }) => text).join("\n\n") }];
    case "user":
      return [{ role: "user", content: toUserContent(message.content, provider) }];
    case "assistant":
      return [toAssistant(message.content)];
    case "tool":
      return message.content.map((part) => ({ role: "tool", tool_call_id: part.id, content: writeToolResult(part) }));
  }
}

/** Text alone goes as a string: small servers know no lists. */
function toUserContent(
  parts: Extract<ModelMessage, { readonly role: "user" }>["content"],
  provider: string,
): string | ChatCompletionContentPart[] {
  const texts = parts.filter((part) => part.type === "text");
  if (texts.length === parts.length) return texts.map(({ text }) => text).join("\n\n");
  return parts.map((part) => (part.type === "text" ? { type: "text", text: part.text } : toFile(part, provider)));
}

function toAssistant(parts: readonly AssistantPart[]): ChatCompletionMessageParam {
  const text = parts.map((part) => (part.type === "text" ? part.text : "")).join("");
  const calls = parts.flatMap((part) =>
    part.type === "tool-call"
      ? [{ id: part.id, type: "function" as const, function: { name: part.name, arguments: writeArguments(part.input) } }]
      : [],
  );
  return { role: "assistant", content: text, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
}

function toToolChoice(choice: NonNullable<ModelRequest["toolChoice"]>): ChatCompletionToolChoiceOption {
  return typeof choice === "string" ? choice : { type: "function", function: { name: choice.tool } };
}

function toFile({ mediaType, data, url, name }: FilePart, provider: string): ChatCompletionContentPart {
  if (mediaType.startsWith("image/")) return { type: "image_url", image_url: { url: data === undefined ? url : dataUrl(mediaType, data) } };
  if (mediaType === "application/pdf" && data !== undefined)
    return { type: "file", file: { filename: name ?? "document.pdf", file_data: dataUrl(mediaType, data) } };
  const where = data === undefined ? " by their address" : "";
  throw new ModelError("unsupported", `${provider}: files of type ${mediaType} cannot be sent${where}`, { provider, retryable: false });
}

/** Not strict: the strict form of a schema is OpenAI's own and confuses small models. */
function toTool({ name, description, inputSchema }: ModelTool): ChatCompletionTool {
  return { type: "function", function: { name, description, parameters: { ...inputSchema } } };
}
