// MCP over HTTP as a function from request to response, for both protocol eras at one address. Knows no socket: `serveMcpHttp` puts it on one.

import { BugError, type Kindling } from "../src/index.ts";
import { HttpCaller } from "./http-caller.ts";
import { guard, refusal } from "./http-guard.ts";
import { logToStandardError, plainLine } from "./log.ts";
import { type McpPrincipal, type Principal, Principals } from "./principal.ts";
import { type Extension, type McpOptions, surfaceFor } from "./server.ts";

/** Who may call, and the bounds. */
export interface McpHttpOptions extends McpOptions {
  /** The bearer token of callers that are not told apart and see every run; `false` lets in everybody who reaches the server. */
  readonly token?: string | false;
  /** Callers that are told apart, each with a token of their own. */
  readonly principals?: readonly McpPrincipal[];
  /** Default `/mcp`. */
  readonly path?: string;
  /** Names by which this server may be called, without port. Default: those of this machine for itself. */
  readonly names?: readonly string[];
  /** Sessions of the 2025 era at once, for each principal. Default 64. */
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

/**
 * MCP over HTTP for a server of one's own. Host and Origin are checked before anything else, then path, token and content type.
 *
 * @throws TypeError for a token shorter than 16 characters; ConfigError `token_required`, `bad_principals`, and as `createMcpServer` does
 * @example const { fetch } = mcpHttp(kindling, { token: process.env.KINDLING_TOKEN ?? "" });
 * @example const { fetch } = mcpHttp(kindling, { principals: [{ id: "ada", token: process.env.ADA_TOKEN ?? "", runs: "own" }] });
 */
export function mcpHttp(kindling: Kindling, options: McpHttpOptions): McpHttp {
  return openMcpHttp(kindling, options);
}

/** As `mcpHttp`, with more on its servers. */
export function openMcpHttp(kindling: Kindling, options: McpHttpOptions, extension?: Extension): McpHttp {
  const { path = "/mcp", names = LOOPBACK, bodyLimitBytes = BODY_LIMIT_BYTES, log = logToStandardError } = options;
  const principals = new Principals(options.token, options.principals);
  const bounds = {
    limit: options.sessionLimit ?? SESSION_LIMIT,
    idleMs: options.sessionIdleMs ?? SESSION_IDLE_MS,
    bodyLimitBytes,
    onError: (error: Error) => log(plainLine(error.message)),
  };
  const callers = new Map<Principal | undefined, HttpCaller>(
    principals.all.map((principal) => [principal, new HttpCaller(surfaceFor(kindling, options, principal), bounds, extension)]),
  );
  const answer = async (request: Request): Promise<Response> => {
    const guarded = guard(request, { path, principals, names });
    if (guarded instanceof Response) return guarded;
    const caller = callers.get(guarded.principal);
    if (caller === undefined) throw new BugError("a principal has nobody who answers");
    if (request.method !== "POST") return caller.answer(request, undefined);
    const body = await readBody(request, bodyLimitBytes);
    if (body instanceof Response) return body;
    // The body is read: the question is what it says.
    return caller.answer(new Request(request.url, { method: "POST", headers: request.headers, signal: request.signal }), body.json);
  };
  return {
    fetch: async (request) => {
      try {
        return await answer(request);
      } catch (error) {
        log(error instanceof Error ? (error.stack ?? error.message) : String(error));
        return refusal(500, -32_603, "The server failed. Try once more; its log says what it was.");
      }
    },
    close: async () => {
      await Promise.all([...callers.values()].map((caller) => caller.close()));
    },
  };
}

/** The body as JSON, or the answer to one that is too long or none. */
async function readBody({ headers, body }: Request, limitBytes: number): Promise<{ readonly json: unknown } | Response> {
  const tooLong = () => refusal(413, -32_600, `The body is longer than ${limitBytes} bytes. Send less.`);
  if (Number(headers.get("content-length") ?? 0) > limitBytes) return tooLong();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    // A body is a stream of bytes, which its declared type leaves open.
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      length += chunk.byteLength;
      if (length > limitBytes) return tooLong();
      chunks.push(chunk);
    }
  } catch {
    // The caller has gone, or what stands between has: nothing that the server could do about.
    return refusal(400, -32_700, "The body broke off. Send it again.");
  }
  try {
    const json: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks, length)));
    return { json };
  } catch {
    // Why it is none is the caller's to find out: the parser's words quote what it sent.
    return refusal(400, -32_700, "The body is no JSON. Send one JSON-RPC message.");
  }
}
