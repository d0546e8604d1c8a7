// MCP over HTTP on a socket of this machine: node:http around `mcpHttp`. Answers are streamed as they come.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError, type Kindling } from "../src/index.ts";
import { refusal } from "./http-guard.ts";
import { mcpHttp, type McpHttp, type McpHttpOptions } from "./http.ts";

/** Where to listen, who may call, and the bounds. */
export interface ServeMcpHttpOptions extends McpHttpOptions {
  /** 0 takes any free one. Default 0. */
  readonly port?: number;
  /** Default `127.0.0.1`. Beyond this machine put a server with TLS in front, and name it in `names`: the token travels as it is. */
  readonly host?: string;
  /** Requests open at once; further ones are answered 503. Default 1,024. */
  readonly requestLimit?: number;
}

/** A server that listens. */
export interface McpHttpServer {
  /** `http://127.0.0.1:4181/mcp`. */
  readonly url: string;
  /** Takes no more requests and ends those that are open; the runtime stays open. */
  close(): Promise<void>;
}

const REQUEST_LIMIT = 1_024;
const ARRIVAL_MS = 30_000;
/** So long a server that closes lets its last words be heard. */
const FAREWELL_MS = 1_000;
/** Those that `Request` refuses. Source: fetch standard, "forbidden method". */
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);
const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/;

/**
 * Serves a runtime's contracts to MCP clients over HTTP, in the protocol era each of them speaks.
 *
 * @throws ConfigError `cannot_listen`, `token_required` (without a token only this machine itself may be served); TypeError for a short token
 * @example const server = await serveMcpHttp(kindling, { port: 4181, token: process.env.KINDLING_MCP_TOKEN ?? "" });
 */
export async function serveMcpHttp(kindling: Kindling, options: ServeMcpHttpOptions): Promise<McpHttpServer> {
  const { port = 0, host = "127.0.0.1", path = "/mcp", requestLimit = REQUEST_LIMIT } = options;
  if (options.token === false && !LOOPBACK.test(host))
    throw new ConfigError("token_required", `on ${host} others than this machine can call, so there must be a token`, {
      fix: "Give a token, or listen on 127.0.0.1.",
    });
  return listenHttp(mcpHttp(kindling, options), { port, host, path, requestLimit });
}

/** Puts what answers requests on a socket. */
export async function listenHttp(
  http: McpHttp,
  {
    port,
    host,
    path,
    requestLimit = REQUEST_LIMIT,
  }: Pick<ServeMcpHttpOptions, "requestLimit"> & Required<Pick<ServeMcpHttpOptions, "port" | "host" | "path">>,
): Promise<McpHttpServer> {
  let open = 0;
  let whenQuiet = () => {};
  const server = createServer({ requestTimeout: ARRIVAL_MS, headersTimeout: ARRIVAL_MS }, (incoming, outgoing) => {
    open += 1;
    outgoing.once("close", () => {
      open -= 1;
      if (open === 0) whenQuiet();
    });
    const answer = async () => send(open > requestLimit ? busy() : await answered(http, incoming, outgoing), outgoing);
    // The caller is gone in the middle of its answer.
    answer().catch(() => outgoing.destroy());
  });
  await listen(server, port, host);
  return {
    url: `${urlOf(server, host)}${path}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const quiet = new Promise<void>((resolve) => (whenQuiet = resolve));
      await http.close();
      // What was said at the end arrives: a client that listens is told that it is over.
      if (open > 0) await Promise.race([quiet, sleep(FAREWELL_MS, undefined, { ref: false })]);
      server.closeAllConnections();
      await closed;
    },
  };
}

function busy(): Response {
  return refusal(503, -32_000, "Too many requests are open. Try again in a moment.", { "retry-after": "1" });
}

async function answered(http: McpHttp, incoming: IncomingMessage, outgoing: ServerResponse): Promise<Response> {
  const request = requestOf(incoming, outgoing);
  return request === undefined
    ? refusal(400, -32_600, "This is no request that can be read. Send a Host that is a name, and POST.")
    : http.fetch(request);
}

/** Undefined for what Node lets through and is no request: a host that is no name or carries one, a method nobody may use. */
function requestOf(incoming: IncomingMessage, outgoing: ServerResponse): Request | undefined {
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort(new Error("the caller is gone")));
  const { method = "GET", url = "/", headers } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  // Who is called is what the caller says: the guard looks at that.
  const place = URL.parse(url.startsWith("/") ? url : "/", `http://${headers.host ?? "nobody.invalid"}`);
  if (place === null || place.username !== "" || place.password !== "" || FORBIDDEN_METHODS.has(method)) return undefined;
  return new Request(place, {
    method,
    headers: Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
    signal: gone.signal,
    ...(hasBody ? { body: Readable.toWeb(incoming), duplex: "half" as const } : {}),
  });
}

async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) {
    outgoing.end();
    return;
  }
  // A stream that says nothing yet has been answered all the same.
  outgoing.flushHeaders();
  await pipeline(Readable.fromWeb(response.body), outgoing);
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
