// The MCP server as a factory: the SDK asks it for one server per connection, of either protocol era. Knows no transport and keeps no state of runs.

import { createRequire } from "node:module";
import {
  McpServer,
  type McpRequestContext,
  type McpServerFactory,
  type McpServerOptions,
  type ServerEventBus,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Kindling } from "../src/index.ts";
import { registerCard } from "./card.ts";
import { logToStandardError, type Log } from "./log.ts";
import type { Principal } from "./principal.ts";
import { registerPrompts } from "./prompts.ts";
import { explainFaults } from "./protocol-error.ts";
import { questionStates } from "./question-state.ts";
import { registerResources } from "./resources.ts";
import { registerSubscriptions } from "./session-subscriptions.ts";
import { StartRate } from "./start-rate.ts";
import { EnabledStores } from "./stores/enabled-stores.ts";
import { registerStores } from "./stores/store-resources.ts";
import { storeTools } from "./stores/store-tools.ts";
import { Subscriptions } from "./subscriptions.ts";
import { registerTasks } from "./task-methods.ts";
import type { Surface, Tool } from "./tool.ts";
import { cancelRun } from "./tools/cancel-run.ts";
import { deliverEvent } from "./tools/deliver-event.ts";
import { describeWorkflow } from "./tools/describe-workflow.ts";
import { getRunEvents } from "./tools/get-run-events.ts";
import { getRun } from "./tools/get-run.ts";
import { listRuns } from "./tools/list-runs.ts";
import { listWorkflows } from "./tools/list-workflows.ts";
import { requestApproval } from "./tools/request-approval.ts";
import { startWorkflow } from "./tools/start-workflow.ts";
import { visibleRuns } from "./visible-runs.ts";
import { WaitingRoom } from "./wait.ts";
import { checkedApprovalUrl } from "./where-decided.ts";
import { workflowTools } from "./workflow-tool.ts";

/** How the server presents itself. */
export interface McpOptions {
  /** How a person calls the command line, for the commands an agent tells them: default `kindling`. */
  readonly program?: string;
  /** Where the approvers' page is: people are told to decide there. Agents are told the address, so it must open nothing by itself. */
  readonly approvalUrl?: string;
  /** Takes what the operator should know, one text at a time; default standard error. Never shown to the client. */
  readonly log?: Log;
  /**
   * At least 32 bytes with which questions to a client's user are signed. Default: random, which does for one process; give the same to several that answer for
   * each other, and to one that shall know its questions after a restart.
   */
  readonly stateKey?: Uint8Array | string;
  /** Stores and histories of the runtime that agents may read, by name; none when left out. Every caller of the server reads all of them. */
  readonly stores?: readonly string[];
}

/** The tools that are there for every workflow, in the order an agent meets them. */
export const TOOLS: readonly Tool[] = [
  listWorkflows,
  describeWorkflow,
  startWorkflow,
  getRun,
  listRuns,
  getRunEvents,
  deliverEvent,
  requestApproval,
  cancelRun,
];

/** Clients that load tool schemas lazily show this beside the names, so it says how the tools go together. */
export const INSTRUCTIONS =
  "Durable workflows; runs survive restarts, so keep run_id. list_workflows, describe_workflow (input schema), start_workflow, then get_run with " +
  "wait_seconds until completed or awaiting. Awaiting with decider agent: answer with deliver_event. Decider human: you cannot decide; call " +
  "request_approval, tell the user what it says, wait with get_run. Each run says in `next` what to do now.";

const TOOL_LIST_TTL_MS = 60_000;

/**
 * Makes the factory of MCP servers over a runtime, for `serveStdio` and `createMcpHandler` of the SDK. The servers share the runtime and one bound
 * on waits; the runtime stays the caller's to close.
 * @throws ConfigError `too_many_exposed`, `bad_tool_name`, `bad_approval_url`, `unknown_store`; RangeError for a short `stateKey`
 */
export function createMcpServer(kindling: Kindling, options: McpOptions = {}): McpServerFactory {
  return serversFor(surfaceFor(kindling, options));
}

/** What one caller's servers share: the runs they see and their bounds. */
export function surfaceFor(
  kindling: Kindling,
  { program = "kindling", approvalUrl: page, log = logToStandardError, stateKey, stores = [] }: McpOptions,
  principal?: Principal,
): Surface {
  const runs = visibleRuns(kindling, principal, new StartRate());
  return {
    kindling: runs,
    stores: new EnabledStores(
      kindling,
      stores,
      principal?.runs === "own" ? async (id) => (await runs.get(id)) !== undefined : () => Promise.resolve(true),
    ),
    principal,
    program,
    approvalUrl: page === undefined ? undefined : checkedApprovalUrl(page),
    log,
    waits: new WaitingRoom(),
    subscriptions: new Subscriptions(runs, log),
    questions: questionStates(stateKey, principal?.id),
  };
}

/** What a server has besides its surface: the seam at which tests of the protocol itself join the real server. */
export interface Extension {
  readonly requestState?: McpServerOptions["requestState"];
  /** `bus` tells those that listen over HTTP what has changed. */
  readonly add: (server: McpServer, context: McpRequestContext, bus: ServerEventBus | undefined, surface: Surface) => void;
}

/** How servers stand in what serves them. */
export interface Wiring {
  /** True where what serves them also sees to `subscriptions/listen`, which servers do not see themselves. */
  readonly listens?: boolean;
  readonly bus?: ServerEventBus;
  readonly extension?: Extension | undefined;
}

/** The factory of one caller's servers. @throws ConfigError `too_many_exposed`, `bad_tool_name` */
export function serversFor(surface: Surface, { listens = false, bus, extension }: Wiring = {}): (context: McpRequestContext) => McpServer {
  const tools = [...TOOLS, ...storeTools(surface.stores), ...workflowTools(surface.kindling.contracts)];
  const version = ownVersion();
  return (context) => {
    const isLegacy = context.era === "legacy";
    const server = new McpServer(
      { name: "kindling", title: "Kindling workflows", version },
      {
        instructions: INSTRUCTIONS,
        capabilities: {
          tools: { listChanged: false },
          resources: { listChanged: false, subscribe: isLegacy || listens },
          prompts: { listChanged: false },
          completions: {},
        },
        cacheHints: { "tools/list": { ttlMs: TOOL_LIST_TTL_MS, cacheScope: "private" } },
        requestState: extension?.requestState ?? { verify: (state, request) => surface.questions.verify(state, request) },
      },
    );
    explainFaults(server, surface.log);
    for (const tool of tools) tool.register(server, surface);
    registerResources(server, surface);
    registerStores(server, surface.stores);
    registerCard(server);
    if (isLegacy) registerSubscriptions(server, surface);
    else registerTasks(server, surface);
    registerPrompts(server, surface);
    extension?.add(server, context, bus, surface);
    return server;
  };
}

function ownVersion(): string {
  // The package names itself, which holds for the source and for the published files alike.
  const manifest: unknown = createRequire(import.meta.url)("kindling/package.json");
  return z.object({ version: z.string() }).parse(manifest).version;
}
