// MCP over HTTP on a socket of this machine: the server of all surfaces around `mcpHttp`.

import { ConfigError, type Kindling } from "../src/index.ts";
import { type HttpServer, serveHttp } from "../src/web/http-server.ts";
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
/** So long a server that closes lets its last words be heard. */
const FAREWELL_MS = 1_000;
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
  // What was said at the end arrives: a client that listens is told that it is over.
  const answers = { answer: http.fetch, busy, unreadable, farewell: () => http.close(), graceMs: FAREWELL_MS };
  const server: HttpServer = await serveHttp(answers, { port, host, requestLimit });
  return { url: `${server.url}${path}`, close: () => server.close() };
}

function busy(): Response {
  return refusal(503, -32_000, "Too many requests are open. Try again in a moment.", { "retry-after": "1" });
}

function unreadable(): Response {
  return refusal(400, -32_600, "This is no request that can be read. Send a Host that is a name, and POST.");
}
