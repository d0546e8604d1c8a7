// The call itself: opens a model's stream, of either version, and reads it so that a cancel, or a reader who stops early, closes it.

import type { LanguageModelV3StreamPart, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { AiSdkModel } from "../ai-sdk.ts";
import type { LimitedCall } from "../http/call-limits.ts";
import { toThirdVersion } from "./third-version.ts";

/** A part of a model's stream, of either version. */
export type StreamPart = LanguageModelV4StreamPart | LanguageModelV3StreamPart;

/** What models of either version answer with. */
interface Begun {
  readonly stream: ReadableStream<StreamPart>;
  readonly response?: { readonly headers?: Record<string, string> };
}

/** What ends a call that nobody ends. */
type Limits = Pick<LimitedCall, "signal" | "waiting">;

/** A stream that has begun, and the headers of its response. */
export interface OpenedStream {
  readonly stream: ReadableStream<StreamPart>;
  readonly headers: Headers;
}

/** Calls the model. The models' errors pass through. */
export async function openStream(model: AiSdkModel, options: LanguageModelV4CallOptions, call: Limits): Promise<OpenedStream> {
  const asked: PromiseLike<Begun> = model.specificationVersion === "v4" ? model.doStream(options) : model.doStream(toThirdVersion(options));
  const { stream, response } = await call.waiting(() => unlessAborted(asked, call.signal));
  return { stream, headers: new Headers(response?.headers) };
}

/** Waits, but no longer than until the signal aborts; a stream that comes later is closed unread. */
async function unlessAborted(asked: PromiseLike<Begun>, signal: AbortSignal): Promise<Begun> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => {
    // The signal says why. What becomes of the call is of no interest any more.
    reject(signal.reason);
    asked.then(
      ({ stream }) => stream.cancel().catch(() => undefined),
      () => undefined,
    );
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([asked, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Reads a stream to its end, or until the signal aborts: then it ends in silence, also where the model does not listen to the signal. */
export async function* partsOf<Part>(stream: ReadableStream<Part>, { signal, waiting }: Limits): AsyncGenerator<Part> {
  const reader = stream.getReader();
  // What goes wrong in a stream that is being closed changes nothing any more, and what went wrong before is thrown by the read.
  const close = (): void => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener("abort", close, { once: true });
  if (signal.aborted) close();
  try {
    for (;;) {
      const { done, value } = await waiting(() => reader.read());
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}
