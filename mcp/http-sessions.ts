// Sessions of the 2025 era: a client of that era is asked for input over a stream of its own session, so each has a server that lives as long. Bounded in number, and
// those nobody uses end. The modern era needs none.

import { randomUUID } from "node:crypto";
import { isInitializeRequest, type McpServerFactory, WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";
import * as z from "zod";
import { refusal } from "./http-guard.ts";
import { toldOfLeaving } from "./left-response.ts";
import { SessionEvents } from "./session-events.ts";
import { SessionIds } from "./session-ids.ts";

/** Bounds of sessions. */
export interface SessionOptions {
  readonly limit: number;
  readonly idleMs: number;
  readonly bodyLimitBytes: number;
  readonly onError: (error: Error) => void;
}

/** What means to begin one, whether it can or not. */
const Beginning = z.object({ method: z.literal("initialize") });

interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly ids: SessionIds;
  idle: NodeJS.Timeout;
}

/** After so long a client whose stream ended comes back. */
const RETRY_MS = 500;

/** The sessions of one principal. */
export class HttpSessions {
  readonly #factory: McpServerFactory;
  readonly #options: SessionOptions;
  readonly #sessions = new Map<string, Session>();
  #opening = 0;

  constructor(factory: McpServerFactory, options: SessionOptions) {
    this.#factory = factory;
    this.#options = options;
  }

  /** How many there are. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Answers a request of the 2025 era. `body` is its parsed body, where it has one. */
  async answer(request: Request, body: unknown): Promise<Response> {
    const id = request.headers.get("mcp-session-id");
    if (id !== null) {
      const session = this.#sessions.get(id);
      if (session === undefined) return refusal(404, -32_001, "There is no such session; it may have ended. Initialize anew.");
      session.idle.refresh();
      if (!session.ids.take(body))
        return refusal(400, -32_600, "A request with this id is under way in this session. Send each request under an id of its own.");
      return toldOfLeaving(request, async () => {
        const response = await session.transport.handleRequest(request, body === undefined ? {} : { parsedBody: body });
        // Refused before any server saw it.
        if (response.status >= 400) session.ids.giveBack(body);
        return response;
      });
    }
    const [first] = Array.isArray(body) ? (body as unknown[]) : [body];
    if (!isInitializeRequest(first))
      return Beginning.safeParse(first).success
        ? refusal(400, -32_602, "This begins no session. Send initialize with protocolVersion, capabilities and clientInfo.")
        : refusal(400, -32_000, "There is no session yet. Initialize first, then send the mcp-session-id.");
    if (this.#sessions.size + this.#opening >= this.#options.limit)
      return refusal(503, -32_000, "Too many sessions are open. End one with DELETE, or try again later.", { "retry-after": "30" });
    this.#opening += 1;
    try {
      return await this.#open(request, body);
    } finally {
      this.#opening -= 1;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(({ transport }) => transport.close()));
  }

  async #open(request: Request, body: unknown): Promise<Response> {
    const { idleMs, bodyLimitBytes, onError } = this.#options;
    const ids = new SessionIds();
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      maxRequestBodySize: bodyLimitBytes,
      eventStore: new SessionEvents(),
      retryInterval: RETRY_MS,
      onsessioninitialized: (id) => {
        const idle = setTimeout(() => void transport.close(), idleMs);
        idle.unref();
        this.#sessions.set(id, { transport, ids, idle });
      },
    });
    transport.onclose = () => this.#forget(transport);
    transport.onerror = onError;
    const server = await this.#factory({ era: "legacy", requestInfo: request });
    const send = transport.send.bind(transport);
    transport.send = (message, sending) => {
      ids.release(message);
      return send(message, sending);
    };
    await server.connect(transport);
    return transport.handleRequest(request, { parsedBody: body });
  }

  #forget({ sessionId: id }: WebStandardStreamableHTTPServerTransport): void {
    if (id === undefined) return;
    clearTimeout(this.#sessions.get(id)?.idle);
    this.#sessions.delete(id);
  }
}
