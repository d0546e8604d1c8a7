// Appends many short runs to a ledger, says what it cost, and dies without closing anything.
// node soak-process.ts <folder> <first run> <runs>

import { readdir } from "node:fs/promises";
import { fileLedger } from "../../../src/ledger/file.ts";
import type { Ledger } from "../../../src/ledger/ledger.ts";

/** Commits of a run: as many as one with a few model calls has. */
const COMMITS = 12;

/** Runs that go on side by side. */
const AT_ONCE = 512;

const [folder = "", first = "0", runs = "0"] = process.argv.slice(2);
const end = Number(first) + Number(runs);

const start = performance.now();
const ledger = await fileLedger(folder).open({ access: "write" });
const openMs = performance.now() - start;

let next = Number(first);
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (next < end) await live(ledger, next++);
  }),
);
const seconds = (performance.now() - start - openMs) / 1_000;
const said = {
  openMs: Math.round(openMs),
  maxRssMib: Math.round(process.resourceUsage().maxRSS / 1_024),
  files: (await openFiles()).length,
  recordsPerSecond: Math.round((Number(runs) * COMMITS) / seconds),
  position: ledger.position,
};
process.stdout.write(`${JSON.stringify(said)}\n`, () => process.kill(process.pid, "SIGKILL"));

async function live(into: Ledger, number: number): Promise<void> {
  const run = `run-${number}`;
  for (let expected = 0; expected < COMMITS; expected++) {
    const isLast = expected === COMMITS - 1;
    const head = { open: !isLast, keys: [`status:${isLast ? "succeeded" : "running"}`, `order:${number}`], note: { expected } };
    await into.append([
      { run, expected, facts: [{ type: "node.succeeded", number: expected, value: "a value of some length".repeat(4) }], head },
    ]);
  }
}

/** What this process has open, where the system tells. */
async function openFiles(): Promise<readonly string[]> {
  return process.platform === "linux" ? readdir("/proc/self/fd") : [];
}
