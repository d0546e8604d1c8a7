// Lets runs come, end, be given up and be compacted away, round after round, says what it cost, and dies without closing anything.
// node retention-process.ts <folder> <first round> <rounds> <runs of a round>

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileLedger } from "../../../src/ledger/file.ts";

/** Commits of a run. */
const COMMITS = 8;

/** Rounds for which a run is kept once it has ended; every so many-th is kept for ever. */
const KEPT_ROUNDS = 3;
const STAYS_EVERY = 100;

const [folder = "", first = "0", rounds = "0", runs = "0"] = process.argv.slice(2);
const start = performance.now();
const ledger = await fileLedger(folder, { segmentBytes: 256 * 1024, indexBytes: 128 * 1024 }).open({ access: "write" });
const openMs = performance.now() - start;

const sizes: number[] = [];
const files: number[] = [];
const memory: number[] = [];
let removed = 0;
for (let round = Number(first); round < Number(first) + Number(rounds); round++) {
  await Promise.all(Array.from({ length: Number(runs) }, (_, number) => live(`run-${round}-${number}`)));
  await Promise.all(Array.from({ length: Number(runs) }, (_, number) => giveUp(`run-${round - KEPT_ROUNDS}-${number}`, number)));
  removed += (await ledger.compact()).removed.commits;
  sizes.push(await sizeOf(folder));
  files.push(process.platform === "linux" ? (await readdir("/proc/self/fd")).length : 0);
  memory.push(Math.round(process.memoryUsage.rss() / 2 ** 20));
}
const said = { openMs: Math.round(openMs), position: ledger.position, oldest: ledger.oldest, removed, sizes, files, memory };
process.stdout.write(`${JSON.stringify(said)}\n`, () => process.kill(process.pid, "SIGKILL"));

async function live(run: string): Promise<void> {
  for (let expected = 0; expected < COMMITS; expected++) {
    const open = expected < COMMITS - 1;
    const head = { open, keys: [`status:${open ? "running" : "succeeded"}`], note: { expected } };
    await ledger.append([{ run, expected, facts: [{ type: "node.succeeded", value: "a value of some length".repeat(6) }], head }]);
  }
}

async function giveUp(run: string, number: number): Promise<void> {
  const expected = ledger.head(run)?.version;
  if (expected !== undefined && number % STAYS_EVERY > 0)
    await ledger.append([{ run, expected, facts: [{ type: "over" }], replaces: "all" }]);
}

/** Bytes of all files. Some may go between a look and the next. */
async function sizeOf(path: string): Promise<number> {
  const names = await readdir(path, { recursive: true });
  const all = await Promise.all(names.map((name) => stat(join(path, name)).catch(() => undefined)));
  return all.reduce((sum, found) => sum + (found?.isFile() === true ? found.size : 0), 0);
}
