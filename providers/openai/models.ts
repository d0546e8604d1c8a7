// What OpenAI's models can do and what they refuse, as data. The API does not tell, so this is from OpenAI's documentation as read in
// November 2026:
// [efforts]  developers.openai.com/api/docs/guides/reasoning, and the page of each model (.../docs/models/<name>)
// [chat]     the pages of gpt-6.1-sol and gpt-6-astra ("Use the Responses API for tool calling"); for gpt-5.6 the API's own error
//            ("Function tools with reasoning_effort are not supported … use /v1/responses")
// [cache]    developers.openai.com/api/docs/guides/prompt-caching: options and breakpoints since gpt-5.6, before that a 400
// [files]    developers.openai.com/api/docs/guides/file-inputs

import type { Capabilities, Effort } from "../../src/index.ts";
import { type ModelRow, rowOf } from "../http/capability-table.ts";
import { EXTENSIONS } from "./file-extensions.ts";

/** Which server is asked, and by which API. */
export interface OpenAIServer {
  readonly isOpenAI: boolean;
  readonly api: "responses" | "chat";
}

const LOW_TO_MAX: readonly Effort[] = ["low", "medium", "high", "xhigh", "max"];

const EFFORTS: readonly ModelRow<readonly Effort[] | undefined>[] = [
  // What is tuned for something else (chat, codex, pro, research) takes other efforts than its name says.
  { models: /-(chat|codex|pro|search|research|cyber|audio)/, known: undefined },
  { models: /^gpt-6(\.1-sol|-astra)/, known: LOW_TO_MAX },
  { models: /^gpt-6-luna/, known: ["none", ...LOW_TO_MAX] },
  { models: /^gpt-5\.[2-5](?!\d)/, known: ["none", "low", "medium", "high", "xhigh"] },
  { models: /^gpt-5\.1(?!\d)/, known: ["none", "low", "medium", "high"] },
  { models: /^gpt-5(?![.\d])/, known: ["minimal", "low", "medium", "high"] },
  { models: /^o[134](?!\d)/, known: ["low", "medium", "high"] },
];

/** What is known of a model. A fine-tuned one (`ft:…`) can do what its base can. */
export function knownCapabilities(name: string, server: OpenAIServer): Capabilities {
  const model = name.replace(/^ft:/, "");
  return server.isOpenAI ? ownCapabilities(model, server) : foreignCapabilities(server);
}

function ownCapabilities(model: string, { api }: OpenAIServer): Capabilities {
  const efforts = rowOf(EFFORTS, model);
  return {
    structuredOutput: "native",
    tools: api === "chat" && refusesToolsInChat(model, undefined) ? "no" : "yes",
    forcedTools: "yes",
    parallelTools: "yes",
    files: api === "responses" ? Object.keys(EXTENSIONS) : [...IMAGES, "application/pdf"],
    reasoning: isReasoningModel(model) ? "yes" : "no",
    ...(efforts === undefined ? {} : { efforts }),
    promptCache: takesCacheMarks(model) ? "marked" : "automatic",
    countsTokens: "yes",
    ...(model.startsWith("gpt-6.1-sol") ? { maxInputTokens: 1_050_000, maxOutputTokens: 128_000 } : {}),
  };
}

const IMAGES = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/** Of another server's models only the server's owner knows, and says so in the provider's options. */
function foreignCapabilities({ api }: OpenAIServer): Capabilities {
  return {
    // Of the servers that were tried, those with a Responses route ignored the schema there.
    structuredOutput: api === "chat" ? "best-effort" : "unknown",
    tools: "unknown",
    forcedTools: "unknown",
    parallelTools: "unknown",
    files: IMAGES,
    reasoning: "unknown",
    promptCache: "unknown",
    countsTokens: api === "chat" ? "no" : "unknown",
  };
}

/** True for OpenAI's reasoning models, by name; models of other servers are not known. */
export function isReasoningModel(model: string): boolean {
  return /^(ft:)?(gpt-([5-9]|\d\d)|o\d)/.test(model) && !/-chat/.test(model);
}

/** True for models that take cache marks and options; the ones before them answer 400. */
export function takesCacheMarks(model: string): boolean {
  return versionOf(model) >= 5.6;
}

/** True when Chat Completions refuses tools: since gpt-5.6 to whoever reasons, and the newest models always do. */
export function refusesToolsInChat(model: string, effort: Effort | undefined): boolean {
  if (versionOf(model) < 5.6) return false;
  return effort !== "none" || rowOf(EFFORTS, model)?.includes("none") === false;
}

/** `gpt-6.1-sol` is 6.1; 0 for names of another kind. */
function versionOf(model: string): number {
  return Number(/^(?:ft:)?gpt-(\d+(?:\.\d+)?)/.exec(model)?.[1] ?? 0);
}
