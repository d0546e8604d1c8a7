// The client scenarios of the official conformance suite, played by a project that pulls, locks and offers the tools of the suite's servers. Left out are those of what
// this client does not do: it answers no questions of servers, and signs in by headers alone.

import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const SUITE = join(dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/conformance/package.json")), "dist/index.js");
const CLIENT = fileURLToPath(new URL("fixtures/conformance-client.ts", import.meta.url));

/** What the suite says in the end: how many of its checks passed. */
function play(scenario: string): Promise<string> {
  const args = [SUITE, "client", "--command", `${process.execPath} ${CLIENT}`, "--scenario", scenario, "--timeout", "25000"];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.once("error", reject);
    child.once("close", () => resolve(/^Passed: .*$/m.exec(said)?.[0] ?? said));
  });
}

it.concurrent.each([
  ["initialize", 2],
  ["tools_call", 2],
  ["sse-retry", 3],
  ["request-metadata", 5],
  ["http-standard-headers", 3],
  ["http-custom-headers", 18],
  ["http-invalid-tool-headers", 12],
  ["json-schema-ref-no-deref", 1],
  ["json-schema-2020-12-preservation", 9],
])(
  "the scenario %s passes all its %d checks",
  async (scenario, checks) => {
    expect(await play(scenario)).toBe(`Passed: ${checks}/${checks}, 0 failed, 0 warnings`);
  },
  60_000,
);
