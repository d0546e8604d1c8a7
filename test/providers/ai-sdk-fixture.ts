// A model of the AI SDK as the conformance suite wants it: the real package for compatible servers, with the true wire of Chat Completions.

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { aiSdk } from "../../providers/ai-sdk.ts";
import type { ProviderFixture } from "../conformance/provider.ts";
import { chatFixture } from "./fixtures.ts";

const KEY_VARIABLE = "COMPATIBLE_API_KEY";

export const aiSdkFixture: ProviderFixture = {
  ...chatFixture,
  name: "ai sdk",
  id: "compatible",
  create: ({ origin = "https://models.example", apiKey, headers = {} } = {}) =>
    aiSdk({
      id: "compatible",
      headers,
      ...(apiKey === undefined ? { keyVariable: KEY_VARIABLE } : {}),
      model: createOpenAICompatible({
        name: "compatible",
        baseURL: `${origin}/v1`,
        apiKey: apiKey ?? process.env[KEY_VARIABLE] ?? "",
        includeUsage: true,
        supportsStructuredOutputs: true,
      }),
    }),
  url: "https://models.example/v1/chat/completions",
  keyVariable: KEY_VARIABLE,
};
