// Writes lock files: what servers list now of their allowed tools becomes what was reviewed. Whoever calls this shows a person what changed. Asks no server.

import { writeFile } from "node:fs/promises";
import type { McpServerCheck } from "./check-server.ts";
import type { McpServer } from "./declared.ts";
import { type Locked, lockedIfSound, type LockedServer, lockText } from "./lock-file.ts";

/**
 * Writes down the tools of servers that were asked, as they are now. What cannot be offered is not locked; servers that were not asked keep what is locked of them,
 * and those that are named nowhere any more are taken out.
 * @param checks what the servers answered
 * @param servers all that are named in code
 * @returns the paths of the files
 * @example await lockMcpServers(await Promise.all(servers.map((server) => checkMcpServer(server, { anew: true }))), servers);
 */
export async function lockMcpServers(checks: readonly McpServerCheck[], servers: readonly McpServer[]): Promise<readonly string[]> {
  const files = Map.groupBy(checks, ({ server }) => server.lock);
  for (const [file, asked] of files) {
    const named = new Set(servers.filter(({ lock }) => lock === file).map(({ name }) => name));
    const kept = Object.entries<LockedServer>(lockedIfSound(file) ?? {}).filter(([name]) => named.has(name));
    const locked: Locked = Object.fromEntries([...kept, ...asked.map((check) => [check.server.name, lockedServer(check)] as const)]);
    await writeFile(file, lockText(locked));
  }
  return [...files.keys()];
}

function lockedServer({ title, tools }: McpServerCheck): LockedServer {
  const fit = tools.flatMap(({ tool, status, present }) => (present === undefined || status === "unfit" ? [] : [[tool, present] as const]));
  return { server: title, tools: Object.fromEntries(fit) };
}
