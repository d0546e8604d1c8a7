// Which snapshot a run is read from, and when its facts are read instead.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { planOf } from "../../src/compile/plan.ts";
import { findRun, snapshotOf } from "../../src/host/found-run.ts";
import { SNAPSHOT_FACTS } from "../../src/host/snapshot.ts";
import { contract } from "../../src/index.ts";
import type { Ledger, LedgerPlace, Snapshot } from "../../src/ledger/ledger.ts";
import { memoryLedger } from "../../src/testing.ts";
import { ledgerWith, logOf } from "./ledgers.ts";
import { openKindling } from "./open-host.ts";

const asks = (version: string) =>
  contract("asks", {
    version,
    inputs: { n: z.number() },
    define(g, { n }) {
      // Long enough that it has a snapshot.
      const long = Array.from({ length: SNAPSHOT_FACTS }, (_, index) => `step${index}`).reduce(
        (last, name) => g.map(name, last, (n) => n + 1),
        n,
      );
      const twice = g.map("twice", long, (n) => 2 * n);
      return g.await("answer", { event: "answered", schema: z.number(), show: { twice }, timeout: version === "1" ? "1d" : "2d" });
    },
  });
const plan = planOf(asks("1").graph);

/** A run that waits, and a snapshot of all its facts. */
async function waitingRun(): Promise<{ readonly place: LedgerPlace; readonly id: string; readonly snapshot: Snapshot }> {
  const place = memoryLedger();
  const kindling = await openKindling({ contracts: [asks("1")], ledger: place });
  const run = await kindling.start("asks", { n: 1 });
  await run.settled();
  await kindling.close();
  await using ledger = await place.open({ access: "read" });
  const found = await findRun(ledger, run.id, plan);
  const snapshot = snapshotOf(found, found.fold());
  if (snapshot === undefined) throw new Error("no snapshot");
  return { place, id: run.id, snapshot };
}

/** How many facts of a run are taken from a snapshot. */
async function keptWith(ledger: Ledger, id: string, snapshot: Snapshot, of = plan): Promise<number> {
  await ledger.snapshots.put(id, snapshot);
  return (await findRun(ledger, id, of)).kept;
}

describe("a run", () => {
  it("is read from its snapshot", async () => {
    const { place, id, snapshot } = await waitingRun();
    await using ledger = await place.open({ access: "write" });
    expect(await keptWith(ledger, id, snapshot)).toBe(snapshot.version);
  });

  it("is read from its facts where the snapshot is damaged, of another run, or says another version than it holds", async () => {
    const { place, id, snapshot } = await waitingRun();
    await using ledger = await place.open({ access: "write" });
    const bytes = Uint8Array.from(snapshot.bytes, (byte, index) => (index === 100 ? byte ^ 1 : byte));
    expect(await keptWith(ledger, id, { ...snapshot, bytes })).toBe(0);
    expect(await keptWith(ledger, id, { ...snapshot, version: snapshot.version - 1 })).toBe(0);
    expect(await keptWith(ledger, id, (await waitingRun()).snapshot)).toBe(0);
  });

  it("is read from its facts where they end before the snapshot does", async () => {
    const { place, id, snapshot } = await waitingRun();
    const log = await logOf(place);
    await using cut = await (await ledgerWith({ ...log, entries: log.entries.slice(0, -1) })).open({ access: "write" });
    expect(cut.head(id)?.version).toBeLessThan(snapshot.version);
    expect(await keptWith(cut, id, snapshot)).toBe(0);
  });

  it("of a contract that has changed is read from its facts, and has no snapshot until it has gone on with what there is now", async () => {
    const { place, id, snapshot } = await waitingRun();
    const other = planOf(asks("2").graph);
    await using ledger = await place.open({ access: "write" });
    expect(await keptWith(ledger, id, snapshot, other)).toBe(0);
    const found = await findRun(ledger, id, other);
    expect([found.isSame, found.changed]).toEqual([false, ["answer"]]);
    expect(snapshotOf(found, found.fold())).toBeUndefined();
  });
});
