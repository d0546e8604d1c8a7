// The servers whose tools contracts of this process offer. The command line looks here for what it is to pull and check, since a server stands nowhere but in the
// call that offers its tools.

import type { McpPlace } from "./place.ts";
import { badServer, placeText } from "./place.ts";

/** Another MCP server, as it was named in code. */
export interface McpServer {
  readonly name: string;
  readonly place: McpPlace;
  /** The path of the lock file that holds its tools. */
  readonly lock: string;
  /** Calls at once. */
  readonly concurrency: number;
  /** For opening a connection, and for listing the tools. */
  readonly connectTimeoutMs: number;
  /** The tools that some node offers. */
  readonly allowed: ReadonlySet<string>;
}

const servers = new Map<string, McpServer & { readonly allowed: Set<string> }>();
let gatherings = 0;

/** Notes a server, or that more of its tools are offered. One server is one value, by which its connection is found. */
export function declareServer(server: Omit<McpServer, "allowed">, allowed: readonly string[]): McpServer {
  const { name, place, lock, concurrency, connectTimeoutMs } = server;
  const key = JSON.stringify([lock, name, concurrency, connectTimeoutMs, placeText(place)]);
  const known = servers.get(key) ?? { ...server, allowed: new Set() };
  servers.set(key, known);
  for (const tool of allowed) known.allowed.add(tool);
  return known;
}

/** True while tools are wanted that nobody may have pinned yet. */
export function mayBeUnpinned(): boolean {
  return gatherings > 0;
}

/**
 * The servers that are named while `load` runs and before, in the order of their names; meanwhile `mcpTools` takes tools that are not locked yet. For programs that
 * pull or check them: contracts that were loaded like this are not to be run.
 * @throws ConfigError `bad_mcp_server` for two of one name in one lock file; what `load` throws
 *
 * @example const servers = await gatherMcpServers(() => import("./contracts.ts"));
 */
export async function gatherMcpServers(load: () => Promise<unknown>): Promise<readonly McpServer[]> {
  gatherings++;
  try {
    await load();
  } finally {
    gatherings--;
  }
  const named = Map.groupBy(servers.values(), ({ lock, name }) => JSON.stringify([lock, name]));
  return [...named.values()]
    .flatMap(([first, ...others]) => (first === undefined ? [] : [oneOf(first, others)]))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The server that several calls name, with the tools of all of them. */
function oneOf(first: McpServer, others: readonly McpServer[]): McpServer {
  if (others.some(({ place }) => placeText(place) !== placeText(first.place)))
    throw badServer(first.name, "two servers of this name share a lock file", "Give one of them another name.");
  return { ...first, allowed: new Set([first, ...others].flatMap(({ allowed }) => [...allowed])) };
}
