// A ModelRequest as the body of Ollama's chat API. Pure: no SDK code, only its types.

import type { ChatRequest, Message, Tool } from "ollama/browser";
import type { AssistantPart, Capabilities, ModelMessage, ModelRequest, ModelTool } from "../../src/index.ts";
import { argumentsObject, markedOutputText } from "../http/json-text.ts";
import { nearestEffort } from "../http/nearest.ts";
import { checkToolChoice, unsupportedFile } from "../http/refusals.ts";
import { withProviderOptions } from "../http/wire-body.ts";

/** The body and what had to be left out or changed. */
export interface OllamaRequest {
  readonly body: ChatRequest;
  readonly warnings: readonly string[];
}

/** What a request is mapped for. */
export interface OllamaContext {
  readonly provider: string;
  readonly contextTokens: number | undefined;
  readonly capabilities: Capabilities;
}

/** Maps a request. @throws ModelError `unsupported` for a file that is no image, and for a tool call that must be made */
export function toRequest(request: ModelRequest, { provider, contextTokens, capabilities }: OllamaContext): OllamaRequest {
  checkToolChoice(provider, request, capabilities, "Ollama's API has no tool choice");
  const warnings: string[] = [];
  const { model, messages, tools = [], toolChoice, output } = request;
  if (request.parallelToolCalls === false && tools.length > 0)
    warnings.push("parallelToolCalls: Ollama cannot be kept to one tool call at a time; it was left out");
  const think = toThink(request, capabilities, warnings);
  const body: ChatRequest = {
    model,
    messages: messages.flatMap((message) => toMessages(message, { provider, model, files: capabilities.files })),
    ...(tools.length === 0 || toolChoice === "none" ? {} : { tools: tools.map(toTool) }),
    ...(output === undefined ? {} : { format: output.schema }),
    ...(think === undefined ? {} : { think }),
    options: toOptions(request, contextTokens),
  };
  return { warnings, body: withProviderOptions(body, request, provider) };
}

function toOptions(
  { maxOutputTokens, temperature, topP, seed, stop }: ModelRequest,
  contextTokens: number | undefined,
): NonNullable<ChatRequest["options"]> {
  return {
    num_predict: maxOutputTokens,
    ...(contextTokens === undefined ? {} : { num_ctx: contextTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(seed === undefined ? {} : { seed }),
    ...(stop === undefined || stop.length === 0 ? {} : { stop: [...stop] }),
  };
}

function toTool({ name, description, inputSchema }: ModelTool): Tool {
  return { type: "function", function: { name, description, parameters: inputSchema } };
}

/** Most models think or do not; some know levels. The server refuses the wish from one that cannot. */
function toThink({ model, reasoning }: ModelRequest, capabilities: Capabilities, warnings: string[]): ChatRequest["think"] {
  if (reasoning === undefined) return undefined;
  const { effort } = reasoning;
  if (capabilities.reasoning === "no") {
    if (effort !== "none") warnings.push(`reasoning: ${model} does not think; the effort "${effort}" was left out`);
    return undefined;
  }
  if (capabilities.efforts !== undefined) {
    const level = LEVELS[nearestEffort(model, effort, capabilities.efforts, warnings)];
    return level;
  }
  if (effort === "none") return false;
  warnings.push(`reasoning: ${model} thinks or does not; the effort "${effort}" was taken as yes`);
  return true;
}

const LEVELS = { none: false, minimal: "low", low: "low", medium: "medium", high: "high", xhigh: "high", max: "high" } as const;

interface MessageContext {
  readonly provider: string;
  readonly model: string;
  readonly files: readonly string[];
}

function toMessages(message: ModelMessage, context: MessageContext): readonly Message[] {
  switch (message.role) {
    case "system":
      return [{ role: "system", content: textOf(message.content) }];
    case "user":
      return [toUser(message, context)];
    case "assistant":
      return [toAssistant(message.content, context)];
    case "tool":
      return message.content.map((part) => ({ role: "tool", tool_name: part.name, content: markedOutputText(part) }));
  }
}

function toUser({ content }: Extract<ModelMessage, { readonly role: "user" }>, { provider, files }: MessageContext): Message {
  const images = content.flatMap((part) => {
    if (part.type === "text") return [];
    if (!part.mediaType.startsWith("image/")) throw unsupportedFile(provider, part.mediaType, "data", files);
    if (part.data === undefined) throw unsupportedFile(provider, part.mediaType, "url", files);
    return [part.data];
  });
  return { role: "user", content: textOf(content), ...(images.length === 0 ? {} : { images }) };
}

function toAssistant(parts: readonly AssistantPart[], { provider, model }: MessageContext): Message {
  const thinking = parts
    .map((part) => (part.type === "reasoning" && part.opaque?.provider === provider && part.opaque.model === model ? part.text : ""))
    .join("");
  const calls = parts.flatMap((part) =>
    part.type === "tool-call" ? [{ function: { name: part.name, arguments: argumentsObject(part.input) } }] : [],
  );
  return {
    role: "assistant",
    content: textOf(parts),
    ...(thinking === "" ? {} : { thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function textOf(parts: readonly { readonly type: string; readonly text?: string }[]): string {
  return parts.map((part) => (part.type === "text" ? (part.text ?? "") : "")).join("");
}
