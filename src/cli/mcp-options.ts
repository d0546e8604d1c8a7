// What `kindling mcp` is told: its options, which of them go together, and what they say about the address. Opens nothing.

import { UsageError } from "./problem.ts";
import type { GlobalOptions } from "./project.ts";
import { visible } from "./view/visible.ts";

/** What `mcp` takes. */
export interface McpCommandOptions extends GlobalOptions {
  readonly http?: true;
  readonly port?: string;
  readonly host?: string;
  readonly allowHost?: readonly string[];
  /** False with `--no-auth`. */
  readonly auth?: boolean;
  readonly tokenFile?: string;
  readonly approvalUrl?: string;
  readonly stores?: readonly string[];
  readonly printConfig?: string;
}

/** The path the server is at. */
export const MCP_PATH = "/mcp";

const PORT = 4181;
const HOST = "127.0.0.1";
const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/;
const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** What does not go together, told before anything is opened. @throws UsageError `bad_option` */
export function checkTogether(options: McpCommandOptions): void {
  const { http, port, host, allowHost, auth, tokenFile, printConfig, json } = options;
  const forHttp = [
    port === undefined ? [] : ["--port"],
    host === undefined ? [] : ["--host"],
    allowHost === undefined ? [] : ["--allow-host"],
    auth === false ? ["--no-auth"] : [],
    tokenFile === undefined ? [] : ["--token-file"],
  ].flat();
  const [first] = forHttp;
  if (http !== true && first !== undefined)
    throw new UsageError("bad_option", `${first} is for HTTP, and without --http the server talks over standard input and output`, {
      fix: `Add --http, or leave ${forHttp.join(" and ")} out.`,
    });
  if (auth === false && tokenFile !== undefined)
    throw new UsageError("bad_option", "--no-auth asks for no token, and --token-file names one", { fix: "Give one of the two." });
  if (json === true && printConfig === undefined)
    throw new UsageError("bad_option", "--json is for --print-config: what mcp prints while it serves has a form of its own", {
      fix: "Leave --json out.",
    });
  if (auth === false && !isLoopback(hostOf(options)))
    throw new UsageError("bad_option", `--no-auth is for this machine alone, and on ${visible(hostOf(options))} others can call`, {
      fix: "Leave --no-auth or --host out.",
    });
}

/** The port; 0 is any that is free. @throws UsageError `bad_option` */
export function portOf({ port: text = String(PORT) }: McpCommandOptions): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UsageError("bad_option", `--port is "${visible(text)}"`, {
    fix: "Give a number from 1 to 65535, or 0 for any port that is free.",
  });
}

/** Where to listen: a name, or an address without brackets. */
export function hostOf({ host = HOST }: McpCommandOptions): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

/** True for an address that only this machine itself reaches. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** True for all addresses of this machine at once, which are no name to call it by. */
export function isEverywhere(host: string): boolean {
  return EVERYWHERE.has(host);
}

/** A host as addresses and headers write it. */
export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
