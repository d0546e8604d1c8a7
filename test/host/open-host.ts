// Opens runtimes and bare hosts for tests, and closes them afterwards. Ledgers in files are verified after every test.

import { expect, onTestFinished } from "vitest";
import type { Kindling, ModelProvider, RuntimeOptions } from "../../src/index.ts";
import { createRuntime, fileLedger, memoryLedger, planOf, verifyFolder, type AnyContract } from "../../src/index.ts";
import { EmbeddedHost } from "../../src/host/embedded.ts";
import { LiveBoard } from "../../src/host/live/live-board.ts";
import { Limits } from "../../src/host/limits.ts";
import { systemChance, systemClock } from "../../src/host/clock.ts";
import { modelAccess } from "../../src/host/models.ts";
import { Plans } from "../../src/host/plans.ts";
import { NO_PRICES } from "../../src/model/price.ts";
import type { LedgerPlace } from "../../src/ledger/ledger.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

/** A runtime that is closed when the test is over; over a ledger in memory unless told otherwise. */
export async function openKindling(options: Omit<RuntimeOptions, "ledger"> & { readonly ledger?: LedgerPlace }): Promise<Kindling> {
  const kindling = await createRuntime({ ledger: memoryLedger(), ...options });
  onTestFinished(() => kindling.close());
  return kindling;
}

/** A ledger in a folder of its own, verified when the test is over. */
export async function temporaryLedger(): Promise<LedgerPlace> {
  const folder = `${await temporaryFolder()}/ledger`;
  onTestFinished(async () => expect((await verifyFolder(folder)).faults).toEqual([]));
  return fileLedger(folder);
}

/** The embedded host without the client around it: for looking at what it keeps in memory. */
export async function openBareHost(
  contracts: readonly AnyContract[],
  place: LedgerPlace = memoryLedger(),
  models: readonly ModelProvider[] = [],
): Promise<EmbeddedHost> {
  for (const contract of contracts) planOf(contract.graph);
  const host = new EmbeddedHost({
    ledger: await place.open({ access: "write" }),
    plans: new Plans(contracts),
    clock: systemClock,
    chance: systemChance,
    limits: new Limits(systemClock),
    models: modelAccess({ models, model: undefined, prices: NO_PRICES }, systemClock),
    fetch: globalThis.fetch,
    live: new LiveBoard(),
    onLog: () => {},
  });
  onTestFinished(() => host.close());
  await host.recover();
  return host;
}

/** Waits until something holds; fails after twenty seconds. */
export async function until(holds: () => boolean | Promise<boolean>, what = "what the test waits for"): Promise<void> {
  for (const end = performance.now() + 20_000; !(await holds()); await nextTurn()) {
    if (performance.now() > end) throw new Error(`${what} did not come`);
  }
}

/** Lets everything run that is due now. */
export async function nextTurn(turns = 1): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A text with this in it, as an expected member. */
export function containing(text: string): unknown {
  return expect.stringContaining(text);
}
