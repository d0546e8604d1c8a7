// About how many tokens a request takes, before anybody has counted them: for limits per minute, which the reply's usage corrects. A budget, which must hold, reserves the
// most it can be instead (`model/size.ts`).

import type { FilePart, ModelRequest } from "../../model/model.ts";

/** About four characters are a token in most languages that models were trained on. */
const CHARACTERS_PER_TOKEN = 4;
/** What a picture, or a file whose size is not known here, is taken for. */
const FILE_TOKENS = 2_000;
/** A page of a document is some tens of kilobytes and one to three thousand tokens. */
const DOCUMENT_BYTES_PER_TOKEN = 20;
const BYTES_PER_BASE64_CHARACTER = 0.75;

/** An estimate of the tokens of a request and of the longest reply it allows. */
export function estimateTokens({ messages, tools, output, maxOutputTokens }: ModelRequest): {
  readonly input: number;
  readonly output: number;
} {
  let characters = textSize(tools) + textSize(output);
  let files = 0;
  for (const { content } of messages) {
    for (const part of content) {
      if (part.type === "file") files += fileTokens(part);
      else if (part.type === "text" || part.type === "reasoning") characters += part.text.length;
      else characters += textSize(part);
    }
  }
  return { input: Math.ceil(characters / CHARACTERS_PER_TOKEN) + files, output: maxOutputTokens };
}

function textSize(value: unknown): number {
  return value === undefined ? 0 : JSON.stringify(value).length;
}

function fileTokens({ data, mediaType }: FilePart): number {
  if (data === undefined || mediaType.startsWith("image/")) return FILE_TOKENS;
  const bytes = data.length * BYTES_PER_BASE64_CHARACTER;
  if (mediaType.startsWith("text/")) return Math.ceil(bytes / CHARACTERS_PER_TOKEN);
  return Math.max(FILE_TOKENS, Math.ceil(bytes / DOCUMENT_BYTES_PER_TOKEN));
}
