// The messages of a request as the AI SDK's prompt. What a model said before goes back with the marks of its maker, to that maker only. Pure.

import type {
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4TextPart,
  LanguageModelV4ToolResultOutput,
  LanguageModelV4ToolResultPart,
  SharedV4ProviderOptions,
} from "@ai-sdk/provider";
import {
  type AssistantPart,
  type CacheSpan,
  type FilePart,
  isJsonObject,
  type ModelMessage,
  type Opaque,
  type TextPart,
  type ToolResultPart,
} from "../../src/index.ts";
import { argumentsObject, markedOutputText } from "../http/json-text.ts";
import { unsupported } from "../http/refusals.ts";
import type { Family } from "./families.ts";
import { mergeOptions, providerOptionsOf } from "./provider-options.ts";
import type { AiSdkCall } from "./request.ts";

/** What the mapping needs to know of the model, and where it tells what it left out. */
export interface PromptContext {
  readonly family: Family;
  /** By media type, the addresses that the model fetches itself. */
  readonly supportedUrls: Readonly<Record<string, readonly RegExp[]>>;
  readonly warnings: string[];
}

type AssistantContent = Extract<LanguageModelV4Message, { role: "assistant" }>["content"];

/** Maps the messages. @throws ModelError `unsupported` for a file by an address that the model does not fetch */
export function toPrompt({ id, request }: Pick<AiSdkCall, "id" | "request">, context: PromptContext): LanguageModelV4Prompt {
  const messages = withMarkAtEnd(request.messages, request.cache?.auto);
  const hasMarks = messages.some(({ content }) => content.some((part) => "cache" in part && part.cache !== undefined));
  if (hasMarks && context.family.mark === undefined && context.family.remembers !== true)
    context.warnings.push("cache: the AI SDK has no marks for what to remember, and this family's are not known here; they were left out");
  return messages.flatMap((message) => toMessages(message, { ...context, id, model: request.model }));
}

/** The wish to remember all of it, as a mark on the last part that can carry one. */
function withMarkAtEnd(messages: readonly ModelMessage[], span: CacheSpan | undefined): readonly ModelMessage[] {
  const last = messages.at(-1);
  if (span === undefined || last === undefined || last.role === "assistant") return messages;
  // Each role keeps its own sort of parts: only a member is added to the last one.
  const content = last.content.map((part, index) => (index === last.content.length - 1 ? { cache: span, ...part } : part));
  return [...messages.slice(0, -1), { ...last, content } as ModelMessage];
}

interface MessageContext extends PromptContext {
  readonly id: string;
  readonly model: string;
}

function toMessages(message: ModelMessage, context: MessageContext): LanguageModelV4Prompt {
  switch (message.role) {
    case "system":
      return toSystem(message.content, context);
    case "user":
      return [
        { role: "user", content: message.content.map((part) => (part.type === "text" ? toText(part, context) : toFile(part, context))) },
      ];
    case "assistant":
      return [{ role: "assistant", content: message.content.flatMap((part) => toAssistant(part, context)) }];
    case "tool":
      return [{ role: "tool", content: message.content.map((part) => toToolResult(part, context)) }];
  }
}

/** One message, since small servers take no more than one; parts that end in a mark stand alone, since a mark goes with its message. */
function toSystem(parts: readonly TextPart[], context: MessageContext): LanguageModelV4Prompt {
  const groups: TextPart[][] = [[]];
  for (const part of parts) {
    groups.at(-1)?.push(part);
    if (context.family.mark !== undefined && part.cache !== undefined) groups.push([]);
  }
  return groups
    .filter((group) => group.length > 0)
    .map((group) => ({ role: "system", content: group.map(({ text }) => text).join("\n\n"), ...optionsOf(group.at(-1), context) }));
}

function toText(part: TextPart, context: MessageContext): LanguageModelV4TextPart {
  return { type: "text", text: part.text, ...optionsOf(part, context) };
}

function toAssistant(part: AssistantPart, context: MessageContext): AssistantContent {
  switch (part.type) {
    case "text":
      // Empty text beside tool calls is refused by some families; with marks of its maker it means something.
      return part.text === "" && part.opaque === undefined ? [] : [toText(part, context)];
    case "reasoning":
      // What another model thought means nothing to this one.
      return isOwn(part.opaque, context) ? [{ type: "reasoning", text: part.text, ...optionsOf(part, context) }] : [];
    case "tool-call":
      return [
        { type: "tool-call", toolCallId: part.id, toolName: part.name, input: argumentsObject(part.input), ...optionsOf(part, context) },
      ];
  }
}

function toToolResult(part: ToolResultPart, context: MessageContext): LanguageModelV4ToolResultPart {
  return { type: "tool-result", toolCallId: part.id, toolName: part.name, output: toOutput(part), ...optionsOf(part, context) };
}

/** A failed result says so in words as well: most families drop the AI SDK's mark. */
function toOutput({ output, isError }: ToolResultPart): LanguageModelV4ToolResultOutput {
  if (isError === true) return { type: "error-text", value: markedOutputText({ output, isError }) };
  if (typeof output === "string") return { type: "text", value: output };
  // The AI SDK's JSON is declared mutable; models do not write into it.
  return { type: "json", value: output as Extract<LanguageModelV4ToolResultOutput, { type: "json" }>["value"] };
}

function toFile(part: FilePart, context: MessageContext): LanguageModelV4FilePart {
  const { mediaType, name, data, url } = part;
  return {
    type: "file",
    mediaType,
    ...(name === undefined ? {} : { filename: name }),
    data: data === undefined ? { type: "url", url: fetchable(url, mediaType, context) } : { type: "data", data },
    ...optionsOf(part, context),
  };
}

/** Models say which addresses they fetch; all others the AI SDK downloads itself, which Kindling does not do: an address may lead anywhere. */
function fetchable(address: string, mediaType: string, { id, supportedUrls }: MessageContext): URL {
  const patterns = Object.entries(supportedUrls).flatMap(([type, each]) =>
    covers(type.toLowerCase(), mediaType.toLowerCase()) ? each : [],
  );
  if (URL.canParse(address) && patterns.some((pattern) => address.toLowerCase().search(pattern) !== -1)) return new URL(address);
  throw unsupported(
    id,
    `the model does not fetch files of type ${mediaType} from ${hostOf(address)}`,
    "Give the file's content as base64 (data) in place of its address, or say in the model's supportedUrls that it fetches it.",
  );
}

function covers(pattern: string, mediaType: string): boolean {
  if (pattern === "*" || pattern === "*/*" || pattern === mediaType) return true;
  return pattern.endsWith("/*") && mediaType.startsWith(pattern.slice(0, -1));
}

/** An address may hold a key in its query. */
function hostOf(address: string): string {
  return URL.canParse(address) ? `${new URL(address).protocol}//${new URL(address).host}` : "an address that is no URL";
}

/** What goes with a part: the marks of its maker, and what to remember. */
function optionsOf(
  part: { readonly opaque?: Opaque; readonly cache?: CacheSpan } | undefined,
  context: MessageContext,
): { readonly providerOptions?: SharedV4ProviderOptions } {
  const own = isOwn(part?.opaque, context) && isJsonObject(part?.opaque?.data) ? providerOptionsOf(part.opaque.data) : {};
  const mark = part?.cache === undefined ? {} : (context.family.mark?.(part.cache) ?? {});
  const providerOptions = mergeOptions(own, mark);
  return Object.keys(providerOptions).length === 0 ? {} : { providerOptions };
}

function isOwn(opaque: Opaque | undefined, { id, model }: MessageContext): boolean {
  return opaque?.provider === id && opaque.model === model;
}
