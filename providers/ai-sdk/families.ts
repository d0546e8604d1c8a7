// What some families of the AI SDK want told in their own words, since its specification has none: what to remember of a prompt, and one
// tool call at a time. Pure data, as the packages of the families read it; what is not in here goes by `providerOptions`.

import type { SharedV4ProviderOptions } from "@ai-sdk/provider";
import type { CacheSpan } from "../../src/index.ts";
import type { AiSdkModel } from "../ai-sdk.ts";

/** What a family can be told. */
export interface Family {
  /** On a part: remember the prompt up to here. */
  readonly mark?: (span: CacheSpan) => SharedV4ProviderOptions;
  /** For the call: keep together what begins alike. */
  readonly key?: (key: string) => SharedV4ProviderOptions;
  /** True when it remembers by itself, so that a mark that is left out is no loss. */
  readonly remembers?: true;
  /** For the call: one tool call at a time. */
  readonly oneToolAtATime?: SharedV4ProviderOptions;
}

/** The family a model belongs to, or one that can be told nothing. */
export function familyOf({ provider, modelId }: Pick<AiSdkModel, "provider" | "modelId">): Family {
  // A gateway hands the options of the family behind it on: `anthropic/claude-…`.
  const names = provider.startsWith("gateway") ? [modelId.split("/")[0] ?? ""] : provider.split(".");
  if (names.includes("anthropic")) return ANTHROPIC;
  if (names[0] === "amazon-bedrock" || names[0] === "bedrock") return BEDROCK;
  if (names[0] === "openai" || names[0] === "azure") return OPENAI;
  return {};
}

const ANTHROPIC: Family = {
  mark: (span) => ({ anthropic: { cacheControl: { type: "ephemeral", ttl: span === "5m" ? "5m" : "1h" } } }),
  oneToolAtATime: { anthropic: { disableParallelToolUse: true } },
};

const BEDROCK: Family = {
  mark: () => ({ bedrock: { cachePoint: { type: "default" } } }),
};

const OPENAI: Family = {
  key: (key) => ({ openai: { promptCacheKey: key } }),
  remembers: true,
  oneToolAtATime: { openai: { parallelToolCalls: false } },
};
