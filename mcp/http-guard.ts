// What a request over HTTP must be before anybody looks at what it says: meant for this server, from this machine's own pages, with the right token, and JSON.

import { hash, timingSafeEqual } from "node:crypto";
import { hostHeaderValidationResponse, isJsonContentType, originValidationResponse } from "@modelcontextprotocol/server";

/** What requests are measured by. */
export interface GuardOptions {
  /** The path that is served. */
  readonly path: string;
  /** The bearer token; undefined lets everybody in who reaches the server. */
  readonly token: string | undefined;
  /** Names of this server that `Host` and `Origin` may have, without port. */
  readonly names: readonly string[];
}

/** The answer to a request that goes no further; undefined for one that may. */
export function guard(request: Request, { path, token, names }: GuardOptions): Response | undefined {
  // Against DNS rebinding: a page on the web that is made to point here carries its own name.
  const foreign = hostHeaderValidationResponse(request, [...names]) ?? originValidationResponse(request, [...names]);
  if (foreign !== undefined) return foreign;
  if (new URL(request.url).pathname !== path) return refusal(404, -32_000, `There is nothing here; the server is at ${path}.`);
  if (token !== undefined && !isBearerOf(request.headers.get("authorization"), token))
    return refusal(401, -32_000, "The bearer token is missing or wrong.", { "www-authenticate": 'Bearer realm="kindling"' });
  if (!METHODS.has(request.method))
    return refusal(405, -32_000, "Use POST; GET and DELETE for sessions of the 2025 era.", { allow: [...METHODS].join(", ") });
  // What is no JSON could be posted by any page without asking.
  if (request.method === "POST" && !isJsonContentType(request.headers.get("content-type") ?? ""))
    return refusal(415, -32_000, "Send content-type: application/json.");
  return undefined;
}

const METHODS: ReadonlySet<string> = new Set(["POST", "GET", "DELETE"]);

/** An answer as clients of the protocol read it. */
export function refusal(status: number, code: number, message: string, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json({ jsonrpc: "2.0", error: { code, message }, id: null }, { status, headers });
}

/** Compared by hashes of one length, in a time that tells nothing. */
function isBearerOf(header: string | null, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(header ?? "")?.[1] ?? "";
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
