// What stores and histories cost at different sizes, beside node:sqlite with the same indexes in the same run: each figure should stay what it is as the ledger grows.
// node --conditions=kindling-source bench/facts.ts [--facts 10000,100000] [--rounds 3]; BENCH_DIR names the disk.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import type { FactFigures } from "./facts-child.ts";

const { values } = parseArgs({
  options: { facts: { type: "string", default: "10000,100000" }, rounds: { type: "string", default: "3" } },
});
const CHILD = fileURLToPath(new URL("facts-child.ts", import.meta.url));
const NAME_WIDTH = 42;

console.log(
  `node ${process.version}, ${values.rounds} rounds in turns, medians; microseconds for one, and how many times those of node:sqlite`,
);
const all: FactFigures[] = [];
for (const facts of values.facts.split(",")) {
  const folder = await mkdtemp(join(process.env["BENCH_DIR"] ?? tmpdir(), "kindling-facts-"));
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--expose-gc", "--no-warnings", "--conditions=kindling-source", CHILD, folder, facts, values.rounds],
      { maxBuffer: 1024 * 1024 },
    );
    all.push(JSON.parse(stdout) as FactFigures);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

console.log(["facts".padEnd(NAME_WIDTH), ...all.map(({ facts }) => facts.toLocaleString("en").padStart(22))].join(""));
for (const [index, { name }] of (all[0]?.figures ?? []).entries())
  console.log([name.padEnd(NAME_WIDTH), ...all.map(({ figures }) => shown(figures[index]).padStart(22))].join(""));
console.log(["live heap, MB".padEnd(NAME_WIDTH), ...all.map(({ heapBytes }) => megabytes(heapBytes).padStart(22))].join(""));
console.log(["resident, MB".padEnd(NAME_WIDTH), ...all.map(({ rssBytes }) => megabytes(rssBytes).padStart(22))].join(""));
console.log(
  [
    "on disk, MB, and of node:sqlite".padEnd(NAME_WIDTH),
    ...all.map(({ bytes }) => `${megabytes(bytes.kindling)}, ${megabytes(bytes.sqlite)}`.padStart(22)),
  ].join(""),
);

function shown(figure: FactFigures["figures"][number] | undefined): string {
  if (figure === undefined) return "";
  return `${figure.kindling.toFixed(1)} (${(figure.kindling / figure.sqlite).toFixed(2)}x)`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
