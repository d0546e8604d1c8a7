// How fast the file ledger is on this disk, and how much of that is the disk: every figure stands beside raw writes or another store of the same rounds.
// node --conditions=kindling-source bench/ledger.ts [--runs 10000,100000,1000000] [--writers 1,16,256,4096] [--rounds 3] [--seconds 0.5]; BENCH_DIR names the disk.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { printRates } from "./ledger-rates.ts";
import { printSizes } from "./ledger-sizes.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "10000" },
    writers: { type: "string", default: "1,16,256,4096" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "0.5" },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

const folder = await mkdtemp(join(process.env.BENCH_DIR ?? tmpdir(), "kindling-bench-"));
try {
  console.log(`node ${process.version}, ${rounds} rounds of ${seconds} s in turns, medians; facts of about 1 kB, one in each commit`);
  await printRates({ folder, clients: numbersIn(values.writers), rounds, seconds });
  await printSizes(folder, numbersIn(values.runs), rounds);
} finally {
  await rm(folder, { recursive: true, force: true });
}

function numbersIn(list: string): readonly number[] {
  return list.split(",").flatMap((word) => (word === "" ? [] : [Number(word)]));
}
