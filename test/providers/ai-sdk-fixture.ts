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
  lacks: {
    refusal: "the AI SDK has no part for one, and this package drops it",
    "failed results marked": "this package sends an error as plain text",
    "file addresses": "the model says itself which addresses it takes, and this one takes none",
    "tool choice checked": "the AI SDK's model decides what it sends",
    "token count": "the AI SDK has no word for it",
    account: "the key is in the model, where nobody sees it",
    "time limits": "the model makes its own requests",
    "body type told": "this package takes a page for an empty stream",
  },
};
