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
  /** `https:`; or `http:` for this machine, or where nothing secret is sent. One that is itself secret is read from a variable: `{ env: "NOTES_URL" }`. */
  readonly url: FromEnvironment;
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
  if (typeof url === "string") checkAddress(server, url, headers);
  return { url, headers };
}

/** Never says what the address is: it may be secret. */
function checkAddress(server: string, url: string, headers: Readonly<Record<string, FromEnvironment>>): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address === undefined || !/^https?:$/.test(address.protocol))
    throw badServer(server, "its url is no address of http: or https:", 'Give such as "https://notes.example/mcp".');
  if (address.username !== "" || address.password !== "")
    throw badServer(server, "its url holds a password", "Send it as a header that is read from the environment.");
  const isSecret = Object.values(headers).some((value) => typeof value !== "string");
  if (address.protocol === "http:" && isSecret && !LOOPBACK.has(address.hostname))
    throw badServer(server, "a secret header would be sent over http:, readable on the way", "Use https:.");
  return address;
}

/** The address and the headers with their secrets filled in, for one connection. @throws ConfigError `mcp_secret_missing`, `bad_mcp_server` */
export function filledAddress(server: string, { url, headers = {} }: McpAddress, world: ClientWorld): FilledAddress {
  const { address = "" } = filledIn(server, { address: url }, world);
  return { url: checkAddress(server, address, headers), headers: filledIn(server, headers, world) };
}

/** Where requests go, and what goes with each. */
export interface FilledAddress {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
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
      if (/[\r\n\0]/.test(text)) throw badServer(server, `${value.env} holds a line end`, "Set it to one line.");
      return [name, `${value.prefix ?? ""}${text}`];
    }),
  );
}

/** Whether two places are the same, as a caller can tell. */
export function placeText(place: McpPlace): string {
  return JSON.stringify(place);
}

/** What of a place must not be told to anybody: the values of its variables. */
export function secretsOf(place: McpPlace, world: ClientWorld): readonly string[] {
  const values = [
    ...Object.values((place.url === undefined ? place.env : place.headers) ?? {}),
    ...(place.url === undefined ? [] : [place.url]),
  ];
  return values
    .flatMap((value) => (typeof value === "string" ? [] : [world.env(value.env) ?? ""]))
    .filter((text) => text.length >= SECRET_LENGTH);
}

/** What is shorter stands in texts by chance. */
const SECRET_LENGTH = 6;

/** The place in words for people: the program or the host, without arguments, paths or headers, which may hold secrets. */
export function describePlace(place: McpPlace): string {
  if (place.url === undefined) return place.command;
  return typeof place.url === "string" ? new URL(place.url).origin : `the address in ${place.url.env}`;
}

export function badServer(server: string, message: string, fix: string, details: JsonObject = {}): ConfigError {
  return new ConfigError("bad_mcp_server", `the MCP server ${JSON.stringify(server)}: ${message}`, { fix, details });
}
