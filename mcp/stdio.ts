// Serving one client over standard input and output. Knows streams and signals; what is said over them is the server's business.

import type { Readable, Writable } from "node:stream";
import type { McpServer, McpServerFactory, Transport } from "@modelcontextprotocol/server";
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import type { Kindling } from "../src/index.ts";
import { claimStdout } from "./claim-stdout.ts";
import { logToStandardError, plainLine, type Log } from "./log.ts";
import { Listening } from "./listening.ts";
import { explaining } from "./protocol-error.ts";
import { type McpOptions, serversFor, surfaceFor } from "./server.ts";
import { listenOn } from "./stdio-listening.ts";
import { messageInput } from "./stdio-lines.ts";

/** How `serveMcp` serves. */
export interface ServeOptions extends McpOptions {
  /** Ends the serving; without it SIGINT and SIGTERM do. */
  readonly signal?: AbortSignal;
  /** Default: standard input. */
  readonly input?: Readable;
  /** Default: standard output, which then carries the protocol alone: what else is written to it goes to standard error. */
  readonly output?: Writable;
}

/**
 * Serves a runtime's contracts to the MCP client at standard input and output, in the protocol era the client speaks.
 * Resolves when the client has gone (end of input) or the serving was ended; requests under way are then dropped, runs stay in the ledger.
 * The runtime is not closed: that is for whoever made it.
 *
 * @example
 * ```ts
 * await using kindling = await createRuntime({ contracts: [pressRelease], ledger: fileLedger(".kindling/ledger"), access: "shared" });
 * await serveMcp(kindling);
 * ```
 */
export async function serveMcp(kindling: Kindling, options: ServeOptions = {}): Promise<void> {
  const stop = options.signal === undefined ? untilSignalled() : { signal: options.signal, release: () => {} };
  const claimed = options.output === undefined ? claimStdout() : { output: options.output, release: () => {} };
  const input = messageInput(options.input ?? process.stdin, claimed.output);
  const log = options.log ?? logToStandardError;
  try {
    const transport = explaining(new StdioServerTransport(input.lines, claimed.output), log);
    await served(kindling, transport, { ...options, log }, stop.signal);
  } finally {
    input.release();
    claimed.release();
    stop.release();
  }
}

async function served(kindling: Kindling, transport: Transport, options: ServeOptions & { log: Log }, stop: AbortSignal): Promise<void> {
  const { log } = options;
  const surface = surfaceFor(kindling, options);
  const servers = serversFor(surface, { listens: true });
  let server: McpServer | undefined;
  // The one that was made last is the one the client talks with: one before it only told the client what there is.
  const factory: McpServerFactory = (context) => (server = servers(context));
  const listening = new Listening(surface.subscriptions, (uri) => {
    server?.server.sendResourceUpdated({ uri }).catch((error: unknown) => log(String(error)));
  });
  await new Promise<void>((resolve) => {
    const handle = serveStdio(factory, { transport, onerror: (error) => log(plainLine(error.message)) });
    const endListening = listenOn(transport, listening, log);
    // The SDK has put its own listener here and tells nobody else that the client has gone.
    const closed = transport.onclose;
    transport.onclose = () => {
      closed?.();
      endListening();
      resolve();
    };
    const end = () => void handle.close();
    stop.addEventListener("abort", end, { once: true });
    if (stop.aborted) end();
  });
}

function untilSignalled(): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  // A second signal finds no listener and ends the process the hard way.
  process.once("SIGINT", abort);
  process.once("SIGTERM", abort);
  const release = () => {
    process.off("SIGINT", abort);
    process.off("SIGTERM", abort);
  };
  return { signal: controller.signal, release };
}
