// What answers the requests of one principal, in both protocol eras. Sessions and bounds are the principal's own, so a session of somebody else is not there.

import { createMcpHandler, isLegacyRequest, type McpHttpHandler, type McpServerFactory } from "@modelcontextprotocol/server";
import { HttpSessions, type SessionOptions } from "./http-sessions.ts";

/** Answers one principal. */
export class HttpCaller {
  readonly #modern: McpHttpHandler;
  readonly #sessions: HttpSessions;

  constructor(factory: McpServerFactory, options: SessionOptions) {
    const { onError, bodyLimitBytes } = options;
    this.#modern = createMcpHandler(factory, { legacy: "reject", onerror: onError, maxRequestBodySize: bodyLimitBytes });
    this.#sessions = new HttpSessions(factory, options);
  }

  /** Answers a request whose body was read: `body` is what it said, undefined for one without. */
  async answer(request: Request, body: unknown): Promise<Response> {
    if (request.method !== "POST" || (await isLegacyRequest(request, body))) return this.#sessions.answer(request, body);
    return this.#modern.fetch(request, { parsedBody: body });
  }

  async close(): Promise<void> {
    await this.#sessions.close();
    await this.#modern.close();
  }
}
