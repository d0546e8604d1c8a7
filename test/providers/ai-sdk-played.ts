// A language model of the AI SDK that plays parts it was given, and keeps what it was called with: for what no server sends over the wire of
// the one real package that is installed (metadata, provider-run tools, the older version).

import type {
  LanguageModelV3,
  LanguageModelV3CallOptions,
  LanguageModelV3StreamPart,
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
} from "@ai-sdk/provider";

const USAGE = {
  inputTokens: { total: 120, noCache: 20, cacheRead: 40, cacheWrite: 60 },
  outputTokens: { total: 9, text: 5, reasoning: 4 },
};

/** The end of a stream. */
export const finish = (
  unified: Extract<LanguageModelV4StreamPart, { type: "finish" }>["finishReason"]["unified"] = "stop",
  raw?: string,
  providerMetadata?: Extract<LanguageModelV4StreamPart, { type: "finish" }>["providerMetadata"],
): Extract<LanguageModelV4StreamPart, { type: "finish" }> => ({
  type: "finish",
  finishReason: { unified, raw },
  usage: USAGE,
  ...(providerMetadata === undefined ? {} : { providerMetadata }),
});

/** A text as parts. */
export const text = (...deltas: readonly string[]): readonly LanguageModelV4StreamPart[] => [
  { type: "text-start", id: "0" },
  ...deltas.map((delta) => ({ type: "text-delta", id: "0", delta }) as const),
  { type: "text-end", id: "0" },
];

export interface Played {
  readonly model: LanguageModelV4;
  readonly calls: LanguageModelV4CallOptions[];
}

/** A model of version 4. */
export function played(
  parts: readonly LanguageModelV4StreamPart[] = [...text("ok"), finish()],
  members: Partial<LanguageModelV4> & { readonly supportsStructuredOutputs?: boolean } = {},
  headers: Record<string, string> = {},
): Played {
  const calls: LanguageModelV4CallOptions[] = [];
  const model: LanguageModelV4 = {
    specificationVersion: "v4",
    provider: "played.chat",
    modelId: "tune",
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error("only streams are asked for")),
    doStream: (options) => {
      calls.push(options);
      return Promise.resolve({ stream: streamOf(parts), response: { headers } });
    },
    ...members,
  };
  return { model, calls };
}

/** A model of version 4 that plays one list of parts after another. */
export function playedInTurn(...turns: readonly (readonly LanguageModelV4StreamPart[])[]): Played {
  const { model, calls } = played();
  const doStream: LanguageModelV4["doStream"] = (options) => {
    const parts = turns[calls.push(options) - 1];
    return parts === undefined ? Promise.reject(new Error("there is no further turn")) : Promise.resolve({ stream: streamOf(parts) });
  };
  return { model: { ...model, doStream }, calls };
}

/** A model of version 3. */
export function playedThird(parts: readonly LanguageModelV3StreamPart[]): {
  readonly model: LanguageModelV3;
  readonly calls: LanguageModelV3CallOptions[];
} {
  const calls: LanguageModelV3CallOptions[] = [];
  const model: LanguageModelV3 = {
    specificationVersion: "v3",
    provider: "older.chat",
    modelId: "tune",
    supportedUrls: Promise.resolve({ "image/*": [/^https:/] }),
    doGenerate: () => Promise.reject(new Error("only streams are asked for")),
    doStream: (options) => {
      calls.push(options);
      return Promise.resolve({ stream: streamOf(parts) });
    },
  };
  return { model, calls };
}

function streamOf<Part>(parts: readonly Part[]): ReadableStream<Part> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
}
