// Who calls, as far as MCP can tell: a program, under the name it gives itself. The name is a claim; what holds is that it is an agent.

import { CLIENT_INFO_META_KEY, type McpServer, type ServerContext } from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Actor } from "../src/index.ts";

const Envelope = z.object({ [CLIENT_INFO_META_KEY]: z.object({ name: z.string() }) });
const NAME_LIMIT = 64;

/** The actor recorded for a request: always `agent`, whatever the client says of itself, so no gate opens for it. */
export function callerOf(server: McpServer, context: ServerContext): Actor {
  return { id: `mcp:${plainName(clientName(server, context) ?? "unknown")}`, assurance: "agent" };
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
