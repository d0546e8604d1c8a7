// The providers as the conformance suite wants them: how each is made, and the wire it speaks.

import { anthropic } from "../../providers/anthropic.ts";
import { ollama } from "../../providers/ollama.ts";
import { openai } from "../../providers/openai.ts";
import type { CreateOptions, ProviderFixture } from "../conformance/provider.ts";
import { anthropicWire } from "./wire-anthropic.ts";
import { chatWire } from "./wire-chat.ts";
import { ollamaWire } from "./wire-ollama.ts";
import { responsesWire } from "./wire-responses.ts";

/** The options that every provider has, without those that are not given. */
function common({ apiKey, headers, timeouts }: CreateOptions) {
  return {
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(headers === undefined ? {} : { headers }),
    ...(timeouts === undefined ? {} : { timeouts }),
  };
}

export const anthropicFixture: ProviderFixture = {
  name: "anthropic",
  id: "anthropic",
  wire: anthropicWire,
  create: ({ origin, ...options } = {}) => anthropic({ ...common(options), ...(origin === undefined ? {} : { baseURL: origin }) }),
  url: "https://api.anthropic.com/v1/messages",
  keyVariable: "ANTHROPIC_API_KEY",
};

export const responsesFixture: ProviderFixture = {
  name: "openai responses",
  id: "openai",
  wire: responsesWire,
  create: ({ origin, ...options } = {}) =>
    openai({ ...common(options), api: "responses", ...(origin === undefined ? {} : { baseURL: origin }) }),
  url: "https://api.openai.com/v1/responses",
  keyVariable: "OPENAI_API_KEY",
};

export const chatFixture: ProviderFixture = {
  name: "openai chat",
  id: "openai",
  wire: chatWire,
  create: ({ origin, ...options } = {}) =>
    openai({ ...common(options), api: "chat", ...(origin === undefined ? {} : { baseURL: origin }) }),
  url: "https://api.openai.com/v1/chat/completions",
  keyVariable: "OPENAI_API_KEY",
  lacks: { "token count": "the route is that of the Responses API" },
};

export const ollamaFixture: ProviderFixture = {
  name: "ollama",
  id: "ollama",
  wire: ollamaWire,
  create: ({ origin, ...options } = {}) => ollama({ ...common(options), ...(origin === undefined ? {} : { host: origin }) }),
  url: "http://127.0.0.1:11434/api/chat",
  lacks: {
    refusal: "a model's refusal is text like any other",
    "broken input": "tool calls come as objects",
    "streamed arguments": "a tool call comes whole",
    "server ids": "the API has no ids for calls",
    "file addresses": "images are sent in the request only",
    "forced tools": "the API has no tool choice",
    "cache counts": "the server does not count what it remembers",
    "token count": "the API has no route for it",
  },
};
