// The part of the command line for those who decide gates: the page, and the people themselves.

import type { Command } from "commander";
import { command, gather, run } from "./command.ts";
import type { ApproversOptions } from "./commands/approvers.ts";
import type { ServeOptions } from "./commands/serve.ts";

/** Adds `serve` and `approvers`. */
export function addApprovals(program: Command): void {
  command(program, "serve", "serve the page on which approvers decide gates, on this machine")
    .option("--port <port>", "which one (default 4180); 0 takes any free one, and the address is the first line")
    .option("--host <address>", "another address to listen on (default 127.0.0.1)")
    .option("--public-url <url>", "https:// and a name: how people call it through a server with TLS in front")
    .action((options: ServeOptions) => run("serve", options, async (shell) => (await import("./commands/serve.ts")).serve(shell, options)));
  command(program, "approvers <act> <name>", "add: make the entry of a person who decides gates with a passphrase")
    .option("--role <role>", "what the person may decide (repeatable)", gather)
    .option("--passphrase-stdin", "take the passphrase from the first line of standard input")
    .action((act: string, name: string, options: ApproversOptions) =>
      run("approvers", options, async (shell) => (await import("./commands/approvers.ts")).approvers(shell, act, name, options)),
    );
}

/** Adds the options that say who decides. */
export function withApprover(deciding: Command): Command {
  return deciding
    .option("--as <approver>", "who decides or signs; needed where the project names several who may")
    .option("--passphrase-stdin", "take the passphrase from the first line of standard input");
}
