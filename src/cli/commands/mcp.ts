// `mcp`: serves the project's contracts to MCP clients, over stdio or HTTP, or prints the entry by which a client finds the server. Over stdio, standard
// output is the protocol's from the first byte; over HTTP it has the address and nothing else.

import { resolve } from "node:path";
import type { McpOptions } from "kindling/mcp";
import type { Answer } from "../answer.ts";
import { loadConfig } from "../config-file.ts";
import { launcherPath, printEntry } from "../mcp-config.ts";
import { bracketed, checkTogether, hostOf, isEverywhere, isLoopback, type McpCommandOptions, MCP_PATH, portOf } from "../mcp-options.ts";
import { mcpStateKey } from "../mcp-state-key.ts";
import { type McpToken, mcpToken, tokenFileOf } from "../mcp-token.ts";
import { openProject, type Project } from "../project.ts";
import { namesIn } from "../stores.ts";
import type { Shell } from "../shell.ts";
import { counted, shellWord } from "../view/text.ts";

/** The answer of a command that has said all it had to say. */
const SILENT: Answer = { ok: true, result: null, lines: [] };
const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/** Serves until the client has gone or a signal comes, or prints an entry. @throws UsageError, ConfigError */
export async function mcp(shell: Shell, options: McpCommandOptions): Promise<Answer> {
  checkTogether(options);
  if (options.printConfig !== undefined) return printEntry(shell, options, options.printConfig);
  await (options.http === true ? serveHttp(shell, options) : serveStdio(shell, options));
  return SILENT;
}

async function serveStdio(shell: Shell, options: McpCommandOptions): Promise<void> {
  const { serveMcp } = await import("kindling/mcp");
  await using project = await openProject(shell, options, "shared");
  const presented = { ...(await presentation(shell, options, project)), program: programFor(shell, options) };
  shell.releaseOutput();
  await serveMcp(project.kindling, { ...presented, signal: shell.signal });
}

async function serveHttp(shell: Shell, options: McpCommandOptions): Promise<void> {
  const [port, host] = [portOf(options), hostOf(options)];
  const { folder } = await loadConfig(shell.cwd, options.config);
  const token = options.auth === false ? undefined : await mcpToken(tokenSource(shell, options, folder));
  const { serveMcpHttp } = await import("kindling/mcp");
  await using project = await openProject(shell, options, "shared");
  const names = [...LOOPBACK_NAMES, ...(isEverywhere(host) ? [] : [bracketed(host)]), ...(options.allowHost ?? [])];
  const server = await serveMcpHttp(project.kindling, {
    port,
    host,
    path: MCP_PATH,
    names,
    token: token?.token ?? false,
    ...(await presentation(shell, options, project)),
  });
  try {
    await shell.out.write(`${server.url}\n`);
    const lines = [`serving ${counted(project.kindling.contracts.length, "workflow")} until Ctrl-C`, ...tokenLines(shell, token)];
    await shell.err.write(`${[...lines, ...warnings(shell, host, options)].join("\n")}\n`);
    await aborted(shell.signal);
  } finally {
    await server.close();
  }
}

/** How people call the command line. A client starts the server where it likes, and people read its commands in folders that do not know this package: the whole paths of the entry hold there as well. */
function programFor({ program, env, cwd }: Shell, { config }: McpCommandOptions): string {
  if (config === undefined || env["KINDLING_COMMAND"] !== undefined) return program;
  return [process.execPath, launcherPath(), "--config", resolve(cwd, config)].map(shellWord).join(" ");
}

/** What clients are told of this project, over either transport. */
async function presentation({ program, env }: Shell, { approvalUrl, stores }: McpCommandOptions, { loaded }: Project): Promise<McpOptions> {
  const stateKey = await mcpStateKey(env, loaded.folder);
  const told = {
    ...(approvalUrl === undefined ? {} : { approvalUrl }),
    ...(stores === undefined ? {} : { stores: namesIn(stores) ?? [] }),
  };
  return { program, stateKey, ...told };
}

/** Where the token stands; never what it is. */
function tokenLines({ err: { paint } }: Shell, token: McpToken | undefined): string[] {
  return token === undefined
    ? [`${paint("warn", "warning:")} --no-auth: every program and every user of this machine can start and cancel runs`]
    : [`clients send the bearer token in ${placeOf(token)}`];
}

function warnings({ err: { paint } }: Shell, host: string, { allowHost }: McpCommandOptions): string[] {
  const texts = [
    isLoopback(host) ? [] : [`on ${host} the token and all data travel unencrypted: put a server with TLS in front, or use a tunnel`],
    isEverywhere(host) && allowHost === undefined
      ? ["only calls to localhost are answered: name this machine with --allow-host <name>"]
      : [],
  ];
  return texts.flat().map((text) => `${paint("warn", "warning:")} ${text}`);
}

function placeOf({ place }: McpToken): string {
  if ("variable" in place) return `the variable ${place.variable}`;
  return `${place.file}${place.isNew ? " (made just now)" : ""}`;
}

function tokenSource({ cwd, env }: Shell, { tokenFile }: McpCommandOptions, folder: string): Parameters<typeof mcpToken>[0] {
  return { env, file: tokenFile === undefined ? undefined : resolve(cwd, tokenFile), ownFile: tokenFileOf(folder) };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done(), { once: true });
  });
}
