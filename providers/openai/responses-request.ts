// A ModelRequest as the body of OpenAI's Responses API. Stateless: nothing
// is stored there, reasoning comes encrypted and is sent back. Pure.

import type { FunctionTool, ResponseCreateParamsBase, ResponseInputContent, ResponseInputItem } from "openai/resources/responses/responses";
import {
  type AssistantPart,
  type FilePart,
  isJsonObject,
  type JsonValue,
  ModelError,
  type ModelMessage,
  type ModelRequest,
  type ModelTool,
  type Opaque,
  type TextPart,
} from "../../src/index.ts";
import { dataUrl, isReasoningModel, toOutputFormat, toParameters, toTemperature, writeArguments, writeToolResult } from "./call.ts";

/** The body and what had to be left out or changed. */
export interface ResponsesRequest {
  readonly body: ResponseCreateParamsBase;
  readonly warnings: readonly string[];
}

/** Maps a request. @param provider the maker whose opaque parts may be sent back */
export function toResponsesRequest(request: ModelRequest, provider: string): ResponsesRequest {
  const warnings: string[] = [];
  const format = toOutputFormat(request, warnings);
  const maker: Maker = { provider, model: request.model };
  const input = request.messages.flatMap((message) => toItems(message, maker));
  const effort = request.reasoning?.effort;
  return {
    warnings,
    body: {
      model: request.model,
      store: false,
      input: format.kind === "told" ? [{ role: "system", content: format.instructions }, ...input] : input,
      max_output_tokens: request.maxOutputTokens,
      ...(isReasoningModel(request.model) ? { include: ["reasoning.encrypted_content"] } : {}),
      ...(request.tools === undefined || request.tools.length === 0 ? {} : { tools: request.tools.map(toTool) }),
      ...(request.toolChoice === undefined || request.tools === undefined ? {} : { tool_choice: toToolChoice(request.toolChoice) }),
      ...(format.kind === "schema"
        ? { text: { format: { type: "json_schema", name: format.name, strict: format.strict, schema: format.schema } } }
        : {}),
      ...(effort === undefined ? {} : { reasoning: effort === "none" ? { effort } : { effort, summary: "auto" } }),
      ...toTemperature(request, warnings),
    },
  };
}

interface Maker {
  readonly provider: string;
  readonly model: string;
}

function toItems(message: ModelMessage, maker: Maker): readonly ResponseInputItem[] {
  switch (message.role) {
    case "system":
      return message.content.map(({ text }) => ({ role: "system", content: text }));
    case "user":
      return [
        {
          role: "user",
          content: message.content.map((part) =>
            part.type === "text" ? { type: "input_text", text: part.text } : toFile(part, maker.provider),
          ),
        },
      ];
    case "assistant":
      return message.content.flatMap((part) => toAssistantItems(part, maker));
    case "tool":
      return message.content.map((part) => ({ type: "function_call_output", call_id: part.id, output: writeToolResult(part) }));
  }
}

function toAssistantItems(part: AssistantPart, maker: Maker): readonly ResponseInputItem[] {
  const own = ownData(part.opaque, maker);
  switch (part.type) {
    case "text":
      return part.text === "" ? [] : [toMessageItem(part, own)];
    case "tool-call": {
      const id = isJsonObject(own) && typeof own["id"] === "string" ? { id: own["id"] } : {};
      return [{ type: "function_call", call_id: part.id, name: part.name, arguments: writeArguments(part.input), ...id }];
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

function toFile({ mediaType, data, url, name }: FilePart, provider: string): ResponseInputContent {
  if (mediaType.startsWith("image/"))
    return { type: "input_image", detail: "auto", image_url: data === undefined ? url : dataUrl(mediaType, data) };
  if (mediaType === "application/pdf")
    return data === undefined
      ? { type: "input_file", file_url: url }
      : { type: "input_file", filename: name ?? "document.pdf", file_data: dataUrl(mediaType, data) };
  throw new ModelError("unsupported", `${provider}: files of type ${mediaType} cannot be sent`, { provider, retryable: false });
}

function toTool(tool: ModelTool): FunctionTool {
  return { type: "function", name: tool.name, description: tool.description, ...toParameters(tool) };
}
