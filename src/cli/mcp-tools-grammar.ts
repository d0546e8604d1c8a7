// The part of the command line that looks after the tools of other MCP servers.

import type { Command } from "commander";
import { command, run } from "./command.ts";
import type { GlobalOptions } from "./project.ts";

/** Adds `mcp-tools` and what it can do. */
export function addMcpTools(program: Command): void {
  const tools = command(program, "mcp-tools", "tools of other MCP servers that llm nodes offer: check them, lock them as reviewed");
  command(tools, "check [server...]", "hold the tools that servers list now against what was reviewed; starts or calls the servers").action(
    (servers: readonly string[], options: GlobalOptions) =>
      run("mcp-tools check", options, async (shell) => (await import("./commands/mcp-tools.ts")).checkTools(shell, servers, options)),
  );
  command(tools, "pull [server...]", "show what servers list now, and lock it as reviewed").action(
    (servers: readonly string[], options: GlobalOptions) =>
      run("mcp-tools pull", options, async (shell) => (await import("./commands/mcp-tools.ts")).pullTools(shell, servers, options)),
  );
}
