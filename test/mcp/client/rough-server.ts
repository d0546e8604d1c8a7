// Another MCP server without the SDK, so that it can answer with what no SDK would send. Speaks the protocol of 2025-11-25 as far as a client needs it.

import { serveFetch, type Listening } from "./serve-fetch.ts";

/** A request as it came. */
export interface RoughRequest {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly _meta?: Readonly<Record<string, unknown>> };
  readonly headers: Headers;
}

/** What it says to a request: a result; a whole answer; or nothing, ever. */
type Said = object | Response | "nothing";

/** Answers by method; what is not named is answered as a server should. */
export type RoughAnswers = Readonly<Record<string, (request: RoughRequest) => Said>>;

const SEARCH = { name: "search", description: "Finds notes.", inputSchema: { type: "object" } };

/** A list of the tools that it may have. */
export function listOf(...tools: readonly object[]): object {
  return { tools: tools.length === 0 ? [SEARCH] : tools };
}

/** The tool that stands in the lock file of these tests. */
export const PIN = { description: "Finds notes.", inputSchema: { type: "object" } };

/** Serves it on this machine; `asked` holds the methods that were asked. */
export async function roughServer(answers: RoughAnswers): Promise<Listening & { readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const listening = await serveFetch(async (incoming) => {
    if (incoming.method !== "POST") return new Response(null, { status: 405 });
    // What the SDK's client sends.
    const request = { ...((await incoming.json()) as RoughRequest), headers: incoming.headers };
    asked.push(request.method);
    const said = answers[request.method]?.(request) ?? usual(request);
    if (said === "nothing") return new Promise<Response>(() => {});
    if (said instanceof Response) return said;
    return Response.json({ jsonrpc: "2.0", id: request.id, ...("error" in said ? said : { result: said }) });
  });
  return { ...listening, asked };
}

function usual({ id, method }: RoughRequest): Said {
  if (id === undefined) return new Response(null, { status: 202 });
  switch (method) {
    case "initialize":
      return { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "rough", version: "1" } };
    case "tools/list":
      return listOf();
    case "tools/call":
      return { content: [{ type: "text", text: "found" }] };
    default:
      return { error: { code: -32_601, message: "unknown" } };
  }
}
