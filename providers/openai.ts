// OpenAI, and every server that speaks its API. Configuration and the call; the two APIs are mapped in `openai/responses*` and
// `openai/chat*`. Raw event streams only: the SDK's helpers refuse servers that are a little loose, and resolve on replies that were cut.

import type { CallContext, Capabilities, ModelEvent, ModelProvider, ModelRequest, Readiness } from "../src/index.ts";
import { abortError } from "./http/errors.ts";
import type { OpenAICall } from "./openai/call.ts";
import { streamChat } from "./openai/chat.ts";
import { toModelError } from "./openai/errors.ts";
import { streamResponses } from "./openai/responses.ts";
import { addressReadiness, environment, type HttpOptions, lateFetch, loadSdk, requireReady, sdkReadiness } from "./http/sdk.ts";
import { secretless } from "./http/secretless.ts";

/** How to reach OpenAI or a compatible server. */
export interface OpenAIOptions extends HttpOptions {
  /** Default: `OPENAI_API_KEY`, but only for OpenAI itself and for `OPENAI_BASE_URL`: it is not sent to an address given here. */
  readonly apiKey?: string;
  /** Default: `OPENAI_BASE_URL`, then OpenAI's own address. Any other server needs no key unless it asks for one. */
  readonly baseURL?: string;
  /** Default: Responses for OpenAI itself, Chat Completions for any other address. */
  readonly api?: "responses" | "chat";
  /** The prefix in model names. Default: `openai`; give one to have OpenAI and a compatible server side by side. */
  readonly id?: string;
}

const PACKAGE = "openai";
const OPENAI_URL = "https://api.openai.com/v1";

/**
 * The provider of OpenAI's models and of servers with its API, named `openai:<model>`. Nothing is stored at OpenAI: reasoning comes
 * back encrypted and is sent again by us. Structured output is strict when the schema can be told strictly, else loose with a warning.
 *
 * @example createRuntime({ models: [openai(), openai({ id: "local", baseURL: "http://127.0.0.1:8080/v1" })] })
 */
export function openai(options: OpenAIOptions = {}): ModelProvider {
  const id = options.id ?? "openai";
  const readiness = (): Readiness => {
    const sdk = sdkReadiness(id, PACKAGE);
    if (!sdk.ready) return sdk;
    const address = addressReadiness(
      id,
      options.baseURL ?? environment("OPENAI_BASE_URL"),
      options.baseURL === undefined ? "OPENAI_BASE_URL" : "baseURL",
    );
    if (!address.ready) return address;
    const { isOpenAI, apiKey } = settle(options);
    if (!isOpenAI || apiKey !== undefined) return { ready: true };
    return { ready: false, message: `${id}: there is no API key`, fix: "Set OPENAI_API_KEY, or pass openai({ apiKey })." };
  };

  return {
    id,
    readiness,
    capabilities: () => capabilitiesOf(settle(options)),
    async *stream(request: ModelRequest, { signal, headers }: CallContext): AsyncGenerator<ModelEvent> {
      requireReady(id, readiness());
      const { default: Sdk } = await loadSdk(id, PACKAGE, () => import("openai"));
      if (signal.aborted) throw abortError(id, signal);

      const { apiKey, baseURL, isOpenAI, api } = settle(options);
      const client = new Sdk({
        apiKey: apiKey ?? "none",
        baseURL,
        maxRetries: 0,
        logLevel: "off",
        fetch: lateFetch(options.fetch),
        defaultHeaders: options.headers,
        // OpenAI's account headers mean nothing to other servers.
        ...(isOpenAI ? {} : { organization: null, project: null }),
      });
      const call: OpenAICall = { provider: id, client, isOpenAI, request, options: { signal, headers } };
      try {
        yield* api === "responses" ? streamResponses(call) : streamChat(call);
      } catch (error) {
        throw secretless(toModelError(error, { provider: id, Sdk, signal }), apiKey, options.headers);
      }
    },
  };
}

interface Settled {
  readonly apiKey: string | undefined;
  readonly baseURL: string;
  readonly isOpenAI: boolean;
  readonly api: "responses" | "chat";
}

/** Options and environment as they are now. */
function settle(options: OpenAIOptions): Settled {
  const baseURL = options.baseURL ?? environment("OPENAI_BASE_URL") ?? OPENAI_URL;
  const isOpenAI = URL.canParse(baseURL) && /(^|\.)api\.openai\.com$/.test(new URL(baseURL).hostname);
  const mayUseEnvironment = isOpenAI || options.baseURL === undefined;
  return {
    apiKey: options.apiKey ?? (mayUseEnvironment ? environment("OPENAI_API_KEY") : undefined),
    baseURL,
    isOpenAI,
    api: options.api ?? (isOpenAI ? "responses" : "chat"),
  };
}

const IMAGES = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/** Of OpenAI itself these are known; another server's depend on what runs there. */
function capabilitiesOf({ isOpenAI, api }: Settled): Capabilities {
  if (isOpenAI) return { structuredOutput: "native", tools: "yes", files: [...IMAGES, "application/pdf"], reasoning: "yes" };
  // Of the servers that were tried, those with a Responses route ignored the schema there.
  return { structuredOutput: api === "chat" ? "best-effort" : "unknown", tools: "unknown", files: IMAGES, reasoning: "unknown" };
}
