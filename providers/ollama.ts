// Ollama's own API, by the official SDK. Its browser entry is used, since the Node entry replaces image texts that name a local
// file by that file. The SDK has no signal and its `abort()` stops all streams of a client, so every call has a client of its own.

import type { Ollama } from "ollama/browser";
import type { CallContext, Capabilities, ModelEvent, ModelProvider, ModelRequest, Readiness } from "../src/index.ts";
import { limitCall } from "./http/call-limits.ts";
import { overridden } from "./http/capability-table.ts";
import { answerOf, type Connection } from "./http/connection.ts";
import { accountHash, addressReadiness, environment, type HttpOptions, loadSdk, requireReady, sdkReadiness } from "./http/sdk.ts";
import { secretless } from "./http/secretless.ts";
import { toModelError } from "./ollama/errors.ts";
import { knownCapabilities, toCapabilities } from "./ollama/models.ts";
import { addChunk, newSum, toReply } from "./ollama/reply.ts";
import { toRequest } from "./ollama/request.ts";
import { watchedFetch } from "./ollama/watched-fetch.ts";

/** How to reach Ollama. */
export interface OllamaOptions extends HttpOptions {
  /** Default: `OLLAMA_HOST`, then `http://127.0.0.1:11434`. */
  readonly host?: string;
  /** For servers that want one. Default: `OLLAMA_API_KEY`, but only for `https://ollama.com`. */
  readonly apiKey?: string;
  /**
   * The context window in tokens, prompt and reply together. Without it the
   * server's default counts, and what does not fit is cut off in silence.
   */
  readonly contextTokens?: number;
  /** The prefix in model names. Default: `ollama`; give one to have several servers side by side. */
  readonly id?: string;
}

/** A provider that can also ask the server what a model can do. */
export interface OllamaProvider extends ModelProvider {
  /** Asks the server and remembers the answer for `capabilities`. @throws ModelError, `model_not_found` for one that was never pulled */
  askCapabilities(model: string, context?: Partial<CallContext>): Promise<Capabilities>;
}

const PACKAGE = "ollama";
const ENTRY = "ollama/browser";
const ADDRESS = "http://127.0.0.1:11434";

/**
 * The provider of local models, named `ollama:<model>`. A schema guides the reply as far as the model and the server honour it.
 *
 * @example createRuntime({ models: [ollama({ contextTokens: 16_384 })] })
 */
export function ollama(options: OllamaOptions = {}): OllamaProvider {
  const id = options.id ?? "ollama";
  const address = (): string => fullAddress(options.host ?? environment("OLLAMA_HOST")) ?? ADDRESS;
  const apiKey = (): string | undefined => options.apiKey ?? (isCloud(address()) ? environment("OLLAMA_API_KEY") : undefined);
  const asked = new Map<string, Partial<Capabilities>>();
  const capabilities = (model: string): Capabilities =>
    overridden({ ...knownCapabilities(model), ...asked.get(model) }, model, options.capabilities);

  const readiness = (): Readiness => {
    const sdk = sdkReadiness(id, PACKAGE, ENTRY);
    return sdk.ready ? addressReadiness(id, address(), options.host === undefined ? "OLLAMA_HOST" : "host") : sdk;
  };

  /** A client for one call. */
  const connect = async ({ signal, headers }: Partial<CallContext>): Promise<Connection<Ollama>> => {
    requireReady(id, readiness());
    const sdk = await loadSdk(id, PACKAGE, () => import("ollama/browser"));
    const key = apiKey();
    const call = limitCall(id, { signal, limits: options.timeouts, fetch: options.fetch });
    return {
      client: new sdk.Ollama({
        host: address(),
        headers: { ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }), ...options.headers, ...headers },
        fetch: watchedFetch(id, call.fetch),
      }),
      options: { signal: call.signal, headers },
      close: call.close,
      fault: (error) => secretless(toModelError(error, id, call.signal), key, options.headers, headers),
    };
  };

  return {
    id,
    readiness,
    capabilities,
    address,
    account: () => accountHash(address(), apiKey()),

    async *stream(request: ModelRequest, context: CallContext): AsyncGenerator<ModelEvent> {
      const settings = { provider: id, contextTokens: options.contextTokens, capabilities: capabilities(request.model) };
      const { body, warnings } = toRequest(request, settings);
      const connection = await connect(context);
      const sum = newSum(request);
      try {
        connection.options.signal.throwIfAborted();
        for await (const chunk of await connection.client.chat({ ...body, stream: true })) yield* addChunk(sum, chunk);
        yield { type: "finish", reply: toReply(sum, request, { provider: id, warnings }) };
      } catch (error) {
        throw connection.fault(error);
      } finally {
        connection.close();
      }
    },

    async askCapabilities(model: string, context: Partial<CallContext> = {}): Promise<Capabilities> {
      asked.set(model, toCapabilities(await answerOf(connect(context), ({ client }) => client.show({ model }))));
      return capabilities(model);
    },
  };
}

/** `OLLAMA_HOST` may be a bare host, a port or a URL. */
function fullAddress(host: string | undefined): string | undefined {
  if (host === undefined || host.includes("://")) return host;
  return host.startsWith(":") ? `http://127.0.0.1${host}` : `http://${/:\d+$/.test(host) ? host : `${host}:11434`}`;
}

function isCloud(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === "https:" && /(^|\.)ollama\.com$/.test(hostname);
}
