// The way to another MCP server: its process, or requests to its address; with the secrets that only the server is given, and an end to what it may answer. Knows no
// tool.

import type { Transport } from "@modelcontextprotocol/client";
import { boundedFetch } from "./bounded-fetch.ts";
import type { McpServer } from "./declared.ts";
import { loadPackage } from "./load-package.ts";
import { filledAddress, filledIn } from "./place.ts";
import type { ClientWorld } from "./world.ts";

/** The member of `_meta` in which a call's key stands. */
export const KEY_META = "kindling/idempotencyKey";

/** The largest answer that is read, in bytes. */
export const ANSWER_LIMIT_BYTES = 8 * 1024 * 1024;

/** A way that is not open yet; `tooLarge` is told the key of a call whose answer is not read. @throws ConfigError `mcp_secret_missing`, `bad_mcp_server`, `package_missing` */
export async function transportTo(server: McpServer, world: ClientWorld, tooLarge: (key: string) => void): Promise<Transport> {
  const { name, place } = server;
  if (place.url !== undefined) {
    const { StreamableHTTPClientTransport } = await loadPackage(() => import("@modelcontextprotocol/client"));
    const { url, headers } = filledAddress(name, place, world);
    const exceeded = (sent: string) => {
      const key = keyIn(sent);
      if (key !== undefined) tooLarge(key);
    };
    return new StreamableHTTPClientTransport(url, {
      requestInit: { headers: { ...headers } },
      fetch: boundedFetch(ANSWER_LIMIT_BYTES, exceeded),
    });
  }
  const { StdioClientTransport } = await loadPackage(() => import("@modelcontextprotocol/client/stdio"));
  const { command, args = [], cwd, env = {} } = place;
  return new StdioClientTransport({
    command,
    args: [...args],
    env: { ...filledIn(name, env, world) },
    stderr: world.stderr,
    maxBufferSize: ANSWER_LIMIT_BYTES,
    ...(cwd === undefined ? {} : { cwd }),
  });
}

/** The key of the call that a request makes; undefined for any other request. */
function keyIn(body: string): string | undefined {
  const request: unknown = body === "" ? undefined : JSON.parse(body);
  const params = isObject(request) ? request["params"] : undefined;
  const meta = isObject(params) ? params["_meta"] : undefined;
  const key = isObject(meta) ? meta[KEY_META] : undefined;
  return typeof key === "string" ? key : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
