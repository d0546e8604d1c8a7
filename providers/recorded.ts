// A provider that replays real exchanges from a file, and the wrapper that collects them.
// Requests are found by their hash; what was never asked is refused with the difference to the
// nearest request that was. Only requests and replies are kept: keys and headers are in neither.

import { existsSync } from "node:fs";
import {
  type CallContext,
  ConfigError,
  hashJson,
  type JsonValue,
  ModelError,
  type ModelEvent,
  type ModelProvider,
  type ModelReply,
  type ModelRequest,
  type Readiness,
  toJson,
} from "../src/index.ts";
import { abortError } from "./http/errors.ts";
import { describeDifference, nearestRequest } from "./recorded/difference.ts";
import { type Exchange, readRecording } from "./recorded/recording-file.ts";

export { type Exchange, type Recording, writeRecording } from "./recorded/recording-file.ts";

/**
 * A provider that replays the recording in a file, read at the first call. The same request recorded several times
 * replays in order, the last reply for ever after. An unknown request fails with `unknown_request` and says what differs.
 *
 * @param options.id the prefix in model names; give the recorded provider's own to replay a project unchanged
 * @example createRuntime({ models: [recorded("test/press-release.recording.json", { id: "anthropic" })] })
 */
export function recorded(file: URL | string, { id = "recorded" }: { readonly id?: string } = {}): ModelProvider {
  let index: Promise<Index> | undefined;
  return {
    id,
    readiness: (): Readiness =>
      existsSync(file)
        ? { ready: true }
        : { ready: false, message: `${id}: there is no recording ${String(file)}`, fix: "Check the path, or make the recording first." },
    // The exchanges were real: whatever they used was possible.
    capabilities: () => ({
      structuredOutput: "native",
      tools: "yes",
      files: ["image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf", "text/plain"],
      reasoning: "yes",
    }),
    async *stream(request: ModelRequest, { signal }: CallContext): AsyncGenerator<ModelEvent> {
      index ??= loadIndex(file, id);
      const reply = nextReply(await index, request, id);
      for (const part of reply.content) {
        if (signal.aborted) throw abortError(id, signal);
        if (part.type === "text" && part.text !== "") yield { type: "text-delta", delta: part.text };
        if (part.type === "reasoning" && part.text !== "") yield { type: "reasoning-delta", delta: part.text };
      }
      if (signal.aborted) throw abortError(id, signal);
      yield { type: "finish", reply };
    },
  };
}

/**
 * Wraps a provider so that every finished exchange is handed to `sink`; `writeRecording` makes a file of them. Failed calls leave nothing.
 *
 * @example
 * const exchanges: Exchange[] = [];
 * const model = recording(anthropic(), (exchange) => exchanges.push(exchange));
 * // … run …
 * await writeRecording("press-release.recording.json", exchanges);
 */
export function recording(provider: ModelProvider, sink: (exchange: Exchange) => void): ModelProvider {
  return {
    id: provider.id,
    readiness: () => provider.readiness(),
    capabilities: (model) => provider.capabilities(model),
    async *stream(request: ModelRequest, context: CallContext): AsyncGenerator<ModelEvent> {
      for await (const event of provider.stream(request, context)) {
        if (event.type === "finish") sink(exchangeOf(request, event.reply));
        yield event;
      }
    },
  };
}

/** An exchange as a recording holds it: also how a ledger's `model.requested` and `model.replied` become one. */
export function exchangeOf(request: ModelRequest, reply: ModelReply): Exchange {
  return { hash: hashOf(request), request, reply };
}

interface Index {
  readonly exchanges: readonly Exchange[];
  readonly byHash: ReadonlyMap<string, { readonly replies: readonly ModelReply[]; next: number }>;
}

async function loadIndex(file: URL | string, provider: string): Promise<Index> {
  try {
    return indexOf((await readRecording(file)).exchanges);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ModelError("not_configured", error.message, {
      provider,
      retryable: false,
      cause: error,
      ...(error.fix === undefined ? {} : { fix: error.fix }),
    });
  }
}

function indexOf(exchanges: readonly Exchange[]): Index {
  const byHash = new Map<string, { readonly replies: ModelReply[]; next: number }>();
  for (const { request, reply } of exchanges) {
    // Hashed anew: a recording that was edited by hand is found by what it says now.
    const hash = hashOf(request);
    const entry = byHash.get(hash) ?? { replies: [], next: 0 };
    entry.replies.push(reply);
    byHash.set(hash, entry);
  }
  return { exchanges, byHash };
}

function nextReply({ exchanges, byHash }: Index, request: ModelRequest, provider: string): ModelReply {
  const entry = byHash.get(hashOf(request));
  const reply = entry?.replies[Math.min(entry.next, entry.replies.length - 1)];
  if (entry === undefined || reply === undefined) throw unknownRequest(exchanges, request, provider);
  entry.next++;
  return reply;
}

function unknownRequest(exchanges: readonly Exchange[], request: ModelRequest, provider: string): ModelError {
  const asked = plain(request);
  const nearest = nearestRequest(
    exchanges.map(({ request: known }) => plain(known)),
    asked,
  );
  const difference =
    nearest === undefined
      ? "The recording is empty."
      : `The nearest of ${exchanges.length} recorded requests is number ${nearest.index + 1}:\n${describeDifference(nearest.request, asked)}`;
  return new ModelError("unknown_request", `${provider}: this request was not recorded. ${difference}`, {
    provider,
    retryable: false,
    fix: "Record the exchange again, or undo the change that makes the request differ.",
    details: { hash: hashJson(asked) },
  });
}

function hashOf(request: ModelRequest): string {
  return hashJson(plain(request));
}

/** A request is plain JSON by its type; the copy drops what is undefined and proves it. */
function plain(request: ModelRequest): JsonValue {
  const result = toJson(request);
  if (result.ok) return result.value;
  throw new ModelError("invalid_request", `The request is not plain JSON: ${result.problem.at} ${result.problem.message}`, {
    provider: "recorded",
    retryable: false,
  });
}
