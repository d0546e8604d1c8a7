// What importing Kindling costs: pairs of processes, one bare and one that imports the built package, and the median of the differences.
// Run `npm run build` first; the goal is under 20 ms.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PAIRS = 31;
const WARM_UP_PAIRS = 3;
const GOAL_MS = 20;

if (!existsSync(new URL("../dist/src/index.js", import.meta.url))) {
  console.error("bench/import: there is no dist; run npm run build first.");
  process.exit(1);
}

for (const entry of ["kindling", "kindling/testing", "kindling/mcp"]) {
  const differences = Array.from({ length: WARM_UP_PAIRS + PAIRS }, (_, index) => pair(entry, index % 2 === 0)).slice(WARM_UP_PAIRS);
  const costMs = median(differences);
  const verdict = entry !== "kindling" ? "" : costMs < GOAL_MS ? ` (goal: under ${GOAL_MS} ms)` : ` (over the goal of ${GOAL_MS} ms)`;
  console.log(`${entry}: ${costMs.toFixed(1)} ms more than bare Node, median of ${PAIRS} pairs${verdict}`);
}

/** One measured difference; the order in the pair alternates, so that drift cancels out. */
function pair(entry: string, bareFirst: boolean): number {
  const bare = "";
  const importing = `await import(${JSON.stringify(entry)});`;
  if (bareFirst) {
    const bareMs = processMs(bare);
    return processMs(importing) - bareMs;
  }
  return processMs(importing) - processMs(bare);
}

function processMs(script: string): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) throw new Error(`the measured process failed: ${stderr}`);
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
