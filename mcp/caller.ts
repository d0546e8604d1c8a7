// Who calls, as far as MCP can tell: a program, for the principal whose token it sends, under the name it gives itself. The name is a claim; what holds is
// the principal, and that it is an agent.

import { CLIENT_INFO_META_KEY, type McpServer, type ServerContext } from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Actor } from "../src/index.ts";
import type { Principal } from "./principal.ts";

const Envelope = z.object({ [CLIENT_INFO_META_KEY]: z.object({ name: z.string() }) });
const NAME_LIMIT = 64;

/**
 * The actor recorded for a request: always `agent`, whatever the client says of itself, so no gate opens for it. `mcp:claude-code`, or with a principal
 * `mcp:ada/claude-code`.
 */
export function callerOf(server: McpServer, context: ServerContext, principal: Principal | undefined): Actor {
  const name = plainName(clientName(server, context) ?? "unknown");
  return { id: principal === undefined ? `mcp:${name}` : `mcp:${principal.id}/${name}`, assurance: "agent" };
}

function clientName(server: McpServer, context: ServerContext): string | undefined {
  const envelope = Envelope.safeParse(context.mcpReq.envelope);
  if (envelope.success) return envelope.data[CLIENT_INFO_META_KEY].name;
  // oxlint-disable-next-line typescript/no-deprecated -- a client of the 2025 era says its name once, at the handshake, and only this tells it
  return server.server.getClientVersion()?.name;
}

function plainName(name: string): string {
  const plain = name.replace(/[^\w.@+-]+/g, "-").slice(0, NAME_LIMIT);
  return plain === "" ? "unknown" : plain;
}
