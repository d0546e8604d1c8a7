// Ollama's own API, by the official SDK. Its browser entry is used, since the Node entry replaces image texts that name a local
// file by that file. The SDK has no signal and its `abort()` stops all streams of a client, so every call has a client of its own.

import type { CallContext, Capabilities, ModelEvent, ModelProvider, ModelRequest, Readiness } from "../src/index.ts";
import { abortError } from "./http/errors.ts";
import { toModelError } from "./ollama/errors.ts";
import { addChunk, newSum, toReply } from "./ollama/reply.ts";
import { toRequest } from "./ollama/request.ts";
import { watchedFetch } from "./ollama/watched-fetch.ts";
import { addressReadiness, environment, type HttpOptions, lateFetch, loadSdk, requireReady, sdkReadiness } from "./http/sdk.ts";
import { secretless } from "./http/secretless.ts";

/** How to reach Ollama. */
export interface OllamaOptions extends HttpOptions {
  /** Default: `OLLAMA_HOST`, then `http://127.0.0.1:11434`. */
  readonly host?: string;
  /**
   * The context window in tokens, prompt and reply together. Without it the
   * server's default counts, and what does not fit is cut off in silence.
   */
  readonly contextTokens?: number;
}

const ID = "ollama";
const PACKAGE = "ollama";
const ENTRY = "ollama/browser";

/**
 * The provider of local models, named `ollama:<model>`. A schema guides the reply as far as the model and the server honour it.
 *
 * @example createRuntime({ models: [ollama({ contextTokens: 16_384 })] })
 */
export function ollama(options: OllamaOptions = {}): ModelProvider {
  const host = (): string | undefined => options.host ?? environment("OLLAMA_HOST");
  const readiness = (): Readiness => {
    const sdk = sdkReadiness(ID, PACKAGE, ENTRY);
    return sdk.ready ? addressReadiness(ID, fullAddress(host()), options.host === undefined ? "OLLAMA_HOST" : "host") : sdk;
  };

  return {
    id: ID,
    readiness,
    capabilities: () => CAPABILITIES,
    async *stream(request: ModelRequest, { signal, headers }: CallContext): AsyncGenerator<ModelEvent> {
      requireReady(ID, readiness());
      const { body, warnings } = toRequest(request, { contextTokens: options.contextTokens });
      const { Ollama } = await loadSdk(ID, PACKAGE, () => import("ollama/browser"));
      if (signal.aborted) throw abortError(ID, signal);

      const address = fullAddress(host());
      // Closes the socket too when whoever reads the stream stops early, which the SDK does not.
      const stop = new AbortController();
      const client = new Ollama({
        ...(address === undefined ? {} : { host: address }),
        headers: { ...options.headers, ...headers },
        fetch: watchedFetch(ID, lateFetch(options.fetch), AbortSignal.any([signal, stop.signal])),
      });
      const sum = newSum(request.model);
      try {
        for await (const chunk of await client.chat({ ...body, stream: true })) yield* addChunk(sum, chunk);
        yield { type: "finish", reply: toReply(sum, request, warnings) };
      } catch (error) {
        throw secretless(toModelError(error, ID, signal), undefined, options.headers);
      } finally {
        stop.abort();
      }
    },
  };
}

const CAPABILITIES: Capabilities = {
  structuredOutput: "best-effort",
  tools: "unknown",
  files: ["image/jpeg", "image/png", "image/webp"],
  reasoning: "unknown",
};

/** `OLLAMA_HOST` may be a bare host, a port or a URL. */
function fullAddress(host: string | undefined): string | undefined {
  if (host === undefined || host.includes("://")) return host;
  return host.startsWith(":") ? `http://127.0.0.1${host}` : `http://${/:\d+$/.test(host) ? host : `${host}:11434`}`;
}
