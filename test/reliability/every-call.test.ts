// R4: each thing that a ledger does in several steps is cut short at every single write, sync and removal of it, by death, a power cut, a failing device or a full disk.

import { beforeEach, describe, expect, test, vi } from "vitest";
import { LedgerError } from "../../src/errors.ts";
import { seededRandom } from "../ledger/seeded-random.ts";
import { type Fault, SimulatedDisk } from "../ledger/simulated-disk.ts";
import { figure } from "./figure.ts";
import { COMPACTING } from "./format/compaction-operations.ts";
import { KEY, KEY_VARIABLE } from "./format/sample-folder.ts";
import { type Operation, OPERATIONS, type Told } from "./format/operations.ts";

const KINDS = ["death", "sync-fails", "disk-full"] as const;

/** More calls than any operation makes. */
const CALLS_LIMIT = 1_000;

/** More than half of those that the compaction of a small ledger makes. */
const CALLS_OF_A_COMPACTION = 40;

beforeEach(() => void vi.stubEnv(KEY_VARIABLE, KEY));

describe("whatever is cut short", () => {
  test.for([...OPERATIONS, ...COMPACTING].map((operation) => ({ name: operation.name, operation })))(
    "$name: the next process finds all that was acknowledged, once, and goes on",
    { timeout: 300_000 },
    async ({ name, operation }) => {
      const bad: string[] = [];
      let outcomes = 0;
      let calls = 0;
      for (const kind of KINDS) {
        for (const isPowerCut of [false, true]) {
          for (let atCall = 1; ; atCall++) {
            expect(atCall).toBeLessThan(CALLS_LIMIT);
            const { wrong, wasCutShort } = await play(operation, { kind, atCall }, isPowerCut);
            outcomes += 1;
            bad.push(...wrong.map((what) => `${kind} at call ${atCall}${isPowerCut ? " and a power cut" : ""}: ${what}`));
            if (!wasCutShort) break;
            calls = Math.max(calls, atCall);
          }
        }
      }
      figure(`R4 ${name}:`, { calls, outcomes, bad: bad.length });
      expect(bad.slice(0, 20)).toEqual([]);
      expect(calls).toBeGreaterThan(1);
    },
  );

  test("does lose commits when a disk forgets in a power cut which files a compaction made and removed (so the test above can fail)", async () => {
    const [compact] = COMPACTING;
    const bad: string[] = [];
    for (let atCall = 1; atCall <= CALLS_OF_A_COMPACTION; atCall++)
      if (compact !== undefined) bad.push(...(await play(compact, { kind: "death", atCall }, true, (disk) => disk.forgetNames())).wrong);
    expect(bad).not.toEqual([]);
  });
});

/** Prepares, lets one thing go wrong, and asks the next process. */
async function play(
  operation: Operation,
  fault: Fault,
  isPowerCut: boolean,
  change: (disk: SimulatedDisk) => void = () => undefined,
): Promise<{ readonly wrong: readonly string[]; readonly wasCutShort: boolean }> {
  const disk = new SimulatedDisk({ random: seededRandom("atCall" in fault ? fault.atCall : 0) });
  const told: Told = { begun: new Set(), done: new Set() };
  await operation.prepare(disk.begin(), told);
  disk.kill();
  change(disk);
  const life = disk.begin(fault);
  const outcome = await Promise.race([disk.death.then(() => "died"), operation.act(life, told).then(() => "done", failure)]);
  if (isPowerCut) disk.cutPower();
  else disk.kill();
  const wrong = await operation.judge(disk.begin(), told).catch((error: unknown) => [`the next process: ${String(error)}`]);
  // A failure that is nobody's is one of the code.
  return { wrong: outcome.startsWith("uncaught") ? [outcome, ...wrong] : wrong, wasCutShort: outcome !== "done" };
}

function failure(error: unknown): string {
  if (!(error instanceof LedgerError)) return `uncaught ${String(error)}`;
  return error.code === "ledger_damaged" ? `uncaught ${error.message}` : error.code;
}
