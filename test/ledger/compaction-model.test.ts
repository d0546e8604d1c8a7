// Random histories of appending, replacing, giving up, compacting and opening anew, against a ledger that forgets nothing.

import { expect, test } from "vitest";
import { figure } from "../reliability/figure.ts";
import { CompactionHistory } from "./compaction-history.ts";
import { seededRandom } from "./seeded-random.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

/** One history again: `LEDGER_SEED=17 LEDGER_SEEDS=1`. */
const FIRST_SEED = Number(process.env.LEDGER_SEED ?? 1);
const SEEDS = Number(process.env.LEDGER_SEEDS ?? 300);
const STEPS = 28;

const LIMITS = { timeout: 120_000 + SEEDS * 300 };

test(`a ledger that is compacted says what one says that keeps everything, in ${SEEDS} histories`, LIMITS, async () => {
  const counts = await playAll(SEEDS, false);
  figure("R4 compacted histories:", { histories: SEEDS, ...counts, wrong: 0 });
  expect(counts.removed).toBeGreaterThan(SEEDS);
  expect(counts.kept).toBeGreaterThan(SEEDS);
});

test("it says the same to those who have it open for reading meanwhile, and verifies", LIMITS, async () => {
  await playAll(Math.ceil(SEEDS / 10), true);
});

/** Plays histories, and gives what was done in them. */
async function playAll(
  seeds: number,
  isWatched: boolean,
): Promise<Readonly<Record<"commits" | "compactions" | "removed" | "kept", number>>> {
  const counts = { commits: 0, compactions: 0, removed: 0, kept: 0 };
  for (let seed = FIRST_SEED; seed < FIRST_SEED + seeds; seed++) {
    const random = seededRandom(seed * 2_654_435_761);
    const segmentBytes = 600 + Math.floor(random() * 3_000);
    const indexBytes = random() < 0.15 ? 1 : 500 + Math.floor(random() * 20_000);
    const history = new CompactionHistory(new SimulatedDisk({ random }).begin(), random, { segmentBytes, indexBytes, isWatched });
    await history.play(STEPS).catch((error: unknown) => {
      throw new Error(`LEDGER_SEED=${seed}`, { cause: error });
    });
    expect(history.wrong.slice(0, 5), `LEDGER_SEED=${seed}`).toEqual([]);
    counts.commits += history.naive.position;
    counts.compactions += history.told.filter(({ removed }) => removed.segments > 0).length;
    counts.removed += history.told.reduce((sum, { removed }) => sum + removed.commits, 0);
    counts.kept += history.told.reduce((sum, { kept }) => sum + kept.commits, 0);
  }
  return counts;
}
