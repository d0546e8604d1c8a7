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
  create: ({ origin = "https://models.example", apiKey, headers = {}, timeouts = {} } = {}) =>
    aiSdk({
      id: "compatible",
      headers,
      timeouts,
      ...(apiKey === undefined ? { keyVariable: KEY_VARIABLE } : {}),
      model: createOpenAICompatible({
        name: "compatible",
        baseURL: `${origin}/v1`,
        apiKey: apiKey ?? process.env[KEY_VARIABLE] ?? "",
        includeUsage: true,
        supportsStructuredOutputs: true,
        supportedUrls: () => ({ "image/*": [/^https:\/\/example\.com\//] }),
      }),
    }),
  url: "https://models.example/v1/chat/completions",
  keyVariable: KEY_VARIABLE,
  lacks: {
    refusal: "the AI SDK has no part for one: its words come as the text of the reply, and as the detail of its end",
    "token count": "the AI SDK has no call for it",
    account: "the key is in the model, where nobody sees it",
  },
};
