// One open connection to another MCP server, in whichever era it speaks: its list of tools as it is now, held against what was reviewed, and its calls. Ends with the
// first fault of the connection; whoever needs another one opens it.

import type { CallToolResult, Client, PriorDiscovery } from "@modelcontextprotocol/client";
import { type JsonObject, toJson, type TraceContext, ValueError } from "../../src/index.ts";
import { callFailure, type Called, NotDelivered } from "./call-failure.ts";
import type { McpServer } from "./declared.ts";
import { loadPackage } from "./load-package.ts";
import { type Listing, listingsOf } from "./listing.ts";
import { changedParts, cleaned, type ToolPin } from "./pin.ts";
import { secretsOf } from "./place.ts";
import type { ToolResult } from "./result.ts";
import { withoutSecrets } from "./secrets.ts";
import { ANSWER_LIMIT_BYTES, KEY_META, transportTo } from "./transport.ts";
import { unlessAborted } from "./unless-aborted.ts";
import type { ClientWorld } from "./world.ts";

/** A call as it is made. */
export interface Sent extends Called {
  readonly pin: ToolPin;
  readonly input: JsonObject;
  readonly signal: AbortSignal;
  /** Handed on, for a server that honours it. */
  readonly key: string;
  readonly trace: TraceContext | undefined;
  readonly progress: (fraction: number) => void;
}

/** A call's time is limited by the node that makes it. */
const CALL_TIMEOUT_MS = 2 ** 31 - 1;
/** How long a list counts as the present one where the server does not tell of changes. */
const LIST_FRESH_MS = 60_000;
const PROGRESS_STEP = 0.01;
const LIST_PAGES = 64;
const TOOLS_LIMIT = 5_000;
/** Rounds in which a server may only hand its own state around. */
const STATE_ROUNDS = 4;

/** An open connection. */
export class OpenClient {
  readonly #server: McpServer;
  readonly #world: ClientWorld;
  readonly #client: Client;
  readonly #secrets: readonly string[];
  readonly #calls = new Map<string, AbortController>();
  #tools: Promise<ReadonlyMap<string, Listing>> | undefined;
  #listedAt = 0;
  #isOpen = true;

  private constructor(server: McpServer, world: ClientWorld, client: Client) {
    this.#server = server;
    this.#world = world;
    this.#client = client;
    this.#secrets = secretsOf(server.place, world);
    client.onclose = () => (this.#isOpen = false);
    client.onerror = ({ message }) => {
      if (message.includes("maximum size")) this.tooLarge(undefined);
    };
  }

  /** Opens a connection. @throws what the package throws, ConfigError `mcp_secret_missing`, `package_missing` */
  static async open(server: McpServer, world: ClientWorld, signal: AbortSignal, prior?: PriorDiscovery): Promise<OpenClient> {
    const { Client } = await loadPackage(() => import("@modelcontextprotocol/client"));
    const client = new Client(
      { name: "kindling", version: "1" },
      {
        versionNegotiation: { mode: "auto" },
        inputRequired: { maxRounds: STATE_ROUNDS },
        listMaxPages: LIST_PAGES,
        listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => opened.forget() } },
      },
    );
    const opened = new OpenClient(server, world, client);
    const transport = await transportTo(server, world, (key) => opened.tooLarge(key));
    try {
      await client.connect(transport, { signal, timeout: server.connectTimeoutMs, ...(prior === undefined ? {} : { prior }) });
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** How the server was found to speak, so that the next connection need not find out. */
  get era(): PriorDiscovery | undefined {
    return this.#client.getProtocolEra() === "legacy" ? { kind: "legacy" } : undefined;
  }

  /** What the server calls itself: untrusted text. */
  get title(): string {
    const { name = "a server without a name", version = "" } = this.#client.getServerVersion() ?? {};
    return cleaned(`${name} ${version}`).slice(0, 100);
  }

  /** The tools as the server lists them now, or did a short while ago. */
  tools(): Promise<ReadonlyMap<string, Listing>> {
    const now = this.#world.now();
    if (this.#tools === undefined || now - this.#listedAt > LIST_FRESH_MS) {
      this.#listedAt = now;
      const asked = this.#list();
      this.#tools = asked;
      asked.catch(() => this.forget());
    }
    return this.#tools;
  }

  /** Makes a call, if its tool is still what was reviewed. @throws ValueError `mcp_tool_changed`; what callFailure gives */
  async call(sent: Sent): Promise<ToolResult> {
    const { tool, pin, key, signal } = sent;
    try {
      assertUnchanged(this.#server.name, tool, pin, (await unlessAborted(this.tools(), signal)).get(tool));
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof ValueError ? error : new NotDelivered("the tools could not be listed", { cause: error });
    }
    const stop = new AbortController();
    const given = AbortSignal.any([signal, stop.signal]);
    this.#calls.set(key, stop);
    try {
      const result = await this.#client.callTool(
        { name: tool, arguments: sent.input, _meta: { ...sent.trace, [KEY_META]: key } },
        {
          signal: given,
          timeout: CALL_TIMEOUT_MS,
          // The results are checked by whoever reads them.
          toolDefinition: { name: tool, inputSchema: { ...pin.inputSchema, type: "object" } },
          onprogress: inSteps(sent.progress),
        },
      );
      return this.#withoutSecrets(result);
    } catch (error) {
      if (stop.signal.aborted) throw stop.signal.reason;
      signal.throwIfAborted();
      throw callFailure({ ...sent, secrets: this.#secrets }, error);
    } finally {
      this.#calls.delete(key);
    }
  }

  /** The list is asked for again before the next call. */
  forget(): void {
    this.#tools = undefined;
  }

  /** An answer was larger than what is read. Without a key nobody knows which call it was for; of a single one it is known. */
  tooLarge(key: string | undefined): void {
    const [only, ...others] = this.#calls.values();
    const call = key === undefined && others.length === 0 ? only : this.#calls.get(key ?? "");
    call?.abort(
      new ValueError("mcp_result_too_large", `the answer was larger than ${ANSWER_LIMIT_BYTES} bytes and was not read; the call was made`, {
        fix: "Ask for less, or for a part.",
      }),
    );
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#client.close();
  }

  #withoutSecrets(result: CallToolResult): ToolResult {
    const json = this.#secrets.length === 0 ? undefined : toJson(result);
    // What is no JSON is told so by whoever reads it. Of JSON, only characters of texts change.
    return json?.ok === true ? (withoutSecrets(json.value, this.#secrets) as unknown as ToolResult) : result;
  }

  async #list(): Promise<ReadonlyMap<string, Listing>> {
    const { tools } = await this.#client.listTools(undefined, { timeout: this.#server.connectTimeoutMs, cacheMode: "refresh" });
    if (tools.length > TOOLS_LIMIT)
      throw new ValueError(
        "mcp_list_too_long",
        `the MCP server "${this.#server.name}" lists ${tools.length} tools, more than ${TOOLS_LIMIT}`,
      );
    return listingsOf(tools);
  }
}

/** Tells what changed by the names of the parts alone: the new words are untrusted, and models read errors. */
function assertUnchanged(server: string, tool: string, pin: ToolPin, present: Listing | undefined): void {
  if (present?.isTwice === true)
    throw new ValueError("mcp_tool_ambiguous", `the MCP server "${server}" lists two tools called "${tool}"; nothing was called`, {
      fix: "Tell whoever runs it; until then do not offer the tool.",
    });
  const parts = present === undefined ? undefined : changedParts(pin, present.pin);
  if (parts?.length === 0) return;
  throw new ValueError(
    "mcp_tool_changed",
    parts === undefined
      ? `the MCP server "${server}" has no tool "${tool}" any more; nothing was called`
      : `"${tool}" of the MCP server "${server}" is not what was reviewed: ${parts.join(", ")} changed; nothing was called`,
    {
      fix: "Look at it with `kindling mcp-tools check`; what is meant to be so is accepted with `kindling mcp-tools pull`.",
      details: { server, tool, changed: [...(parts ?? ["tool"])] },
    },
  );
}

/** Steps of a hundredth, and none back: a server may tell of its progress as often as it likes. */
function inSteps(tell: Sent["progress"]): (told: { readonly progress: number; readonly total?: number | undefined }) => void {
  let last = Number.NEGATIVE_INFINITY;
  return ({ progress, total = 0 }) => {
    const fraction = Math.min(1, Math.max(0, progress / total));
    if (!(total > 0 && fraction >= last + PROGRESS_STEP)) return;
    last = fraction;
    tell(fraction);
  };
}
