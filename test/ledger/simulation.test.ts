// Histories on a simulated disk: several processes one after the other write to a ledger, each one dies or fails somewhere, and nothing that was acknowledged is lost.

import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { LedgerError } from "../../src/errors.ts";
import type { Disk } from "../../src/ledger/disk.ts";
import { fileLedger } from "../../src/ledger/file.ts";
import type { Entry, Head, Ledger } from "../../src/ledger/ledger.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { figure } from "../reliability/figure.ts";
import { seededRandom } from "./seeded-random.ts";
import { type Fault, SimulatedDisk, type SimulatedDiskOptions } from "./simulated-disk.ts";

/** One history again: `LEDGER_SEED=17 LEDGER_SEEDS=1`. A long night: `LEDGER_SEEDS=100000`. */
const FIRST_SEED = Number(process.env.LEDGER_SEED ?? 1);
const SEEDS = Number(process.env.LEDGER_SEEDS ?? 400);
const FOLDER = "/ledger";
const LIVES = 4;
const CLIENTS = 4;
const APPENDS = 6;

/** What one history showed. */
interface History {
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  /** Things in the ledger that nobody ever appended. */
  readonly invented: number;
  readonly refusedAsDamaged: number;
  readonly faultsFound: number;
  /** Runs of which the index says something else than the log. */
  readonly misindexed: number;
}

/** How often what went wrong in the lives of all histories. */
const wentWrong = { crashes: 0, "power cuts": 0, "failed syncs": 0, "full disks": 0 };

describe("a ledger on a disk that fails", () => {
  test(`keeps every acknowledged fact, once, through ${SEEDS} histories of crashes, power cuts, failed syncs and full disks`, {
    timeout: 120_000 + SEEDS * 30,
  }, async () => {
    let acknowledged = 0;
    Object.assign(wentWrong, { crashes: 0, "power cuts": 0, "failed syncs": 0, "full disks": 0 });
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const { acknowledged: count, ...bad } = await playHistory(seed, { shortWrites: 0.2 }).catch((error: unknown) => {
        throw new Error(`LEDGER_SEED=${seed}`, { cause: error });
      });
      acknowledged += count;
      expect(bad, `LEDGER_SEED=${seed}`).toEqual(NOTHING_BAD);
    }
    figure("R3", { histories: SEEDS, ...wentWrong, acks: acknowledged, lost: 0, doubled: 0, "false corrupt": 0, misindexed: 0 });
    expect(acknowledged).toBeGreaterThan(SEEDS);
  });

  test("does lose facts when the disk only pretends to sync (so the test above can fail)", async () => {
    expect(await losses(100, { ignoresSync: true })).toBeGreaterThan(50);
  });

  test("does lose facts when what was read after a crash is not written again (so that step is needed)", async () => {
    expect(await losses(400, { ignoresSameBytes: true })).toBeGreaterThan(0);
  });

  test("survives a death at every single write and sync of its first life, power cut or not", async () => {
    for (const isPowerCut of [false, true]) {
      for (let atCall = 1; atCall <= 160; atCall++) {
        const history = await playHistory(atCall, {}, { first: { kind: "death", atCall }, isPowerCut });
        expect(history, `death at call ${atCall}, power cut: ${isPowerCut}`).toMatchObject(NOTHING_BAD);
      }
    }
  });
});

async function losses(seeds: number, options: Omit<SimulatedDiskOptions, "random">): Promise<number> {
  let count = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const { lost, refusedAsDamaged } = await playHistory(seed, options);
    if (lost + refusedAsDamaged > 0) count += 1;
  }
  return count;
}

async function playHistory(
  seed: number,
  options: Omit<SimulatedDiskOptions, "random">,
  fixed?: { readonly first: Fault; readonly isPowerCut: boolean },
): Promise<History> {
  const random = seededRandom(seed * 2_654_435_761);
  const disk = new SimulatedDisk({ random, ...options });
  const attempted = new Set<string>();
  const acknowledged = new Set<string>();
  for (let life = 0; life < LIVES; life++) {
    const fault = life === 0 && fixed !== undefined ? fixed.first : randomFault(random);
    const access = disk.begin(fault);
    const outcome = await Promise.race([disk.death.then(() => undefined), live(access, random, `${life}`, attempted, acknowledged)]);
    count(fault, outcome);
    if (outcome === "damaged") return { ...NOTHING_BAD, acknowledged: acknowledged.size, refusedAsDamaged: 1 };
    if (fixed?.isPowerCut ?? random() < 0.6) {
      disk.cutPower();
      wentWrong["power cuts"] += 1;
    } else disk.kill();
  }
  return judge(disk.begin(), attempted, acknowledged);
}

/** One process: opens the ledger, appends from several clients at once, and perhaps closes it. */
async function live(
  disk: Disk,
  random: () => number,
  name: string,
  attempted: Set<string>,
  acknowledged: Set<string>,
): Promise<"damaged" | "stopped" | "done"> {
  try {
    const ledger = await fileLedger(FOLDER, { disk, newId: () => "simulated", ...PIECES }).open({ access: "write", now: () => 0 });
    await Promise.all(
      Array.from({ length: CLIENTS }, (_, client) => appendAll(ledger, random, `${name}.${client}`, attempted, acknowledged)),
    );
    if (random() < 0.5) await ledger.close();
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    if (error.code === "ledger_damaged") return "damaged";
    // Stopped, full or unusable: the fault of this life. The next one has to cope.
    return "stopped";
  }
  return "done";
}

/** Without an outcome, the process died in the middle. */
function count({ kind }: Fault, outcome: "damaged" | "stopped" | "done" | undefined): void {
  if (outcome === undefined) wentWrong.crashes += 1;
  else if (outcome === "stopped") wentWrong[kind === "disk-full" ? "full disks" : "failed syncs"] += 1;
}

async function appendAll(
  ledger: Ledger,
  random: () => number,
  run: string,
  attempted: Set<string>,
  acknowledged: Set<string>,
): Promise<void> {
  for (let number = 0; number < APPENDS; number++) {
    const id = `${run}.${number}`;
    const pad = "x".repeat(random() < 0.05 ? 33_000 : Math.floor(random() * 900));
    attempted.add(id);
    await ledger.append([{ run, expected: number, facts: [{ id, pad }], head: headOf(run, number) }]);
    acknowledged.add(id);
  }
}

async function judge(disk: Disk, attempted: ReadonlySet<string>, acknowledged: ReadonlySet<string>): Promise<History> {
  const counts = new Map<string, number>();
  let misindexed = 0;
  try {
    await using ledger = await fileLedger(FOLDER, { disk, ...PIECES }).open({ access: "write" });
    const runs = new Map<string, Entry[]>();
    for await (const entry of ledger.changes({ after: 0 })) {
      for (const { id } of entry.facts) counts.set(String(id), (counts.get(String(id)) ?? 0) + 1);
      runs.set(entry.run, [...(runs.get(entry.run) ?? []), entry]);
    }
    misindexed = await countMisindexed(ledger, runs);
  } catch (error) {
    if (error instanceof LedgerError && error.code === "ledger_damaged")
      return { ...NOTHING_BAD, acknowledged: acknowledged.size, refusedAsDamaged: 1 };
    throw error;
  }
  return {
    acknowledged: acknowledged.size,
    lost: [...acknowledged].filter((id) => !counts.has(id)).length,
    doubled: [...counts.values()].filter((count) => count > 1).length,
    invented: [...counts.keys()].filter((id) => !attempted.has(id)).length,
    refusedAsDamaged: 0,
    faultsFound: (await verifyFolder(FOLDER, disk)).faults.length,
    misindexed,
  };
}

/** Compares what the index finds with what the whole log says. */
async function countMisindexed(ledger: Ledger, runs: ReadonlyMap<string, readonly Entry[]>): Promise<number> {
  let count = 0;
  for (const [run, entries] of runs) {
    const last = entries.at(-1);
    const isKnown = last !== undefined && ledger.head(run)?.version === last.first && isDeepStrictEqual(await ledger.read(run), entries);
    if (!isKnown) count += 1;
  }
  for (const key of ["even", "odd"]) {
    const wanted = [...runs].filter(([, entries]) => entries.at(-1)?.head?.keys.includes(key)).map(([run]) => run);
    if (
      !isDeepStrictEqual(
        ledger
          .find({ keys: [key] })
          .map(({ run }) => run)
          .sort(),
        wanted.sort(),
      )
    )
      count += 1;
  }
  return count;
}

/** Small enough that most lives begin segments and write tables. */
const PIECES = { segmentBytes: 6_000, indexBytes: 2_500, pause: async () => undefined };

function headOf(run: string, number: number): Head {
  return { open: number < APPENDS - 1, keys: [number % 2 === 0 ? "even" : "odd"], note: { run } };
}

const NOTHING_BAD = { lost: 0, doubled: 0, invented: 0, refusedAsDamaged: 0, faultsFound: 0, misindexed: 0 };

function randomFault(random: () => number): Fault {
  const atCall = 1 + Math.floor(random() * 100);
  const kinds = ["none", "death", "death", "sync-fails", "disk-full"] as const;
  const kind = kinds[Math.floor(random() * kinds.length)] ?? "none";
  return kind === "none" ? { kind } : { kind, atCall };
}
