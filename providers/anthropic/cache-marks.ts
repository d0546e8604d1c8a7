// Which cache marks of a conversation Anthropic's API takes: four at most, the longer spans before the shorter ones
// (platform.claude.com/docs/en/build-with-claude/prompt-caching). Pure.

import type { CacheControlEphemeral } from "@anthropic-ai/sdk/resources/messages/messages";
import type { CacheSpan, ModelMessage, ModelRequest } from "../../src/index.ts";
import { nearestSpan } from "../http/nearest.ts";

const MARK_LIMIT = 4;

/** A conversation whose marks the API takes, and the mark that follows its end. */
export interface MarkedConversation {
  readonly messages: readonly ModelMessage[];
  readonly end?: CacheControlEphemeral;
}

/** Settles the marks of a request. What is dropped or changed is told in the warnings. */
export function settleMarks({ messages, cache }: ModelRequest, warnings: string[]): MarkedConversation {
  const auto = cache?.auto === undefined ? undefined : nearestSpan(cache.auto, SPANS, warnings);
  const marks = messages.flatMap((message, at) =>
    message.content.flatMap((part, index) => (spanOf(part) === undefined ? [] : [{ key: `${at}.${index}`, asked: spanOf(part) }])),
  );
  const limit = auto === undefined ? MARK_LIMIT : MARK_LIMIT - 1;
  // The first mark keeps what never changes, the last ones what changed last; what lies between is the least loss.
  const kept = marks.length <= limit ? marks : [...marks.slice(0, 1), ...marks.slice(1 - limit)];
  if (kept.length < marks.length)
    warnings.push(`cache: Anthropic takes ${MARK_LIMIT} marks in a request; ${marks.length - kept.length} in the middle were dropped`);

  const spans = new Map<string, Span>();
  let shortest: Span = "1h";
  const settle = (asked: CacheSpan): Span => {
    const nearest = nearestSpan(asked, SPANS, warnings);
    if (nearest === "1h" && shortest === "5m") warnings.push('cache: a span of "1h" cannot follow one of "5m"; "5m" was taken');
    shortest = shortest === "5m" ? "5m" : nearest;
    return shortest;
  };
  for (const { key, asked } of kept) if (asked !== undefined) spans.set(key, settle(asked));
  return {
    messages: messages.map((message, at) => withSpans(message, (index) => spans.get(`${at}.${index}`))),
    ...(auto === undefined ? {} : { end: cacheControl(settle(auto)) }),
  };
}

type Span = "5m" | "1h";
const SPANS: [Span, Span] = ["5m", "1h"];

/** A mark as the API writes it. */
export function cacheControl(span: CacheSpan): CacheControlEphemeral {
  return span === "1h" ? { type: "ephemeral", ttl: "1h" } : { type: "ephemeral" };
}

function spanOf(part: ModelMessage["content"][number]): CacheSpan | undefined {
  // Empty text is never sent, so its mark would be lost with it.
  if (part.type === "text" && part.text === "") return undefined;
  return "cache" in part ? part.cache : undefined;
}

/** The message with its parts' marks as they were settled. */
function withSpans(message: ModelMessage, spanAt: (index: number) => Span | undefined): ModelMessage {
  const settle = <Part extends object>(part: Part, index: number): Part => {
    if (!("cache" in part)) return part;
    const { cache: _asked, ...rest } = part;
    const span = spanAt(index);
    // The part is the same but for its mark.
    return (span === undefined ? rest : { ...rest, cache: span }) as Part;
  };
  switch (message.role) {
    case "system":
      return { ...message, content: message.content.map(settle) };
    case "user":
      return { ...message, content: message.content.map(settle) };
    case "assistant":
      return { ...message, content: message.content.map(settle) };
    case "tool":
      return { ...message, content: message.content.map(settle) };
  }
}
