// Runs the official suites against a server and reads what they found, check by check.

import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod";

/** Two releases: the stable one knows the protocol up to 2025-11-25, the other one 2026-07-28 too. */
export type Suite = "conformance-stable" | "@modelcontextprotocol/conformance";

/** What a run of a suite found. */
export interface Findings {
  readonly passed: number;
  /** Each with its scenario and what the suite says. */
  readonly failed: readonly string[];
}

const Checks = z.array(z.object({ id: z.string(), status: z.string(), errorMessage: z.string().optional() }));
const CHECKS = "checks.json";

/** Runs a suite; with `only`, of what it found that of some scenarios. @throws Error where it did not run them */
export async function runSuite(suite: Suite, url: string, args: readonly string[], only?: readonly string[]): Promise<Findings> {
  const folder = await mkdtemp(join(tmpdir(), "kindling-conformance-"));
  try {
    const said = await run([programOf(suite), "server", "--url", url, "-o", folder, ...args]);
    const scenarios = (await readdir(folder)).map((name) => ({ path: join(folder, name, CHECKS), scenario: scenarioOf(name) }));
    const missing = only?.filter((name) => !scenarios.some(({ scenario }) => scenario === name)) ?? [];
    if (scenarios.length === 0 || missing.length > 0) throw new Error(`the suite ran no ${missing.join(", ")}: ${said}`);
    const wanted = scenarios.filter(({ scenario }) => only?.includes(scenario) ?? true);
    const found = await Promise.all(wanted.map(findingsOf));
    return {
      passed: found.reduce((sum, { passed }) => sum + passed, 0),
      failed: found.flatMap(({ failed }) => failed),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `server-ping-2026-11-21T19-00-00-000Z`: what is tested, the scenario, and when. */
function scenarioOf(folder: string): string {
  return folder.replace(/^server-/, "").replace(/-20\d\d-.*$/, "");
}

async function findingsOf({ path, scenario }: { readonly path: string; readonly scenario: string }): Promise<Findings> {
  const checks = Checks.parse(JSON.parse(await readFile(path, "utf8")));
  const failed = checks.filter(({ status }) => status === "FAILURE");
  return {
    passed: checks.filter(({ status }) => status === "SUCCESS").length,
    failed: failed.map(({ id, errorMessage = "" }) => `${scenario}: ${id}: ${errorMessage}`),
  };
}

function programOf(suite: Suite): string {
  return join(dirname(createRequire(import.meta.url).resolve(`${suite}/package.json`)), "dist/index.js");
}

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-4_000)));
    child.once("error", reject);
    child.once("close", () => resolve(said));
  });
}
