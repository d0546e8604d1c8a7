// The part of the command line that serves agents.

import { type Command, Option } from "commander";
import { call } from "./call.ts";
import { command, gather } from "./command.ts";
import type { McpCommandOptions } from "./mcp-options.ts";

/** Adds the command that serves over MCP. */
export function addMcp(program: Command): void {
  command(program, "mcp", "serve the contracts to agents over MCP: at standard input and output, or with --http")
    .option("--http", "serve over HTTP; the address is the first line of standard output")
    .option("--port <port>", "with --http: 0 takes any that is free (default 4181)")
    .option("--host <host>", "with --http: where to listen (default 127.0.0.1)")
    .option("--allow-host <name>", "with --http: a further name by which clients may call (repeatable)", gather)
    .option("--token-file <file>", "with --http: the bearer token, else KINDLING_MCP_TOKEN, else .kindling/mcp-token, made when missing")
    .addOption(new Option("--no-auth", "with --http, on this machine only: ask for no token"))
    .option("--stores <stores>", "stores and histories that agents may read, with commas between (repeatable)", gather)
    .option("--approval-url <url>", "where people decide gates: the page of kindling serve, as they call it; agents are told it")
    .option("--print-config <client>", "print the entry for claude-code, claude-desktop, cursor or vscode and serve nothing")
    .action((options: McpCommandOptions) =>
      // While it serves, standard output has a form of its own, so errors are told as text.
      call({ command: "mcp", isJson: options.json === true && options.printConfig !== undefined, config: options.config }, async (shell) =>
        (await import("./commands/mcp.ts")).mcp(shell, options),
      ),
    );
}
