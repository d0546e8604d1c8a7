// What is known of models under Ollama without asking the server: little, since anybody can make one. Pure: no SDK code, only its types.

import type { ShowResponse } from "ollama/browser";
import type { Capabilities } from "../../src/index.ts";

const IMAGES = ["image/jpeg", "image/png", "image/webp"];

const COMMON: Capabilities = {
  // The server turns the schema into a grammar, but some versions have ignored it for models that think.
  structuredOutput: "best-effort",
  tools: "unknown",
  // The API has no tool choice (github.com/ollama/ollama/blob/main/docs/api.md).
  forcedTools: "no",
  parallelTools: "unknown",
  files: IMAGES,
  reasoning: "unknown",
  // It keeps the beginning of a conversation as long as the model stays loaded, and counts nothing.
  promptCache: "automatic",
  countsTokens: "no",
};

/** What is known by a model's name. */
export function knownCapabilities(model: string): Capabilities {
  // docs.ollama.com/capabilities/thinking: gpt-oss takes levels only, and cannot be kept from thinking.
  if (/gpt-oss/i.test(model)) return { ...COMMON, tools: "yes", reasoning: "yes", efforts: ["low", "medium", "high"], files: [] };
  return COMMON;
}

/** What the server says of a model (`show`), in the port's words; what it leaves open is left out. */
export function toCapabilities({ capabilities, model_info }: ShowResponse): Partial<Capabilities> {
  // The SDK's type says Map; what comes is the JSON object.
  const known: readonly (readonly [string, unknown])[] = Object.entries(model_info ?? {});
  const contextTokens = known.find(([name]) => name.endsWith(".context_length"))?.[1];
  return {
    ...(Array.isArray(capabilities)
      ? {
          tools: capabilities.includes("tools") ? "yes" : "no",
          reasoning: capabilities.includes("thinking") ? "yes" : "no",
          files: capabilities.includes("vision") ? IMAGES : [],
        }
      : {}),
    ...(typeof contextTokens === "number" ? { maxInputTokens: contextTokens } : {}),
  };
}
