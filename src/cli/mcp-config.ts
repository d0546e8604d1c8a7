// `mcp --print-config`: the entry by which a client finds this project's server. Starts nothing.

import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import type { Answer } from "./answer.ts";
import { loadConfig } from "./config-file.ts";
import { MCP_CLIENTS, type McpClient, mcpEntry, type McpReach } from "./mcp-entry.ts";
import { bracketed, hostOf, isEverywhere, type McpCommandOptions, MCP_PATH, portOf } from "./mcp-options.ts";
import { tokenFileOf } from "./mcp-token.ts";
import { UsageError } from "./problem.ts";
import type { Shell } from "./shell.ts";
import { shellWord } from "./view/text.ts";
import { visible } from "./view/visible.ts";

/** Prints the entry for a client; where it goes, and what else there is to do, is told beside it. @throws UsageError, ConfigError */
export async function printEntry(shell: Shell, options: McpCommandOptions, name: string): Promise<Answer> {
  const client = clientOf(shell, name);
  const { file: config, folder } = await loadConfig(shell.cwd, options.config);
  const entry = mcpEntry(client, options.http === true ? httpReach(shell, options, folder) : stdioReach(config, options));
  if (entry === undefined)
    throw new UsageError("no_http_entry", "the file of Claude Desktop takes commands and no addresses", {
      fix: `Let it start the server: ${shell.program} mcp --print-config ${client}`,
    });
  const notes = [`Put this into ${entry.file}.`, ...entry.notes, ...(options.http === true ? [startNote(shell, options)] : [])];
  if (options.json !== true) await shell.err.write(`${notes.join("\n")}\n`);
  const result = { client, transport: options.http === true ? "http" : "stdio", file: entry.file, config: entry.config, notes };
  return { ok: true, result, lines: [JSON.stringify(entry.config, undefined, 2)] };
}

function clientOf(shell: Shell, name: string): McpClient {
  const known = MCP_CLIENTS.find((each) => each === name);
  if (known !== undefined) return known;
  throw new UsageError("bad_option", `--print-config knows no client "${visible(name)}"`, {
    fix: `Known are ${MCP_CLIENTS.join(", ")}; others take what one of these prints, such as ${shell.program} mcp --print-config ${MCP_CLIENTS[0]}`,
  });
}

/** The launcher by its whole path, under this very Node: a client has neither the folder nor the PATH of a terminal. */
function stdioReach(config: string, { approvalUrl, stores }: McpCommandOptions): McpReach {
  return {
    kind: "stdio",
    command: process.execPath,
    args: [
      launcherPath(),
      "mcp",
      "--config",
      config,
      ...(stores === undefined ? [] : ["--stores", stores.join(",")]),
      ...(approvalUrl === undefined ? [] : ["--approval-url", approvalUrl]),
    ],
  };
}

/** The command line of this very package. */
export function launcherPath(): string {
  return join(dirname(createRequire(import.meta.url).resolve("kindling/package.json")), "bin", "kindling.js");
}

function httpReach({ cwd }: Shell, options: McpCommandOptions, folder: string): McpReach {
  const { auth, tokenFile, allowHost: [name = "127.0.0.1"] = [] } = options;
  const port = portOf(options);
  if (port === 0)
    throw new UsageError("bad_option", "a client's entry needs the port that the server will have, and 0 is any", {
      fix: "Give the number that you start the server with, such as --port 4181.",
    });
  const host = hostOf(options);
  const file = tokenFile === undefined ? tokenFileOf(folder) : resolve(cwd, tokenFile);
  const url = `http://${bracketed(isEverywhere(host) ? name : host)}:${port}${MCP_PATH}`;
  return { kind: "http", url, tokenFile: auth === false ? undefined : file };
}

/** How the server is started that the entry leads to. */
function startNote(
  { cwd, program }: Shell,
  { port, host, auth, tokenFile, approvalUrl, stores, allowHost = [] }: McpCommandOptions,
): string {
  const words = [
    ["--http"],
    port === undefined ? [] : ["--port", port],
    host === undefined ? [] : ["--host", host],
    allowHost.flatMap((each) => ["--allow-host", each]),
    auth === false ? ["--no-auth"] : [],
    tokenFile === undefined ? [] : ["--token-file", resolve(cwd, tokenFile)],
    stores === undefined ? [] : ["--stores", stores.join(",")],
    approvalUrl === undefined ? [] : ["--approval-url", approvalUrl],
  ].flat();
  return `The server runs on its own: ${program} mcp ${words.map(shellWord).join(" ")}`;
}
