// `mcp-tools.lock.json`: the tools of other servers as somebody reviewed them, in the repository beside the contracts that offer them. Read when a contract is
// defined, since all that a model is told must be known before anything runs, with no server at hand; written by `kindling mcp-tools pull`.

import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError, isJsonObject, type JsonObject, type JsonValue } from "../../src/index.ts";
import { type ToolPin, withCodes } from "./pin.ts";

/** What is locked of one server. */
export interface LockedServer {
  /** What the server called itself when it was asked. */
  readonly server: string;
  readonly tools: Readonly<Record<string, ToolPin>>;
}

/** By the servers' names. */
export type Locked = Readonly<Record<string, LockedServer>>;

const LIMIT_BYTES = 4_000_000;

/** The path of a lock file as an author names it. */
export function lockPath(file: URL | string): string {
  return typeof file !== "string" || file.startsWith("file:") ? fileURLToPath(file) : file;
}

/** What is locked; undefined where there is no file. @throws ConfigError `mcp_lock_invalid` */
export function readLock(path: string): Locked | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw invalid(path, error instanceof Error ? error.message : String(error));
  }
  if (Buffer.byteLength(text) > LIMIT_BYTES) throw invalid(path, `it is larger than ${LIMIT_BYTES} bytes`);
  const locked = parsed(text);
  if (locked === undefined) throw invalid(path, "it is not what `kindling mcp-tools pull` writes");
  return locked;
}

/** What is locked of one tool. */
export function pinFrom(locked: Locked | undefined, server: string, tool: string): ToolPin | undefined {
  const tools = locked !== undefined && Object.hasOwn(locked, server) ? locked[server]?.tools : undefined;
  return tools !== undefined && Object.hasOwn(tools, tool) ? tools[tool] : undefined;
}

/** The same for who is about to write the file anew: one that cannot be used counts as none. */
export function lockedIfSound(path: string): Locked | undefined {
  try {
    return readLock(path);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/**
 * The text of the file: servers and tools in the order of their names, so that a review shows what changed and nothing else; and with no character in it that a
 * review would not show.
 */
export function lockText(locked: Locked): string {
  const servers = inOrder(locked).map(
    ([name, { server, tools }]) => [name, { server, tools: Object.fromEntries(inOrder(tools)) }] as const,
  );
  return `${withCodes(JSON.stringify({ version: 1, servers: Object.fromEntries(servers) }, undefined, 2))}\n`;
}

/** The path as people read it. */
export function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith("..") ? path : fromHere.replaceAll("\\", "/");
}

function inOrder<T>(record: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

function parsed(text: string): Locked | undefined {
  let json: JsonValue;
  try {
    json = JSON.parse(text) as JsonValue;
  } catch {
    // Whoever asks says that the file is not what it must be.
    return undefined;
  }
  const { version, servers } = isJsonObject(json) ? json : {};
  if (version !== 1 || !isJsonObject(servers)) return undefined;
  const read = Object.entries(servers).map(([name, server]) => [name, lockedServer(server)] as const);
  const known = read.flatMap(([name, server]) => (server === undefined ? [] : [[name, server] as const]));
  return known.length === read.length ? Object.fromEntries(known) : undefined;
}

function lockedServer(json: JsonValue): LockedServer | undefined {
  const { server, tools } = isJsonObject(json) ? json : {};
  if (typeof server !== "string" || !isJsonObject(tools)) return undefined;
  const pins = Object.entries(tools).flatMap(([name, pin]) => (isJsonObject(pin) && isPin(pin) ? [[name, pin] as const] : []));
  return pins.length === Object.keys(tools).length ? { server, tools: Object.fromEntries(pins) } : undefined;
}

function isPin(json: JsonObject): json is JsonObject & ToolPin {
  const { description, inputSchema, outputSchema, hints } = json;
  const isOptional = (part: JsonValue | undefined) => part === undefined || isJsonObject(part);
  return typeof description === "string" && isJsonObject(inputSchema) && isOptional(outputSchema) && isOptional(hints);
}

function invalid(path: string, message: string): ConfigError {
  return new ConfigError("mcp_lock_invalid", `${shownPath(path)} cannot be used: ${message}`, {
    fix: "Write it anew: kindling mcp-tools pull.",
  });
}
