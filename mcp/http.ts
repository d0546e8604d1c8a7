// MCP over HTTP as a function from request to response, for both protocol eras at one address. Knows no socket: `serveMcpHttp` puts it on one.

import { createMcpHandler, isLegacyRequest } from "@modelcontextprotocol/server";
import type { Kindling } from "../src/index.ts";
import { guard, refusal } from "./http-guard.ts";
import { HttpSessions } from "./http-sessions.ts";
import { logToStandardError } from "./log.ts";
import { createMcpServer, type McpOptions } from "./server.ts";

/** Who may call, and the bounds. */
export interface McpHttpOptions extends McpOptions {
  /** The bearer token that callers must send; `false` lets in everybody who reaches the server. */
  readonly token: string | false;
  /** Default `/mcp`. */
  readonly path?: string;
  /** Names by which this server may be called, without port. Default: those of this machine for itself. */
  readonly names?: readonly string[];
  /** Sessions of the 2025 era at once. Default 64. */
  readonly sessionLimit?: number;
  /** After so long without a request such a session ends. Default 15 min. */
  readonly sessionIdleMs?: number;
  /** Default 1 MiB. */
  readonly bodyLimitBytes?: number;
}

/** Answers requests until it is closed. */
export interface McpHttp {
  readonly fetch: (request: Request) => Promise<Response>;
  /** Ends sessions and what is under way; runs stay in the ledger, and the runtime open. */
  close(): Promise<void>;
}

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];
const SESSION_LIMIT = 64;
const SESSION_IDLE_MS = 15 * 60_000;
const BODY_LIMIT_BYTES = 1024 * 1024;
const TOKEN_LENGTH = 16;

/**
 * MCP over HTTP for a server of one's own. Host and Origin are checked before anything else, then path, token and content type.
 *
 * @throws TypeError for a token shorter than 16 characters; ConfigError as `createMcpServer` does
 * @example const { fetch } = mcpHttp(kindling, { token: process.env.KINDLING_TOKEN ?? "" });
 */
export function mcpHttp(kindling: Kindling, options: McpHttpOptions): McpHttp {
  const { token, path = "/mcp", names = LOOPBACK, bodyLimitBytes = BODY_LIMIT_BYTES, log = logToStandardError } = options;
  if (token !== false && token.length < TOKEN_LENGTH)
    throw new TypeError(`the token has ${token.length} characters, and needs ${TOKEN_LENGTH}`);
  const factory = createMcpServer(kindling, options);
  const onError = (error: Error) => log(error.message);
  const modern = createMcpHandler(factory, { legacy: "reject", onerror: onError, maxRequestBodySize: bodyLimitBytes });
  const sessions = new HttpSessions(factory, {
    limit: options.sessionLimit ?? SESSION_LIMIT,
    idleMs: options.sessionIdleMs ?? SESSION_IDLE_MS,
    bodyLimitBytes,
    onError,
  });
  const answer = async (request: Request): Promise<Response> => {
    const refused = guard(request, { path, token: token === false ? undefined : token, names });
    if (refused !== undefined) return refused;
    if (request.method !== "POST") return sessions.answer(request, undefined);
    const body = await readBody(request, bodyLimitBytes);
    if (body instanceof Response) return body;
    // The body is read: the question is what it says.
    const head = new Request(request.url, { method: "POST", headers: request.headers, signal: request.signal });
    return (await isLegacyRequest(head, body.json)) ? sessions.answer(head, body.json) : modern.fetch(head, { parsedBody: body.json });
  };
  return {
    fetch: async (request) => {
      try {
        return await answer(request);
      } catch (error) {
        log(error instanceof Error ? (error.stack ?? error.message) : String(error));
        return refusal(500, -32_603, "The server failed.");
      }
    },
    close: async () => {
      await sessions.close();
      await modern.close();
    },
  };
}

/** The body as JSON, or the answer to one that is too long or none. */
async function readBody({ headers, body }: Request, limitBytes: number): Promise<{ readonly json: unknown } | Response> {
  const tooLong = () => refusal(413, -32_600, `The body is longer than ${limitBytes} bytes.`);
  if (Number(headers.get("content-length") ?? 0) > limitBytes) return tooLong();
  const chunks: Uint8Array[] = [];
  let length = 0;
  // A body is a stream of bytes, which its declared type leaves open.
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > limitBytes) return tooLong();
    chunks.push(chunk);
  }
  try {
    const json: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks, length)));
    return { json };
  } catch {
    // Why it is none is the caller's to find out: the parser's words quote what it sent.
    return refusal(400, -32_700, "The body is no JSON.");
  }
}
