// The most tokens a request can be expected to have, before anybody has counted them: what a budget reserves.

import type { FilePart, ModelRequest } from "./model.ts";

/** Texts have fewer tokens than half their bytes in every tokenizer in use, dense JSON included; only long runs of digits or rare signs have more. */
const BYTES_PER_TOKEN = 2;
/** Roles and separators around a message or a tool. */
const FRAME_TOKENS = 20;
/** A picture, at the finest that is charged for. */
const PICTURE_TOKENS = 6_000;
/** A document whose size is not known here. */
const DOCUMENT_TOKENS = 100_000;
/** A page of some tens of kilobytes has up to three thousand tokens. */
const DOCUMENT_BYTES_PER_TOKEN = 8;
const BYTES_PER_BASE64_CHARACTER = 0.75;

/** Tokens in, as a careful estimate, and the longest reply the request allows. */
export function mostTokens({ messages, tools = [], output, maxOutputTokens }: ModelRequest): {
  readonly input: number;
  readonly output: number;
} {
  let bytes = sizeOf(tools) + sizeOf(output);
  let tokens = (messages.length + tools.length + 1) * FRAME_TOKENS;
  for (const { content } of messages) {
    for (const part of content) {
      if (part.type === "file") tokens += fileTokens(part);
      else bytes += part.type === "text" ? Buffer.byteLength(part.text) : sizeOf(part);
    }
  }
  return { input: tokens + Math.ceil(bytes / BYTES_PER_TOKEN), output: maxOutputTokens };
}

function sizeOf(value: unknown): number {
  return value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value));
}

function fileTokens({ data, mediaType }: FilePart): number {
  if (mediaType.startsWith("image/")) return PICTURE_TOKENS;
  if (data === undefined) return DOCUMENT_TOKENS;
  const bytes = data.length * BYTES_PER_BASE64_CHARACTER;
  return Math.ceil(bytes / (mediaType.startsWith("text/") ? BYTES_PER_TOKEN : DOCUMENT_BYTES_PER_TOKEN));
}
