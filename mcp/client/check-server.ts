// What a server lists now beside what is locked of it: for `kindling mcp-tools`, and for programs that check it themselves. Changes nothing.

import { unreachable } from "./call-failure.ts";
import type { McpServer } from "./declared.ts";
import { schemaProblems } from "./json-schema.ts";
import { lockedIfSound, pinFrom, readLock } from "./lock-file.ts";
import { OpenClient } from "./open-client.ts";
import type { Listing } from "./listing.ts";
import { changedParts, type PinPart, type ToolPin } from "./pin.ts";
import { describePlace } from "./place.ts";
import { unlessAborted } from "./unless-aborted.ts";
import { PROCESS_WORLD, type ClientWorld } from "./world.ts";

/** One allowed tool: as it is locked, as the server lists it now, and where the two differ. */
export interface McpToolCheck {
  readonly tool: string;
  /** `unlocked`: it was not reviewed yet. `gone`: the server has no such tool. `unfit`: it cannot be offered, for the reasons in `problems`. */
  readonly status: "same" | "unlocked" | "changed" | "gone" | "unfit";
  readonly locked: McpToolPin | undefined;
  readonly present: McpToolPin | undefined;
  readonly changed: readonly PinPart[];
  readonly problems: readonly string[];
  /** What its text alone does not show, such as characters that no reader sees. */
  readonly doubts: readonly string[];
}

/** Everything that is held fast of a tool. What a server says of itself is untrusted text. */
export type McpToolPin = ToolPin;

/** A server that was asked. */
export interface McpServerCheck {
  readonly server: McpServer;
  /** Its program or its host, without what may be secret. */
  readonly place: string;
  /** What it calls itself: untrusted text. */
  readonly title: string;
  readonly tools: readonly McpToolCheck[];
  /** Tools it lists that no node may offer. */
  readonly others: readonly string[];
  /** Tools that are locked and that no node may offer any more. */
  readonly unused: readonly string[];
}

const LIST_TIMEOUT_MS = 60_000;

/** How a server is asked. */
export interface McpCheckOptions {
  readonly signal?: AbortSignal;
  /** Where the words go that a started program writes to its standard error. Default `ignore`. */
  readonly stderr?: "inherit" | "ignore";
  /** The lock file is about to be written anew: one that cannot be used counts as none. Default false. */
  readonly anew?: boolean;
}

/**
 * Connects to a server, lists its tools and holds them against what is locked.
 * @throws RunError `mcp_unreachable`; ConfigError `mcp_secret_missing`, `mcp_unauthorized`, `mcp_redirected`, `mcp_lock_invalid`, `package_missing`; ValueError `mcp_list_invalid`
 * @example for (const server of await gatherMcpServers(() => import("./contracts.ts"))) console.log((await checkMcpServer(server)).tools);
 */
export async function checkMcpServer(server: McpServer, options: McpCheckOptions = {}): Promise<McpServerCheck> {
  const { signal, stderr = "ignore", anew = false } = options;
  const locked = anew ? lockedIfSound(server.lock) : readLock(server.lock);
  const limit = AbortSignal.timeout(LIST_TIMEOUT_MS);
  const { title, tools } = await listed(
    server,
    { ...PROCESS_WORLD, stderr },
    signal === undefined ? limit : AbortSignal.any([signal, limit]),
  );
  const pins = locked !== undefined && Object.hasOwn(locked, server.name) ? (locked[server.name]?.tools ?? {}) : {};
  const allowed = [...server.allowed].sort();
  return {
    server,
    place: describePlace(server.place),
    title,
    tools: allowed.map((tool) => checkOf(tool, pinFrom(locked, server.name, tool), tools.get(tool))),
    others: [...tools.keys()].filter((tool) => !server.allowed.has(tool)).sort(),
    unused: Object.keys(pins).filter((tool) => !server.allowed.has(tool)),
  };
}

async function listed(
  server: McpServer,
  world: ClientWorld,
  signal: AbortSignal,
): Promise<{ readonly title: string; readonly tools: ReadonlyMap<string, Listing> }> {
  let client: OpenClient | undefined;
  try {
    client = await OpenClient.open(server, world, signal);
    return { title: client.title, tools: await unlessAborted(client.tools(), signal) };
  } catch (error) {
    throw unreachable(server.name, error);
  } finally {
    await client?.close();
  }
}

function checkOf(tool: string, locked: ToolPin | undefined, listing: Listing | undefined): McpToolCheck {
  const present = listing?.pin;
  const problems = listing === undefined ? [] : problemsOf(listing);
  const changed = locked === undefined || present === undefined ? [] : changedParts(locked, present);
  const status =
    present === undefined
      ? "gone"
      : problems.length > 0
        ? "unfit"
        : locked === undefined
          ? "unlocked"
          : changed.length > 0
            ? "changed"
            : "same";
  return { tool, status, locked, present, changed, problems, doubts: listing?.doubts ?? [] };
}

function problemsOf({ pin: { inputSchema, outputSchema }, isTwice }: Listing): readonly string[] {
  return [
    ...(isTwice ? ["the server lists two tools of this name"] : []),
    ...(inputSchema["type"] === "object" ? [] : ["its input schema is no object at its root"]),
    ...schemaProblems(inputSchema).map((problem) => `its input schema ${problem}`),
    ...(outputSchema === undefined ? [] : schemaProblems(outputSchema).map((problem) => `its output schema ${problem}`)),
  ];
}
