// A ModelRequest as the body of Anthropic's Messages API. Pure: no SDK code, only its types.

import type {
  ContentBlockParam,
  MessageParam,
  MessageStreamParams,
  TextBlockParam,
  Tool,
  ToolChoice,
  ToolResultBlockParam,
} from "@anthropic-ai/sdk/resources/messages/messages";
import {
  type AssistantPart,
  type Effort,
  type FilePart,
  type JsonValue,
  ModelError,
  type ModelMessage,
  type ModelRequest,
  type ModelTool,
} from "../../src/index.ts";
import { outputInstructions, outputWarning } from "../http/output-instructions.ts";
import { narrowSchema, type SchemaDialect } from "../http/schema-dialect.ts";

/** The body and what had to be left out or changed. */
export interface AnthropicRequest {
  readonly body: MessageStreamParams;
  readonly warnings: readonly string[];
}

/** Maps a request. @throws ModelError `unsupported` for a file the API does not take */
export function toRequest(request: ModelRequest): AnthropicRequest {
  const warnings: string[] = [];
  const output = toOutput(request, warnings);
  const { leading, rest } = splitSystem(request.messages);
  const system = output.instructions === undefined ? leading : [...leading, textBlock(output.instructions)];
  if (request.temperature !== undefined) warnings.push("temperature: Anthropic's API takes no sampling parameters; it was left out");

  const effort = toEffort(request.reasoning?.effort, warnings);
  const outputConfig = { ...(effort === undefined ? {} : { effort }), ...(output.format === undefined ? {} : { format: output.format }) };
  return {
    warnings,
    body: {
      model: request.model,
      max_tokens: request.maxOutputTokens,
      messages: rest.map((message) => toMessage(message, request.model)),
      ...(system.length === 0 ? {} : { system }),
      ...(request.tools === undefined || request.tools.length === 0 ? {} : { tools: request.tools.map(toTool) }),
      ...(request.toolChoice === undefined || request.tools === undefined ? {} : { tool_choice: toToolChoice(request.toolChoice) }),
      ...(request.reasoning === undefined
        ? {}
        : { thinking: effort === undefined ? { type: "disabled" } : { type: "adaptive", display: "summarized" } }),
      ...(Object.keys(outputConfig).length === 0 ? {} : { output_config: outputConfig }),
    },
  };
}

const TOOL_CHOICE = { auto: "auto", none: "none", required: "any" } as const;

function toToolChoice(choice: NonNullable<ModelRequest["toolChoice"]>): ToolChoice {
  return typeof choice === "string" ? { type: TOOL_CHOICE[choice] } : { type: "tool", name: choice.tool };
}

/** What `output_config.format` takes, after the SDK's own schema helper. */
const DIALECT: SchemaDialect = {
  keywords: new Set(),
  formats: new Set(["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"]),
  minItemsLimit: 1,
  allRequired: false,
};

interface Output {
  readonly format?: { readonly type: "json_schema"; readonly schema: Record<string, unknown> };
  readonly instructions?: string;
}

function toOutput({ output }: ModelRequest, warnings: string[]): Output {
  if (output === undefined) return {};
  const narrowed = narrowSchema(output.schema, DIALECT);
  if (narrowed.fits) return { format: { type: "json_schema", schema: narrowed.schema } };
  warnings.push(outputWarning(output.name, narrowed.reason));
  return { instructions: outputInstructions(output.schema) };
}

type AnthropicEffort = "low" | "medium" | "high" | "xhigh" | "max";

function toEffort(effort: Effort | undefined, warnings: string[]): AnthropicEffort | undefined {
  if (effort === undefined || effort === "none") return undefined;
  if (effort !== "minimal") return effort;
  warnings.push('reasoning: Anthropic has no effort "minimal"; "low" was taken');
  return "low";
}

/** System messages before all others are the system prompt; later ones keep their place, which newer models take. */
function splitSystem(messages: readonly ModelMessage[]): { readonly leading: TextBlockParam[]; readonly rest: readonly ModelMessage[] } {
  const end = messages.findIndex(({ role }) => role !== "system");
  const count = end === -1 ? messages.length : end;
  const leading = messages
    .slice(0, count)
    .flatMap((message) => (message.role === "system" ? message.content.map(({ text }) => textBlock(text)) : []));
  return { leading: leading.filter(({ text }) => text !== ""), rest: messages.slice(count) };
}

function toMessage(message: ModelMessage, model: string): MessageParam {
  switch (message.role) {
    case "system":
      return { role: "system", content: message.content.map(({ text }) => textBlock(text)) };
    case "user":
      return { role: "user", content: message.content.map((part) => (part.type === "text" ? textBlock(part.text) : toFile(part))) };
    case "assistant":
      return { role: "assistant", content: message.content.flatMap((part) => toAssistantBlocks(part, model)) };
    case "tool":
      return {
        role: "user",
        content: message.content.map(
          ({ id, output, isError }): ToolResultBlockParam => ({
            type: "tool_result",
            tool_use_id: id,
            content: toText(output),
            ...(isError === true ? { is_error: true } : {}),
          }),
        ),
      };
  }
}

function toAssistantBlocks(part: AssistantPart, model: string): readonly ContentBlockParam[] {
  switch (part.type) {
    case "text":
      // The API refuses empty text, which models do give beside tool calls.
      return part.text === "" ? [] : [textBlock(part.text)];
    case "tool-call":
      return [{ type: "tool_use", id: part.id, name: part.name, input: part.input }];
    case "reasoning":
      // Signed thinking means something to the model that signed it only. The block is what toReply was given, kept unchanged.
      return part.opaque?.provider === "anthropic" && part.opaque.model === model ? [part.opaque.data as unknown as ContentBlockParam] : [];
  }
}

function toFile({ mediaType, data, url, name }: FilePart): ContentBlockParam {
  const title = name === undefined ? {} : { title: name };
  switch (mediaType) {
    case "image/jpeg":
    case "image/png":
    case "image/gif":
    case "image/webp":
      return { type: "image", source: data === undefined ? { type: "url", url } : { type: "base64", media_type: mediaType, data } };
    case "application/pdf":
      return {
        type: "document",
        source: data === undefined ? { type: "url", url } : { type: "base64", media_type: mediaType, data },
        ...title,
      };
    case "text/plain":
      if (data === undefined) throw unsupported("text files cannot be sent by their address");
      return {
        type: "document",
        source: { type: "text", media_type: mediaType, data: Buffer.from(data, "base64").toString("utf8") },
        ...title,
      };
    default:
      throw unsupported(`files of type ${mediaType} cannot be sent`);
  }
}

function unsupported(what: string): ModelError {
  return new ModelError("unsupported", `anthropic: ${what}`, { provider: "anthropic", retryable: false });
}

function toTool({ name, description, inputSchema }: ModelTool): Tool {
  return { name, description, input_schema: { ...inputSchema, type: "object" } };
}

function toText(output: JsonValue): string {
  return typeof output === "string" ? output : JSON.stringify(output);
}

function textBlock(text: string): TextBlockParam {
  return { type: "text", text };
}
