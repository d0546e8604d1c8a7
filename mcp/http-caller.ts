// What answers the requests of one principal, in both protocol eras. Sessions and bounds are the principal's own, so a session of somebody else is not there.

import { createMcpHandler, InMemoryServerEventBus, isLegacyRequest, type McpHttpHandler } from "@modelcontextprotocol/server";
import { HttpSessions, type SessionOptions } from "./http-sessions.ts";
import { isListening, Listening, listenIn, tooMuchListening } from "./listening.ts";
import type { Log } from "./log.ts";
import { explainedResponse } from "./protocol-error.ts";
import { type Extension, serversFor } from "./server.ts";
import type { End } from "./subscriptions.ts";
import { refusedTaskListening } from "./task-client.ts";
import type { Surface } from "./tool.ts";

/** Streams of changes that one principal may have open. */
const STREAMS_LIMIT = 64;

/** Answers one principal. */
export class HttpCaller {
  readonly #modern: McpHttpHandler;
  readonly #sessions: HttpSessions;
  readonly #listening: Listening;
  readonly #log: Log;

  constructor(surface: Surface, options: SessionOptions, extension?: Extension) {
    const { onError, bodyLimitBytes } = options;
    this.#log = surface.log;
    const bus = new InMemoryServerEventBus(onError);
    const factory = serversFor(surface, { listens: true, bus, extension });
    this.#listening = new Listening(surface.subscriptions, (uri) => bus.publish({ kind: "resource_updated", uri }));
    this.#modern = createMcpHandler(factory, {
      legacy: "reject",
      bus,
      onerror: onError,
      maxRequestBodySize: bodyLimitBytes,
      maxSubscriptions: STREAMS_LIMIT,
    });
    this.#sessions = new HttpSessions(factory, options);
  }

  /** Answers a request whose body was read: `body` is what it said, undefined for one without. */
  async answer(request: Request, body: unknown): Promise<Response> {
    const response = await this.#answer(request, body);
    // What no server has seen was refused by the SDK in its own words: as an error of HTTP, or in place of the stream that was asked for.
    return response.status >= 400 || isListening(body) ? explainedResponse(response, this.#log) : response;
  }

  async #answer(request: Request, body: unknown): Promise<Response> {
    if (request.method !== "POST" || (await isLegacyRequest(request, body))) return this.#sessions.answer(request, body);
    const refused = refusedTaskListening(body);
    if (refused !== undefined) return Response.json(refused, { status: 400 });
    const listen = listenIn(body);
    const end = listen === undefined ? undefined : await this.#listening.listen(listen.uris);
    if (listen !== undefined && end === undefined) return Response.json(tooMuchListening(listen));
    const response = await this.#modern.fetch(request, { parsedBody: body });
    return end === undefined ? response : endingWith(response, end);
  }

  async close(): Promise<void> {
    await this.#sessions.close();
    await this.#modern.close();
  }
}

/** The same answer; calls back once its body is over, whoever ended it. */
function endingWith({ body, status, headers }: Response, end: End): Response {
  if (body === null) {
    end();
    return new Response(null, { status, headers });
  }
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  const stream = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        end();
        controller.close();
      } catch (error) {
        end();
        throw error;
      }
    },
    cancel: async (reason) => {
      end();
      await reader.cancel(reason);
    },
  });
  return new Response(stream, { status, headers });
}
