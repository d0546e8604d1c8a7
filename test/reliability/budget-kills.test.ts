// A run under a budget, killed with kill -9 at random moments and brought back: whatever its calls cost that were cut off, it never spends more than it may.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { createRuntime, fileLedger, verifyFolder } from "../../src/index.ts";
import { seededRandom } from "../ledger/seeded-random.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { CALLS_FILE, CAP_USD, PRICES, spender } from "./budget-process.ts";
import { figure } from "./figure.ts";
import { sample, SEED } from "./seed.ts";

/** Runs, each killed so often. */
const RUNS = sample(1, 25);
const KILLS = 4;
const PROCESS = fileURLToPath(new URL("budget-process.ts", import.meta.url));
/** From the first call on, a run takes about that long. */
const WORK_MS = 60;

const random = seededRandom(SEED);

it.for(Array.from({ length: RUNS }, (_, run) => run))(
  `run %i of ${RUNS}: ${KILLS} kills make it spend no more than it may (seed ${SEED})`,
  { timeout: 120_000 },
  async () => {
    const folder = await temporaryFolder();
    let kills = 0;
    while (kills < KILLS && (await workAndDie(folder, random() * WORK_MS))) kills += 1;
    expect(await workAndDie(folder, undefined)).toBe(false);

    expect((await verifyFolder(join(folder, "ledger"))).faults).toEqual([]);
    await using reader = await createRuntime({
      contracts: [spender],
      ledger: fileLedger(join(folder, "ledger")),
      access: "read",
      prices: PRICES,
    });
    const { items } = await reader.list();
    expect(items).toHaveLength(1);
    const view = await reader.get(items[0]?.id ?? "");
    const { made, replied } = await callsIn(folder);
    const [budget] = view?.budgets ?? [];
    expect(view?.status).toBe("succeeded");
    // A reply cost half a dollar; a call that was cut off may have cost a dollar.
    const cost = replied * 0.5 + (made - replied);
    expect(cost).toBeLessThanOrEqual(CAP_USD);
    expect((budget?.spent.usd ?? 0) + (budget?.reserved.usd ?? 0)).toBeLessThanOrEqual(CAP_USD);
    expect((budget?.spent.usd ?? 0) + (budget?.reserved.usd ?? 0), "nothing that was paid is forgotten").toBeGreaterThanOrEqual(
      cost - 1e-9,
    );
    figure("budget", { kills, "calls made": made, "replies given": replied, "replies kept": view?.spending.calls ?? 0 });
  },
);

/** True when it was killed before it came to its end. Without a moment nobody kills it. */
async function workAndDie(folder: string, afterMs: number | undefined): Promise<boolean> {
  const child = spawn(process.execPath, ["--conditions=kindling-source", PROCESS, folder], { stdio: ["ignore", "inherit", "inherit"] });
  const ended = once(child, "exit");
  if (afterMs !== undefined) {
    // It is killed at its calls, not while its modules are loaded.
    const before = (await callsIn(folder)).made;
    while (child.exitCode === null && (await callsIn(folder)).made === before) await new Promise((done) => setTimeout(done, 2));
    setTimeout(() => child.kill("SIGKILL"), afterMs);
  }
  await ended;
  return child.signalCode === "SIGKILL";
}

/** What the provider noted in all processes so far. */
async function callsIn(folder: string): Promise<{ readonly made: number; readonly replied: number }> {
  const lines = (await readFile(join(folder, CALLS_FILE), "utf8").catch(() => "")).split("\n");
  return { made: lines.filter((line) => line === "call").length, replied: lines.filter((line) => line === "reply").length };
}
