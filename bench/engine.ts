// How fast the engine is, and how much of that is the disk: every scenario beside raw baselines of the same round, and beside what it shall reach.
// node --conditions=kindling-source bench/engine.ts [--rounds 3] [--json] [scenario …]

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { items, slowItems } from "./engine-items.ts";
import { coldStart, runs, waits } from "./engine-many.ts";
import type { Sample, Scenario } from "./engine-measure.ts";
import { chains, fans, history } from "./engine-sizes.ts";
import { steps } from "./engine-steps.ts";
import { type Figure, figuresOf, lineOf } from "./engine-table.ts";
import { turns } from "./engine-turns.ts";
import { updates } from "./engine-update.ts";

const scenarios: readonly Scenario[] = [steps, runs, items, waits, coldStart, slowItems, turns, updates, chains, fans, history];

const { values, positionals } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, json: { type: "boolean", default: false } },
  allowPositionals: true,
});
const unknown = positionals.find((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown !== undefined) throw new Error(`there is no scenario "${unknown}"; there are ${scenarios.map(({ name }) => name).join(", ")}`);
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds is "${values.rounds}"; give a whole number from 1 on`);

const base = await mkdtemp(join(process.env["BENCH_DIR"] ?? tmpdir(), "kindling-bench-"));
try {
  if (!values.json) console.log(`node ${process.version}, medians of ${rounds} rounds at most`);
  const figures: Figure[] = [];
  for (const scenario of scenarios) {
    if (positionals.length > 0 && !positionals.includes(scenario.name)) continue;
    const measured = await figuresFor(scenario);
    figures.push(...measured);
    if (!values.json) console.log(`\n${scenario.name}: ${scenario.title}\n${measured.map(lineOf).join("\n")}`);
  }
  if (values.json) console.log(JSON.stringify({ node: process.version, rounds, figures }));
} finally {
  await rm(base, { recursive: true, force: true });
}

async function figuresFor(scenario: Scenario): Promise<readonly Figure[]> {
  const samples: (readonly Sample[])[] = [];
  for (let round = 0; round < Math.min(rounds, scenario.roundsLimit ?? rounds); round++) {
    const folder = join(base, `${scenario.name}-${round}`);
    samples.push(await scenario.round(folder));
    await rm(folder, { recursive: true, force: true });
  }
  return figuresOf(scenario.name, samples);
}
