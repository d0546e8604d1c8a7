// Messages as the content blocks of Anthropic's API. Pure: no SDK code, only its types.

import type { ContentBlockParam, MessageParam, TextBlockParam, ToolResultBlockParam } from "@anthropic-ai/sdk/resources/messages/messages";
import type { AssistantPart, FilePart, ModelMessage, TextPart, ToolResultPart } from "../../src/index.ts";
import { argumentsObject, outputText } from "../http/json-text.ts";
import { unsupportedFile } from "../http/refusals.ts";
import { cacheControl } from "./cache-marks.ts";

/** What a message is mapped for. */
export interface BlockContext {
  readonly provider: string;
  readonly model: string;
  /** Media types the model takes, for the error about one that it does not. */
  readonly files: readonly string[];
}

/** Maps a message. @throws ModelError `unsupported` for a file the API does not take */
export function toMessage(message: ModelMessage, context: BlockContext): MessageParam {
  switch (message.role) {
    case "system":
      return { role: "system", content: message.content.map(textBlock) };
    case "user":
      return { role: "user", content: message.content.map((part) => (part.type === "text" ? textBlock(part) : toFile(part, context))) };
    case "assistant":
      return { role: "assistant", content: message.content.flatMap((part) => toAssistantBlocks(part, context.model)) };
    case "tool":
      return { role: "user", content: message.content.map(toToolResult) };
  }
}

/** A text, with its mark. */
export function textBlock({ text, cache }: Pick<TextPart, "text" | "cache">): TextBlockParam {
  return { type: "text", text, ...markOf(cache) };
}

function markOf(cache: TextPart["cache"]): Pick<TextBlockParam, "cache_control"> {
  return cache === undefined ? {} : { cache_control: cacheControl(cache) };
}

function toAssistantBlocks(part: AssistantPart, model: string): readonly ContentBlockParam[] {
  // What only Anthropic can read means something to the model that made it only. It is what reply.ts kept, unchanged.
  const own = part.opaque?.provider === "anthropic" && part.opaque.model === model ? part.opaque.data : undefined;
  switch (part.type) {
    case "text":
      // The API refuses empty text, which models do give beside tool calls.
      return part.text === "" ? [] : [textBlock(part)];
    case "tool-call":
      return [{ type: "tool_use", id: part.id, name: part.name, input: argumentsObject(part.input) }];
    case "reasoning":
      return own === undefined ? [] : [own as unknown as ContentBlockParam];
  }
}

function toToolResult({ id, output, isError, cache }: ToolResultPart): ToolResultBlockParam {
  return {
    type: "tool_result",
    tool_use_id: id,
    content: outputText(output),
    ...(isError === true ? { is_error: true } : {}),
    ...markOf(cache),
  };
}

function toFile({ mediaType, data, url, name, cache }: FilePart, { provider, files }: BlockContext): ContentBlockParam {
  const rest = { ...(name === undefined ? {} : { title: name }), ...markOf(cache) };
  switch (mediaType) {
    case "image/jpeg":
    case "image/png":
    case "image/gif":
    case "image/webp":
      return {
        type: "image",
        source: data === undefined ? { type: "url", url } : { type: "base64", media_type: mediaType, data },
        ...markOf(cache),
      };
    case "application/pdf":
      return {
        type: "document",
        source: data === undefined ? { type: "url", url } : { type: "base64", media_type: mediaType, data },
        ...rest,
      };
    case "text/plain":
      if (data === undefined) throw unsupportedFile(provider, mediaType, "url", files);
      return {
        type: "document",
        source: { type: "text", media_type: mediaType, data: Buffer.from(data, "base64").toString("utf8") },
        ...rest,
      };
    default:
      throw unsupportedFile(provider, mediaType, "data", files);
  }
}
