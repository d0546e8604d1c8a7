// Anthropic's Messages API, by the official SDK. Request, reply and errors are mapped in
// `anthropic/`; this file holds configuration and the call. The SDK's retries, parsing and tracing
// are off: Kindling has one budget of tries, checks every reply itself, and would count spans twice.

import type { CallContext, Capabilities, ModelEvent, ModelProvider, ModelRequest, Readiness } from "../src/index.ts";
import { toModelError } from "./anthropic/errors.ts";
import { toDelta, toReply } from "./anthropic/reply.ts";
import { toRequest } from "./anthropic/request.ts";
import { abortError } from "./http/errors.ts";
import { addressReadiness, environment, type HttpOptions, lateFetch, loadSdk, requireReady, sdkReadiness } from "./http/sdk.ts";
import { secretless } from "./http/secretless.ts";

/** How to reach Anthropic. Everything left out is read from the environment at each call. */
export interface AnthropicOptions extends HttpOptions {
  /** Default: `ANTHROPIC_API_KEY`. */
  readonly apiKey?: string;
  /** Default: `ANTHROPIC_BASE_URL`, then Anthropic's own address. */
  readonly baseURL?: string;
}

const ID = "anthropic";
const PACKAGE = "@anthropic-ai/sdk";

/**
 * The provider of Claude models, named `anthropic:<model>`. Replies are constrained by a schema natively; thinking is
 * sent back unchanged to the model that thought it; `temperature` is dropped with a warning, since the API takes none.
 *
 * @example createRuntime({ models: [anthropic()] })
 */
export function anthropic(options: AnthropicOptions = {}): ModelProvider {
  const apiKey = (): string | undefined => options.apiKey ?? environment("ANTHROPIC_API_KEY");
  const baseURL = (): string | undefined => options.baseURL ?? environment("ANTHROPIC_BASE_URL");

  const readiness = (): Readiness => {
    const sdk = sdkReadiness(ID, PACKAGE);
    if (!sdk.ready) return sdk;
    if (apiKey() === undefined)
      return { ready: false, message: `${ID}: there is no API key`, fix: "Set ANTHROPIC_API_KEY, or pass anthropic({ apiKey })." };
    return addressReadiness(ID, baseURL(), options.baseURL === undefined ? "ANTHROPIC_BASE_URL" : "baseURL");
  };

  return {
    id: ID,
    readiness,
    capabilities: () => CAPABILITIES,
    async *stream(request: ModelRequest, { signal, headers }: CallContext): AsyncGenerator<ModelEvent> {
      requireReady(ID, readiness());
      const { body, warnings } = toRequest(request);
      const { default: Sdk } = await loadSdk(ID, PACKAGE, () => import("@anthropic-ai/sdk"));
      if (signal.aborted) throw abortError(ID, signal);

      const client = new Sdk({
        apiKey: apiKey() ?? null,
        authToken: null,
        baseURL: baseURL() ?? "https://api.anthropic.com",
        maxRetries: 0,
        openTelemetry: false,
        logLevel: "off",
        fetch: lateFetch(options.fetch),
        defaultHeaders: options.headers,
      });
      const stream = client.messages.stream(body, { signal, headers });
      try {
        for await (const event of stream) {
          const delta = toDelta(event);
          if (delta !== undefined) yield delta;
        }
        yield {
          type: "finish",
          reply: toReply(await stream.finalMessage(), { request, warnings, requestId: stream.request_id ?? undefined }),
        };
      } catch (error) {
        throw secretless(toModelError(error, Sdk, signal), apiKey(), options.headers);
      }
    },
  };
}

const CAPABILITIES: Capabilities = {
  structuredOutput: "native",
  tools: "yes",
  files: ["image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf", "text/plain"],
  reasoning: "yes",
};
