// Anthropic's Messages API, by the official SDK. Request, reply and errors are mapped in `anthropic/`; this file holds configuration and
// the calls. The SDK's retries, parsing and tracing are off: Kindling has one budget of tries, checks every reply itself, and would count
// spans twice.

import type Anthropic from "@anthropic-ai/sdk";
import type { CallContext, Capabilities, ModelEvent, ModelProvider, ModelRequest, Readiness } from "../src/index.ts";
import { type AskedModel, toAskedModel, withAsked } from "./anthropic/asked-model.ts";
import { toModelError } from "./anthropic/errors.ts";
import { type ClaudeModel, claudeModel } from "./anthropic/models.ts";
import { addEvent, newSum, toReply } from "./anthropic/reply.ts";
import { toCount, toRequest } from "./anthropic/request.ts";
import { limitCall, LONGEST_TIMER_MS } from "./http/call-limits.ts";
import { overridden } from "./http/capability-table.ts";
import { answerOf, type Connection } from "./http/connection.ts";
import { endError } from "./http/errors.ts";
import { accountHash, addressReadiness, environment, type HttpOptions, loadSdk, requireReady, sdkReadiness } from "./http/sdk.ts";
import { secretless } from "./http/secretless.ts";

/** How to reach Anthropic. Everything left out is read from the environment at each call. */
export interface AnthropicOptions extends HttpOptions {
  /** The prefix in model names; default `anthropic`. Give others to have several keys side by side, each with its own limits and prices. */
  readonly id?: string;
  /** Default: `ANTHROPIC_API_KEY`. */
  readonly apiKey?: string;
  /** Default: `ANTHROPIC_BASE_URL`, then Anthropic's own address. */
  readonly baseURL?: string;
}

/** A provider that can also ask the API what a model can do. */
export interface AnthropicProvider extends ModelProvider {
  /** Asks the API and remembers the answer for `capabilities`. @throws ModelError */
  askCapabilities(model: string, context?: Partial<CallContext>): Promise<Capabilities>;
  countTokens(request: ModelRequest, context: CallContext): Promise<number>;
}

const PACKAGE = "@anthropic-ai/sdk";
const ADDRESS = "https://api.anthropic.com";

/**
 * The provider of Claude models, named `anthropic:<model>`. Replies are constrained by a schema natively; thinking is
 * sent back unchanged to the model that thought it; `temperature` is dropped with a warning, since the API takes none.
 *
 * @example createRuntime({ models: [anthropic()] })
 */
export function anthropic(options: AnthropicOptions = {}): AnthropicProvider {
  const id = idOf(options);
  const asked = new Map<string, AskedModel>();
  const known = (model: string): ClaudeModel => {
    const told = withAsked(claudeModel(model), asked.get(model));
    return { ...told, capabilities: overridden(told.capabilities, model, options.capabilities) };
  };

  return {
    id,
    readiness: () => readinessOf(options),
    capabilities: (model) => known(model).capabilities,
    address: () => addressOf(options) ?? ADDRESS,
    account: () => accountHash(addressOf(options) ?? ADDRESS, keyOf(options)),

    async *stream(request: ModelRequest, context: CallContext): AsyncGenerator<ModelEvent> {
      const { body, warnings } = toRequest(request, id, known(request.model));
      const connection = await connect(options, context);
      try {
        const { client, options: call } = connection;
        const { data: events, response, request_id } = await client.messages.create({ ...body, stream: true }, call).withResponse();
        const sum = newSum();
        for await (const event of events) yield* addEvent(sum, event);
        const reply = toReply(sum, { model: request.model, warnings, requestId: request_id ?? undefined });
        // The SDK ends an aborted or truncated stream in silence.
        if (reply === undefined || call.signal.aborted)
          throw endError(id, { signal: call.signal, hasBegun: sum.message !== undefined, headers: response.headers });
        yield { type: "finish", reply };
      } catch (error) {
        throw connection.fault(error);
      } finally {
        connection.close();
      }
    },

    async countTokens(request: ModelRequest, context: CallContext): Promise<number> {
      const { body } = toRequest(request, id, known(request.model));
      const counted = await answerOf(connect(options, context), ({ client, options: call }) =>
        client.messages.countTokens(toCount(body), call),
      );
      return counted.input_tokens;
    },

    async askCapabilities(model: string, context: Partial<CallContext> = {}): Promise<Capabilities> {
      const told = await answerOf(connect(options, context), ({ client, options: call }) => client.models.retrieve(model, {}, call));
      asked.set(model, toAskedModel(told));
      return known(model).capabilities;
    },
  };
}

/** A client for one call. */
async function connect(options: AnthropicOptions, { signal, headers }: Partial<CallContext>): Promise<Connection<Anthropic>> {
  const id = idOf(options);
  requireReady(id, readinessOf(options));
  const { default: Sdk } = await loadSdk(id, PACKAGE, () => import("@anthropic-ai/sdk"));
  const call = limitCall(id, { signal, limits: options.timeouts, fetch: options.fetch });
  const client = new Sdk({
    apiKey: keyOf(options) ?? null,
    authToken: null,
    baseURL: addressOf(options) ?? ADDRESS,
    maxRetries: 0,
    timeout: LONGEST_TIMER_MS,
    openTelemetry: false,
    logLevel: "off",
    fetch: call.fetch,
    defaultHeaders: options.headers,
  });
  return {
    client,
    options: { signal: call.signal, headers },
    close: call.close,
    fault: (error) => secretless(toModelError(error, { provider: id, Sdk, signal: call.signal }), keyOf(options), options.headers, headers),
  };
}

function readinessOf(options: AnthropicOptions): Readiness {
  const id = idOf(options);
  const sdk = sdkReadiness(id, PACKAGE);
  if (!sdk.ready) return sdk;
  if (keyOf(options) === undefined)
    return { ready: false, message: `${id}: there is no API key`, fix: "Set ANTHROPIC_API_KEY, or pass anthropic({ apiKey })." };
  return addressReadiness(id, addressOf(options), options.baseURL === undefined ? "ANTHROPIC_BASE_URL" : "baseURL");
}

function idOf({ id = "anthropic" }: AnthropicOptions): string {
  return id;
}

function keyOf({ apiKey }: AnthropicOptions): string | undefined {
  return apiKey ?? environment("ANTHROPIC_API_KEY");
}

function addressOf({ baseURL }: AnthropicOptions): string | undefined {
  return baseURL ?? environment("ANTHROPIC_BASE_URL");
}
