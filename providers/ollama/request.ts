// A ModelRequest as the body of Ollama's chat API. Pure: no SDK code, only its types.

import type { ChatRequest, Message, Tool } from "ollama/browser";
import {
  type AssistantPart,
  isJsonObject,
  ModelError,
  type ModelMessage,
  type ModelRequest,
  type ModelTool,
  type ToolResultPart,
} from "../../src/index.ts";

/** The body and what had to be left out or changed. */
export interface OllamaRequest {
  readonly body: ChatRequest;
  readonly warnings: readonly string[];
}

/** Maps a request. @throws ModelError `unsupported` for a file that is no image */
export function toRequest(request: ModelRequest, { contextTokens }: { readonly contextTokens: number | undefined }): OllamaRequest {
  const warnings: string[] = [];
  const tools = toTools(request, warnings);
  const think = toThink(request, warnings);
  return {
    warnings,
    body: {
      model: request.model,
      messages: request.messages.flatMap((message) => toMessages(message, request.model)),
      ...(tools.length === 0 ? {} : { tools }),
      ...(request.output === undefined ? {} : { format: request.output.schema }),
      ...(think === undefined ? {} : { think }),
      options: {
        num_predict: request.maxOutputTokens,
        ...(contextTokens === undefined ? {} : { num_ctx: contextTokens }),
        ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
      },
    },
  };
}

function toTools({ tools = [], toolChoice }: ModelRequest, warnings: string[]): Tool[] {
  if (toolChoice === "none") return [];
  if (toolChoice === "required") warnings.push("toolChoice: Ollama cannot require a tool call; the model may answer without one");
  return tools.map(toTool);
}

function toTool({ name, description, inputSchema }: ModelTool): Tool {
  return { type: "function", function: { name, description, parameters: inputSchema } };
}

function toThink({ model, reasoning }: ModelRequest, warnings: string[]): ChatRequest["think"] {
  if (reasoning === undefined) return undefined;
  if (reasoning.effort === "none") return false;
  if (!/gpt-oss/i.test(model)) {
    warnings.push(`reasoning: ${model} thinks or does not; the effort "${reasoning.effort}" was taken as yes`);
    return true;
  }
  const level = LEVELS[reasoning.effort];
  if (level !== reasoning.effort) warnings.push(`reasoning: Ollama has no effort "${reasoning.effort}"; "${level}" was taken`);
  return level;
}

const LEVELS = { minimal: "low", low: "low", medium: "medium", high: "high", xhigh: "high", max: "high" } as const;

function toMessages(message: ModelMessage, model: string): readonly Message[] {
  switch (message.role) {
    case "system":
      return [{ role: "system", content: textOf(message.content) }];
    case "user":
      return [toUser(message)];
    case "assistant":
      return [toAssistant(message.content, model)];
    case "tool":
      return message.content.map((part) => ({ role: "tool", tool_name: part.name, content: toolText(part) }));
  }
}

function toUser({ content }: Extract<ModelMessage, { readonly role: "user" }>): Message {
  const images = content.flatMap((part) => {
    if (part.type === "text") return [];
    if (part.mediaType.startsWith("image/") && part.data !== undefined) return [part.data];
    const what = part.data === undefined ? "files cannot be sent by their address" : `files of type ${part.mediaType} cannot be sent`;
    throw new ModelError("unsupported", `ollama: ${what}`, { provider: "ollama", retryable: false });
  });
  return { role: "user", content: textOf(content), ...(images.length === 0 ? {} : { images }) };
}

function toAssistant(parts: readonly AssistantPart[], model: string): Message {
  const thinking = parts
    .map((part) => (part.type === "reasoning" && part.opaque?.provider === "ollama" && part.opaque.model === model ? part.text : ""))
    .join("");
  const calls = parts.flatMap((part) =>
    part.type === "tool-call" ? [{ function: { name: part.name, arguments: isJsonObject(part.input) ? part.input : {} } }] : [],
  );
  return {
    role: "assistant",
    content: textOf(parts),
    ...(thinking === "" ? {} : { thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

/** The API has no mark for a failed tool. */
function toolText({ output, isError }: ToolResultPart): string {
  const text = typeof output === "string" ? output : JSON.stringify(output);
  return isError === true ? `Error: ${text}` : text;
}

function textOf(parts: readonly { readonly type: string; readonly text?: string }[]): string {
  return parts.map((part) => (part.type === "text" ? (part.text ?? "") : "")).join("");
}
