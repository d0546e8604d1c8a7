// The official conformance suites against the real server: its factory, its guards, its sessions, on a socket. Once with what the suites call by name beside the
// real surface, and once, as far as they ask what any server must do, as it is.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openMcpHttp } from "../../../mcp/http.ts";
import { serveMcpHttp } from "../../../mcp/index.ts";
import { listenHttp, type McpHttpServer } from "../../../mcp/serve-http.ts";
import { createRuntime, type Kindling, memoryLedger } from "../../../src/index.ts";
import { WORKFLOWS } from "../fixtures/workflows.ts";
import { extension } from "./extension.ts";
import { runSuite, type Suite } from "./suite.ts";
import { TASK_WORKFLOWS } from "./tasks.ts";

const STABLE: Suite = "conformance-stable";
const NEXT: Suite = "@modelcontextprotocol/conformance";

/** What every server must do, whatever its tools are. */
const ANY_SERVER = ["tools-list", "resources-list", "prompts-list", "server-sse-multiple-streams", "dns-rebinding-protection"];
const WITH_SESSIONS = [...ANY_SERVER, "server-initialize", "ping", "resources-subscribe", "resources-unsubscribe"];
const WITHOUT_SESSIONS = [
  ...ANY_SERVER,
  "sep-2164-resource-not-found",
  "caching",
  "http-header-validation",
  "input-required-result-unsupported-methods",
];

let kindling: Kindling;
let extended: McpHttpServer;
let plain: McpHttpServer;

beforeAll(async () => {
  kindling = await createRuntime({ contracts: [...WORKFLOWS, ...TASK_WORKFLOWS], ledger: memoryLedger() });
  const options = { token: false, log: () => {} } as const;
  extended = await listenHttp(openMcpHttp(kindling, options, extension), { port: 0, host: "127.0.0.1", path: "/mcp" });
  plain = await serveMcpHttp(kindling, options);
});

afterAll(async () => {
  await extended.close();
  await plain.close();
  await kindling.close();
});

interface Pass {
  readonly suite: Suite;
  readonly args: readonly string[];
  readonly only?: readonly string[];
  readonly passed: number;
}

async function expectToPass(server: McpHttpServer, { suite, args, only, passed }: Pass): Promise<void> {
  const found = await runSuite(suite, server.url, args, only);
  console.log(
    `${suite} ${args.join(" ")}${only === undefined ? "" : " (any server)"}: ${found.passed} passed, ${found.failed.length} failed`,
  );
  expect(found).toEqual({ passed, failed: [] });
}

describe("the conformance suites", () => {
  it.concurrent.each<Pass>([
    { suite: STABLE, args: ["--suite", "all"], passed: 44 },
    { suite: NEXT, args: ["--requirements", "2025-11-25"], passed: 84 },
    { suite: NEXT, args: ["--requirements", "2026-07-28"], passed: 196 },
  ])("pass with what they call by name: $suite $args", (pass) => expectToPass(extended, pass), 60_000);

  it.concurrent.each<Pass>([
    { suite: STABLE, args: ["--suite", "all"], only: WITH_SESSIONS, passed: 11 },
    { suite: NEXT, args: ["--requirements", "2025-11-25"], only: [...WITH_SESSIONS, "server-session-lifecycle"], passed: 23 },
    { suite: NEXT, args: ["--requirements", "2026-07-28"], only: WITHOUT_SESSIONS, passed: 39 },
  ])("pass on the surface as it is, for what any server must do: $suite $args", (pass) => expectToPass(plain, pass), 60_000);
});
