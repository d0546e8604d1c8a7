// What a request over HTTP must be before anybody looks at what it says: meant for this server, from this machine's own pages, from somebody known, and JSON.

import { hostHeaderValidationResponse, isJsonContentType, originValidationResponse } from "@modelcontextprotocol/server";
import type { Principal, Principals } from "./principal.ts";

/** What requests are measured by. */
export interface GuardOptions {
  /** The path that is served. */
  readonly path: string;
  readonly principals: Principals;
  /** Names of this server that `Host` and `Origin` may have, without port. */
  readonly names: readonly string[];
}

/** The answer to a request that goes no further, or who sends one that may. */
export function guard(
  request: Request,
  { path, principals, names }: GuardOptions,
): Response | { readonly principal: Principal | undefined } {
  // Against DNS rebinding: a page on the web that is made to point here carries its own name.
  if ((hostHeaderValidationResponse(request, [...names]) ?? originValidationResponse(request, [...names])) !== undefined)
    return refusal(403, -32_000, `This server is not called so. Call it as ${names.join(" or ")}; its operator may give it more names.`);
  if (new URL(request.url).pathname !== path) return refusal(404, -32_000, `There is nothing here; the server is at ${path}.`);
  const caller = principals.caller(request.headers.get("authorization"));
  if (caller === undefined)
    return refusal(
      401,
      -32_000,
      "The bearer token is missing or wrong. Send the one the server's operator gave you: Authorization: Bearer …",
      {
        "www-authenticate": 'Bearer realm="kindling"',
      },
    );
  if (!METHODS.has(request.method))
    return refusal(405, -32_000, "Use POST; GET and DELETE for sessions of the 2025 era.", { allow: [...METHODS].join(", ") });
  // What is no JSON could be posted by any page without asking.
  if (request.method === "POST" && !isJsonContentType(request.headers.get("content-type") ?? ""))
    return refusal(415, -32_000, "Send content-type: application/json.");
  return caller;
}

const METHODS: ReadonlySet<string> = new Set(["POST", "GET", "DELETE"]);

/** An answer as clients of the protocol read it. */
export function refusal(status: number, code: number, message: string, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json({ jsonrpc: "2.0", error: { code, message }, id: null }, { status, headers });
}
