// A small HTTP server on node:http around a function from a web Request to a Response: bounded in time and number, and closed in order. Streams of events are sent as
// they come. It knows nothing of what is asked and answered.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ConfigError } from "../index.ts";

/** Where to listen, and the bounds. */
export interface HttpServerOptions {
  /** 0 takes any free one. Default 0. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** How long a request may take to arrive. Default 30 s. */
  readonly requestTimeoutMs?: number;
  /** Requests open at once; further ones get the answer to one too many. Default 128. */
  readonly requestLimit?: number;
}

/** What answers. */
export interface Answers {
  readonly answer: (request: Request) => Promise<Response>;
  /** The answer to a request too many. */
  readonly busy: () => Response;
  /** The answer to what Node lets through and is no request. Default: 400, and nothing else. */
  readonly unreadable?: () => Response;
  /** What is done when the server closes, before the signals of open requests abort. */
  readonly farewell?: () => Promise<void>;
  /** Requests that are open when the server closes are waited for this long. Default 5 s. */
  readonly graceMs?: number;
}

/** A server that listens. */
export interface HttpServer {
  /** `http://127.0.0.1:4180` */
  readonly url: string;
  /** Takes no more requests; those that are open are answered first, and their signals abort at once. */
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 30_000;
const REQUEST_LIMIT = 128;
const KEEP_ALIVE_MS = 5_000;
/** How often connections are looked at for those whose time is over. */
const CHECK_EVERY_MS = 1_000;
const GRACE_MS = 5_000;
const SWEEP_EVERY_MS = 20;
/** Those that `Request` refuses. Source: fetch standard, "forbidden method". */
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Serves over HTTP. @throws ConfigError `cannot_listen` */
export async function serveHttp(answers: Answers, options: HttpServerOptions): Promise<HttpServer> {
  const { answer, busy, unreadable = refuseUnreadable, farewell, graceMs = GRACE_MS } = answers;
  const { port = 0, host = "127.0.0.1", requestTimeoutMs = REQUEST_TIMEOUT_MS, requestLimit = REQUEST_LIMIT } = options;
  const closing = new AbortController();
  const open = new Set<ServerResponse>();
  const server = createServer(
    {
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, requestTimeoutMs),
    },
    (incoming, outgoing) => {
      open.add(outgoing);
      outgoing.once("close", () => open.delete(outgoing));
      const exchange = async () => {
        const request = requestOf(incoming, outgoing, closing.signal);
        if (request === undefined) return send(unreadable(), outgoing, true);
        const response = open.size > requestLimit ? busy() : await answer(request);
        await send(response, outgoing, closing.signal.aborted);
      };
      // The caller is gone, perhaps in the middle of its answer.
      exchange().catch(() => outgoing.destroy());
    },
  );
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await listen(server, port, host);
  return {
    url: urlOf(server, host),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await farewell?.();
      closing.abort(new Error("the server closes"));
      // What is open is answered; connections on which nothing is asked, some of which never asked anything, would be waited for.
      const sweep = setInterval(() => {
        const busySockets = new Set([...open].map(({ socket }) => socket));
        for (const socket of sockets) if (!busySockets.has(socket)) socket.destroy();
      }, SWEEP_EVERY_MS);
      const late = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearInterval(sweep);
      clearTimeout(late);
    },
  };
}

function refuseUnreadable(): Response {
  return new Response(null, { status: 400 });
}

/** Undefined for what Node lets through and is no request: a host that is no name or carries one, a method nobody may use. */
function requestOf(incoming: IncomingMessage, outgoing: ServerResponse, closing: AbortSignal): Request | undefined {
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort(new Error("the caller is gone")));
  const { method = "GET", url = "/", headers } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  // Who is called is what the caller says: whoever answers looks at that.
  const place = URL.parse(url.startsWith("/") ? url : "/", `http://${headers.host ?? "nobody.invalid"}`);
  if (place === null || place.username !== "" || place.password !== "" || FORBIDDEN_METHODS.has(method)) return undefined;
  return new Request(place, {
    method,
    headers: Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
    signal: AbortSignal.any([gone.signal, closing]),
    ...(hasBody ? { body: bodyOf(incoming), duplex: "half" as const } : {}),
  });
}
/** The body as it comes in, read only when it is asked for. What is left of it is drained: the answer would be lost if the connection were cut. */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let isBegun = false;
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        if (!isBegun) {
          isBegun = true;
          incoming.on("data", (chunk: Buffer) => {
            incoming.pause();
            controller.enqueue(new Uint8Array(chunk));
          });
          incoming.once("end", () => controller.close());
          incoming.once("error", (error) => controller.error(error));
        }
        incoming.resume();
      },
      cancel: () => {
        incoming.removeAllListeners("data").removeAllListeners("end");
        incoming.resume();
      },
    },
    { highWaterMark: 0 },
  );
}

async function send(response: Response, outgoing: ServerResponse, isLast: boolean): Promise<void> {
  const headers = { ...Object.fromEntries(response.headers), ...(isLast ? { connection: "close" } : {}) };
  if (response.body !== null && response.headers.get("content-type")?.startsWith("text/event-stream") === true) {
    outgoing.writeHead(response.status, headers);
    // A stream that says nothing yet has been answered all the same.
    outgoing.flushHeaders();
    await pipeline(Readable.fromWeb(response.body), outgoing);
    return;
  }
  const body = Buffer.from(await response.arrayBuffer());
  outgoing.writeHead(response.status, { ...headers, "content-length": body.byteLength });
  outgoing.end(body);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        new ConfigError("cannot_listen", `cannot listen on ${host} port ${port}: ${cause.message}`, {
          fix: "Give another port, or 0 for any free one.",
          cause,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
}

function urlOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
