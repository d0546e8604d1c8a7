// `mcp`: serves the project's contracts to an MCP client over stdio. Standard output is the protocol's from the first byte.

import { openProject, type GlobalOptions } from "../project.ts";
import type { Shell } from "../shell.ts";

/** Serves until the client has gone. */
export async function mcp(shell: Shell, options: GlobalOptions): Promise<void> {
  const { serveMcp } = await import("kindling/mcp");
  const project = await openProject(shell, options, "shared");
  try {
    shell.releaseOutput();
    await serveMcp(project.kindling, { program: shell.program, signal: shell.signal });
  } finally {
    await project[Symbol.asyncDispose]();
  }
}
