// Where another MCP server is: a program to start or an address. Secrets are named here and read from the environment when a connection is opened, so that none
// stands in code, in the ledger or in an error.

import { ConfigError, type JsonObject } from "../../src/index.ts";
import type { ClientWorld } from "./world.ts";

/** A text, or a variable of the environment that holds it; `prefix` stands before it. */
export type FromEnvironment = string | { readonly env: string; readonly prefix?: string };

/** A program that speaks MCP over its standard streams. */
export interface McpCommand {
  readonly command: string;
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** Variables that its process has besides `PATH`, `HOME` and the like; it inherits no others. */
  readonly env?: Readonly<Record<string, FromEnvironment>>;
  readonly url?: undefined;
}

/** A server over Streamable HTTP. */
export interface McpAddress {
  /** `https:`; or `http:` for this machine, or where nothing secret is sent. */
  readonly url: string;
  /** Sent with every request: `{ authorization: { env: "NOTES_TOKEN", prefix: "Bearer " } }`. The token of a run's caller is never sent. */
  readonly headers?: Readonly<Record<string, FromEnvironment>>;
  readonly command?: undefined;
}

/** Where a server is. */
export type McpPlace = McpCommand | McpAddress;

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** The place as it was checked, and nothing else. @throws ConfigError `bad_mcp_server` */
export function readPlace(server: string, place: McpPlace): McpPlace {
  if ((place.command === undefined) === (place.url === undefined))
    throw badServer(server, "it has neither a command nor a url, or both", 'Give command: "node", args: […], or url: "https://…".');
  if (place.url !== undefined) return readAddress(server, place);
  const { command, args, cwd, env } = place;
  if (typeof command !== "string" || command.trim() === "") throw badServer(server, "its command is empty", "Name the program.");
  return { command, ...(args === undefined ? {} : { args }), ...(cwd === undefined ? {} : { cwd }), ...(env === undefined ? {} : { env }) };
}

function readAddress(server: string, { url, headers = {} }: McpAddress): McpAddress {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address === undefined || !/^https?:$/.test(address.protocol))
    throw badServer(server, "its url is no address of http: or https:", 'Give such as "https://notes.example/mcp".');
  if (address.username !== "" || address.password !== "")
    throw badServer(server, "its url holds a password", "Send it as a header that is read from the environment.");
  const isSecret = Object.values(headers).some((value) => typeof value !== "string");
  if (address.protocol === "http:" && isSecret && !LOOPBACK.has(address.hostname))
    throw badServer(server, "a secret header would be sent over http:, readable on the way", "Use https:.");
  return { url, headers };
}

/** Values with their secrets filled in, for one connection. @throws ConfigError `mcp_secret_missing` */
export function filledIn(
  server: string,
  values: Readonly<Record<string, FromEnvironment>>,
  world: ClientWorld,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (typeof value === "string") return [name, value];
      const text = world.env(value.env);
      if (text === undefined || text === "")
        throw new ConfigError("mcp_secret_missing", `the MCP server "${server}" wants ${value.env}, which is not in the environment`, {
          fix: `Set ${value.env}.`,
        });
      return [name, `${value.prefix ?? ""}${text}`];
    }),
  );
}

/** Whether two places are the same, as a caller can tell. */
export function placeText(place: McpPlace): string {
  return JSON.stringify(place);
}

/** The place in words for people: the program or the address, without arguments, queries or headers, which may hold secrets. */
export function describePlace(place: McpPlace): string {
  if (place.url === undefined) return place.command;
  const { origin, pathname } = new URL(place.url);
  return `${origin}${pathname}`;
}

export function badServer(server: string, message: string, fix: string, details: JsonObject = {}): ConfigError {
  return new ConfigError("bad_mcp_server", `the MCP server ${JSON.stringify(server)}: ${message}`, { fix, details });
}
