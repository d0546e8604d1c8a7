// The negative control of R11: whoever looks first and appends then doubles under the same scheduler, so the gate can fail. The expected version is what prevents it.

import { fc, type RunDetails, type Scheduler } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { LedgerError, type Ledger } from "../../src/index.ts";
import { memoryLedger } from "../../src/testing.ts";
import { nextTurn } from "../host/open-host.ts";
import { figure } from "./figure.ts";
import { scheduledLedger } from "./scheduled-ledger.ts";
import { sample, SEED } from "./seed.ts";

const SCHEDULES = sample(300, 20_000);
const DELIVERERS = 3;
const RUN = "run_1";

/** Delivers once when its look finds nothing delivered; gives what it was told. */
type Deliver = (ledger: Ledger, id: string) => Promise<"delivered" | "too late">;

const append = async (ledger: Ledger, id: string, expected: number) => {
  await ledger.append([{ run: RUN, expected, facts: [{ type: "event.delivered", deliveryId: id }] }]);
  return "delivered" as const;
};

const isDecided = async (ledger: Ledger) =>
  (await ledger.read(RUN)).some(({ facts }) => facts.some(({ type }) => type === "event.delivered"));

/** Whatever version the run has by now is the one it expects, which is to expect none. */
const naive: Deliver = async (ledger, id) => {
  if (await isDecided(ledger)) return "too late";
  for (;;) {
    const expected = ledger.head(RUN)?.version ?? 0;
    try {
      return await append(ledger, id, expected);
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
    }
  }
};

/** Expects the version at which it looked, and looks again when that is no longer the one. */
const careful: Deliver = async (ledger, id) => {
  for (;;) {
    const expected = ledger.head(RUN)?.version ?? 0;
    if (await isDecided(ledger)) return "too late";
    try {
      return await append(ledger, id, expected);
    } catch (error) {
      if (!(error instanceof LedgerError && error.code === "version_conflict")) throw error;
    }
  }
};

/** The gate of R10: how many deliveries one await has taken, in the log and in what deliverers were told. */
async function race(scheduler: Scheduler, deliver: Deliver): Promise<readonly [recorded: number, told: number]> {
  const place = memoryLedger();
  const turn = (label: string) => scheduler.schedule(Promise.resolve(), label);
  const ledger = await scheduledLedger(place, turn).open({ access: "write" });
  const opened = ledger.append([{ run: RUN, expected: 0, facts: [{ type: "await.opened" }], head: { open: true, keys: [], note: {} } }]);
  await scheduler.waitFor(opened);
  const told = await scheduler.waitFor(Promise.all(Array.from({ length: DELIVERERS }, (_, number) => deliver(ledger, `d${number}`))));
  await using reader = await place.open({ access: "read" });
  const facts = (await reader.read(RUN)).flatMap((entry) => entry.facts);
  return [facts.filter(({ type }) => type === "event.delivered").length, told.filter((answer) => answer === "delivered").length];
}

function play(deliver: Deliver): Promise<RunDetails<unknown>> {
  const scheduler = fc.scheduler({ act: (step) => step().then(() => nextTurn()) });
  const once = fc.asyncProperty(scheduler, async (schedule) => {
    expect(await race(schedule, deliver)).toEqual([1, 1]);
  });
  return Promise.resolve(fc.check(once, { seed: SEED, numRuns: SCHEDULES, plugins: [fc.timeout(5_000)] }));
}

describe(`deliverers that race under a scheduler (KINDLING_SEED=${SEED})`, { timeout: 60_000 + SCHEDULES * 50 }, () => {
  it("double when they look and then append", async () => {
    const { failed, numRuns, errorInstance } = await play(naive);
    expect({ failed, error: String(errorInstance) }).toEqual({ failed: true, error: expect.stringContaining("to deeply equal [ 1, 1 ]") });
    figure("R11-control", { schedules: numRuns, doubled: 1 });
  });

  it("deliver once when they append at the version at which they looked", async () => {
    const { failed, numRuns, counterexample } = await play(careful);
    expect({ failed, numRuns, counterexample }).toEqual({ failed: false, numRuns: SCHEDULES, counterexample: null });
  });
});
