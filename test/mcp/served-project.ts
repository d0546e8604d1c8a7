// A project and the server of its command line, `kindling mcp`, as a real process: reached over stdio or HTTP by the SDK's client in either era, killed and started
// again at will.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, type ClientCapabilities, StreamableHTTPClientTransport, type Transport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { onTestFinished } from "vitest";
import { answerOf, type Answer, type Era, ERAS } from "./mcp-process.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const LAUNCHER = join(ROOT, "bin", "kindling.js");
const FLAGS = ["--conditions=kindling-source", LAUNCHER];

/** How a server is reached. */
export type Wire = "stdio" | "http";

/** Every way there is. */
export const EACH = (["stdio", "http"] as const).flatMap((wire) => ERAS.map((era) => ({ wire, era })));

/** What a test may do with the server and the project. */
export interface ServedProject {
  readonly folder: string;
  /** Calls a tool; a server that is not there is started first. */
  readonly call: (name: string, args?: Record<string, unknown>) => Promise<Answer>;
  /** The client that is connected now. */
  readonly client: () => Promise<Client>;
  /** Kills the server with SIGKILL, in the middle of whatever it does. */
  readonly kill: () => Promise<void>;
  /** Calls the command line in the project, in a process of its own. */
  readonly kindling: (...words: string[]) => Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

interface Connection {
  readonly client: Client;
  readonly kill: () => Promise<void>;
}

/** What the client can do besides, where a test wants more. */
export interface ClientParts {
  readonly capabilities?: ClientCapabilities;
  /** What the client's user puts into every form; one without shows none of its own accord. */
  readonly fill?: () => Record<string, string | number | boolean | string[]>;
  /** What stands between the client and the wire. */
  readonly through?: (transport: Transport) => Transport;
}

/** A project of its own with the config of the stories, served over a wire to a client of an era. */
export async function servedProject(wire: Wire, era: Era, parts: ClientParts = {}): Promise<ServedProject> {
  const folder = await projectFolder();
  const server = wire === "stdio" ? stdioServer(folder, era, parts) : httpServer(folder, era, parts);
  let connection: Connection | undefined;
  const client = async () => (connection ??= await server()).client;
  const kill = async () => {
    await connection?.kill();
    connection = undefined;
  };
  onTestFinished(async () => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    folder,
    client,
    kill,
    call: async (name, args = {}) => answerOf(await (await client()).callTool({ name, arguments: args })),
    kindling: async (...words) => {
      const child = started(folder, words);
      const [out, err] = [textOf(child.stdout), textOf(child.stderr)];
      const [code] = (await once(child, "close")) as [number | null];
      return { code, out: out(), err: err() };
    },
  };
}

async function projectFolder(): Promise<string> {
  // Inside the repository, so that the config's imports of the package resolve.
  const place = join(ROOT, ".kindling", "tests");
  await mkdir(place, { recursive: true });
  const folder = await mkdtemp(join(place, "story-"));
  await writeFile(join(folder, "kindling.config.ts"), await readFile(new URL("fixtures/story.config.ts", import.meta.url)));
  return folder;
}

/** Asks which era the server speaks in the process it then uses; the class itself would start one more just to ask. */
class OneProcessTransport extends StdioClientTransport {}

/** How a client starts the server of a project at its own standard input. */
export function stdioCommand(folder: string) {
  return { command: process.execPath, args: [...FLAGS, "mcp"], cwd: folder, env: environment(folder), stderr: "ignore" as const };
}

function stdioServer(folder: string, era: Era, parts: ClientParts): () => Promise<Connection> {
  return async () => {
    const transport = new OneProcessTransport(stdioCommand(folder));
    const client = clientOf(era, parts);
    const gone = new Promise<void>((resolve) => (client.onclose = resolve));
    await client.connect(parts.through?.(transport) ?? transport);
    return {
      client,
      kill: async () => {
        if (transport.pid !== null) process.kill(transport.pid, "SIGKILL");
        await gone;
      },
    };
  };
}

/** Starts the server of a project over HTTP; with it comes what a client sends to be let in. */
export async function startHttp(folder: string, port = "0") {
  const child = started(folder, ["mcp", "--http", "--port", port]);
  const url = new URL(await firstLine(child, textOf(child.stderr)));
  const token = (await readFile(join(folder, ".kindling", "mcp-token"), "utf8")).trim();
  return { child, url, requestInit: { headers: { authorization: `Bearer ${token}` } } };
}

/** Takes any port the first time and the same one from then on, as a server does that is started again under its address. */
function httpServer(folder: string, era: Era, parts: ClientParts): () => Promise<Connection> {
  let port = "0";
  return async () => {
    const { child, url, requestInit } = await startHttp(folder, port);
    port = url.port;
    const client = clientOf(era, parts);
    const transport = new StreamableHTTPClientTransport(url, { requestInit });
    await client.connect(parts.through?.(transport) ?? transport);
    return {
      client,
      kill: async () => {
        const ended = once(child, "close");
        child.kill("SIGKILL");
        await ended;
        await client.close();
      },
    };
  };
}

function clientOf(era: Era, { fill, capabilities = fill === undefined ? {} : { elicitation: { form: {} } } }: ClientParts): Client {
  const versionNegotiation = { mode: era === "modern" ? { pin: "2026-07-28" } : ("legacy" as const) };
  const client = new Client({ name: "story", version: "1" }, { versionNegotiation, capabilities });
  if (fill !== undefined) client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: fill() }));
  return client;
}

/** Only what a client hands on: no variable of this process but these. */
function environment(folder: string): Record<string, string> {
  const { PATH = "", NODE_COMPILE_CACHE } = process.env;
  return { PATH, HOME: folder, KINDLING_COMMAND: "kindling", ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }) };
}

function started(folder: string, words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...FLAGS, ...words], { cwd: folder, env: environment(folder), stdio: ["ignore", "pipe", "pipe"] });
}

function textOf(stream: ChildProcess["stdout"]): () => string {
  let text = "";
  stream?.setEncoding("utf8").on("data", (more: string) => (text += more));
  return () => text;
}

async function firstLine({ stdout }: ChildProcess, err: () => string): Promise<string> {
  let text = "";
  for await (const more of stdout ?? []) {
    text += String(more);
    const [line = "", ...rest] = text.split("\n");
    if (rest.length > 0) return line;
  }
  throw new Error(`the server ended without an address: ${err()}`);
}
