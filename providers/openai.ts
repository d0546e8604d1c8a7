// OpenAI, and every server that speaks its API. Configuration and the calls; the two APIs are mapped in `openai/responses*` and
// `openai/chat*`. Raw event streams only: the SDK's helpers refuse servers that are a little loose, and resolve on replies that were cut.

import type OpenAI from "openai";
import type { CallContext, Capabilities, ModelEvent, ModelProvider, ModelRequest, Readiness } from "../src/index.ts";
import { limitCall, LONGEST_TIMER_MS } from "./http/call-limits.ts";
import { overridden } from "./http/capability-table.ts";
import { answerOf, type Connection } from "./http/connection.ts";
import { unsupported } from "./http/refusals.ts";
import { accountHash, addressReadiness, environment, type HttpOptions, loadSdk, requireReady, sdkReadiness } from "./http/sdk.ts";
import { secretless } from "./http/secretless.ts";
import type { OpenAICall } from "./openai/call.ts";
import { streamChat } from "./openai/chat.ts";
import { toModelError } from "./openai/errors.ts";
import { knownCapabilities } from "./openai/models.ts";
import { streamResponses } from "./openai/responses.ts";
import { toCount, toResponsesRequest } from "./openai/responses-request.ts";

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

/** A provider that can also count tokens, where its server has a route for it. */
export interface OpenAIProvider extends ModelProvider {
  /** @throws ModelError, `unsupported` for servers that speak Chat Completions only */
  countTokens(request: ModelRequest, context: CallContext): Promise<number>;
}

const PACKAGE = "openai";
const OPENAI_URL = "https://api.openai.com/v1";

/**
 * The provider of OpenAI's models and of servers with its API, named `openai:<model>`. Nothing is stored at OpenAI: reasoning comes
 * back encrypted and is sent again by us. Structured output is strict when the schema can be told strictly, else loose with a warning.
 *
 * @example createRuntime({ models: [openai(), openai({ id: "local", baseURL: "http://127.0.0.1:8080/v1" })] })
 */
export function openai(options: OpenAIOptions = {}): OpenAIProvider {
  const id = options.id ?? "openai";
  const capabilities = (model: string): Capabilities => overridden(knownCapabilities(model, settle(options)), model, options.capabilities);

  return {
    id,
    readiness: () => readinessOf(id, options),
    capabilities,
    address: () => settle(options).baseURL,
    account: () => {
      const { baseURL, apiKey } = settle(options);
      return accountHash(baseURL, apiKey);
    },

    async *stream(request: ModelRequest, context: CallContext): AsyncGenerator<ModelEvent> {
      const { isOpenAI, api, tellsCost } = settle(options);
      const known = capabilities(request.model);
      const connection = await connect(id, options, context);
      const { client, options: requestOptions } = connection;
      const call: OpenAICall = { provider: id, client, isOpenAI, tellsCost, capabilities: known, request, options: requestOptions };
      try {
        yield* api === "responses" ? streamResponses(call) : streamChat(call);
      } catch (error) {
        throw connection.fault(error);
      } finally {
        connection.close();
      }
    },

    async countTokens(request: ModelRequest, context: CallContext): Promise<number> {
      const { isOpenAI, api } = settle(options);
      if (!isOpenAI && api === "chat")
        throw unsupported(id, "Chat Completions has no route that counts tokens", 'Give `api: "responses"` if the server has that one.');
      const { body } = toResponsesRequest(request, { provider: id, isOpenAI, capabilities: capabilities(request.model) });
      const counted = await answerOf(connect(id, options, context), ({ client, options: call }) =>
        client.responses.inputTokens.count(toCount(body), call),
      );
      return counted.input_tokens;
    },
  };
}

/** A client for one call. */
async function connect(id: string, options: OpenAIOptions, { signal, headers }: CallContext): Promise<Connection<OpenAI>> {
  requireReady(id, readinessOf(id, options));
  const { default: Sdk } = await loadSdk(id, PACKAGE, () => import("openai"));
  const { apiKey, baseURL, isOpenAI } = settle(options);
  const call = limitCall(id, { signal, limits: options.timeouts, fetch: options.fetch });
  const client = new Sdk({
    apiKey: apiKey ?? "none",
    baseURL,
    maxRetries: 0,
    timeout: LONGEST_TIMER_MS,
    logLevel: "off",
    fetch: call.fetch,
    defaultHeaders: options.headers,
    // OpenAI's account headers mean nothing to other servers.
    ...(isOpenAI ? {} : { organization: null, project: null }),
  });
  return {
    client,
    options: { signal: call.signal, headers },
    close: call.close,
    fault: (error) => secretless(toModelError(error, { provider: id, Sdk, ...call }), apiKey, options.headers, headers),
  };
}

function readinessOf(id: string, options: OpenAIOptions): Readiness {
  const sdk = sdkReadiness(id, PACKAGE);
  if (!sdk.ready) return sdk;
  const source = options.baseURL === undefined ? "OPENAI_BASE_URL" : "baseURL";
  const address = addressReadiness(id, options.baseURL ?? environment("OPENAI_BASE_URL"), source);
  if (!address.ready) return address;
  const { isOpenAI, apiKey } = settle(options);
  if (!isOpenAI || apiKey !== undefined) return { ready: true };
  return { ready: false, message: `${id}: there is no API key`, fix: "Set OPENAI_API_KEY, or pass openai({ apiKey })." };
}

interface Settled {
  readonly apiKey: string | undefined;
  readonly baseURL: string;
  readonly isOpenAI: boolean;
  readonly api: "responses" | "chat";
  /** OpenRouter says what a call cost: openrouter.ai/docs/use-cases/usage-accounting. */
  readonly tellsCost: boolean;
}

/** Options and environment as they are now. */
function settle(options: OpenAIOptions): Settled {
  const baseURL = options.baseURL ?? environment("OPENAI_BASE_URL") ?? OPENAI_URL;
  const host = URL.canParse(baseURL) ? new URL(baseURL).hostname : "";
  const isOpenAI = /(^|\.)api\.openai\.com$/.test(host);
  const mayUseEnvironment = isOpenAI || options.baseURL === undefined;
  return {
    apiKey: options.apiKey ?? (mayUseEnvironment ? environment("OPENAI_API_KEY") : undefined),
    baseURL,
    isOpenAI,
    api: options.api ?? (isOpenAI ? "responses" : "chat"),
    tellsCost: /(^|\.)openrouter\.ai$/.test(host),
  };
}
