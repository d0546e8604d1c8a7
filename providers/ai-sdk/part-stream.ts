// The call itself: opens a model's stream, of either version, and reads it so that a cancel, or a reader who stops early, closes it.

import type { LanguageModelV3StreamPart, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { AiSdkModel } from "../ai-sdk.ts";
import { toThirdVersion } from "./third-version.ts";

/** A part of a model's stream, of either version. */
export type StreamPart = LanguageModelV4StreamPart | LanguageModelV3StreamPart;

/** A stream that has begun, and the headers of its response. */
export interface OpenedStream {
  readonly stream: ReadableStream<StreamPart>;
  readonly headers: Headers;
}

/** Calls the model. The models' errors pass through. */
export async function openStream(model: AiSdkModel, options: LanguageModelV4CallOptions): Promise<OpenedStream> {
  if (model.specificationVersion === "v4") {
    const { stream, response } = await model.doStream(options);
    return { stream, headers: new Headers(response?.headers) };
  }
  const { stream, response } = await model.doStream(toThirdVersion(options));
  return { stream, headers: new Headers(response?.headers) };
}

/** Reads a stream to its end, or until the signal aborts: then it ends in silence, also where the model does not listen to the signal. */
export async function* partsOf<Part>(stream: ReadableStream<Part>, signal: AbortSignal): AsyncGenerator<Part> {
  const reader = stream.getReader();
  // What goes wrong in a stream that is being closed changes nothing any more, and what went wrong before is thrown by the read.
  const close = (): void => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener("abort", close, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}
