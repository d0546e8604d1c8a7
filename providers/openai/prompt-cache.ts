// What OpenAI's APIs are told of the prompt cache (developers.openai.com/api/docs/guides/prompt-caching). They remember by themselves;
// a key keeps calls that begin alike together, and since gpt-5.6 marks say exactly what is to be kept. Pure.

import { createHash } from "node:crypto";
import type { CacheSpan, ModelRequest } from "../../src/index.ts";
import { nearestSpan } from "../http/nearest.ts";
import { takesCacheMarks } from "./models.ts";

const KEY_LENGTH = 64;

/** How long an API remembers; Chat Completions has one span only. */
export type Spans<Span extends CacheSpan> = readonly [Span, ...Span[]];

/** The members of a body that both APIs have. */
export interface CacheMembers<Span> {
  readonly prompt_cache_key?: string;
  readonly prompt_cache_options?: { readonly mode?: "implicit" | "explicit"; readonly ttl?: Span };
}

/** The members of a request's body. Older models and other servers know of no marks and are not told. */
export function toCacheMembers<Span extends CacheSpan>(
  { model, messages, cache }: ModelRequest,
  { isOpenAI, spans, warnings }: { readonly isOpenAI: boolean; readonly spans: Spans<Span>; readonly warnings: string[] },
): CacheMembers<Span> {
  if (!isOpenAI) return {};
  const key = cache?.key === undefined ? {} : { prompt_cache_key: shortKey(cache.key) };
  if (!takesCacheMarks(model)) return key;
  if (cache?.auto !== undefined)
    return { ...key, prompt_cache_options: { mode: "implicit", ttl: nearestSpan(cache.auto, spans, warnings) } };
  // Without a wish for its end, a conversation that is marked is kept where it is marked: every write is paid for.
  const hasMarks = messages.some(({ content }) => content.some((part) => "cache" in part && part.cache !== undefined));
  return hasMarks ? { ...key, prompt_cache_options: { mode: "explicit" } } : key;
}

/** The mark of a part. There is no limit to be kept here: the API writes the latest four, and finds all that were written before. */
export interface Breakpoint<Span> {
  readonly prompt_cache_breakpoint?: { readonly mode: "explicit"; readonly ttl: Span };
}

/** Makes marks for the parts of one request. */
export function breakpoints<Span extends CacheSpan>(
  { model }: ModelRequest,
  { isOpenAI, spans, warnings }: { readonly isOpenAI: boolean; readonly spans: Spans<Span>; readonly warnings: string[] },
): (cache: CacheSpan | undefined) => Breakpoint<Span> {
  const areTaken = isOpenAI && takesCacheMarks(model);
  return (cache) =>
    areTaken && cache !== undefined ? { prompt_cache_breakpoint: { mode: "explicit", ttl: nearestSpan(cache, spans, warnings) } } : {};
}

/** The API takes 64 characters; a longer key is told by its hash, which keeps the same calls together. */
function shortKey(key: string): string {
  return key.length <= KEY_LENGTH ? key : createHash("sha256").update(key).digest("hex");
}
