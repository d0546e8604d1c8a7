// A call in the words of version 3 of the AI SDK's specification: files are not tagged there, and reasoning has no setting. Pure.

import type {
  LanguageModelV3CallOptions,
  LanguageModelV3Message,
  LanguageModelV4CallOptions,
  LanguageModelV4Message,
} from "@ai-sdk/provider";

/** The same call for an older model; it was made up without settings that such a model does not have. */
export function toThirdVersion({ prompt, ...options }: LanguageModelV4CallOptions): LanguageModelV3CallOptions {
  return { ...options, prompt: prompt.map(toMessage) };
}

function toMessage(message: LanguageModelV4Message): LanguageModelV3Message {
  // The other messages that are made here hold texts, reasoning, tool calls and their results: those are the same in both versions.
  if (message.role !== "user") return message as LanguageModelV3Message;
  return {
    ...message,
    content: message.content.map((part) => {
      if (part.type === "text") return part;
      const { data, ...file } = part;
      if (data.type === "data") return { ...file, data: data.data };
      if (data.type === "url") return { ...file, data: data.url };
      throw new TypeError(`a file's ${data.type} is not made here`);
    }),
  };
}
