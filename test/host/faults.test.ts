// A disk that fails: nothing is acknowledged after the fault, everybody who waits is told, and reopening goes on.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, createRuntime, defineHistory, derive, fileLedger, type Kindling, type LedgerPlace, project } from "../../src/index.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { seededRandom } from "../ledger/seeded-random.ts";
import { SimulatedDisk, type Fault } from "../ledger/simulated-disk.ts";
import { factsOf } from "./ledgers.ts";
import { openKindling } from "./open-host.ts";

const FOLDER = "/ledger";

const waits = contract("waits", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define(g, { id }) {
    const go = g.await("go", { event: "go", schema: z.number(), show: { id } });
    return g.compute("double", { needs: { go }, run: ({ go }) => go * 2 });
  },
});

/** A ledger on a simulated disk, without the folder: nothing of it is on the real one. */
function simulated(disk: SimulatedDisk, fault: Fault): LedgerPlace {
  const place = fileLedger(FOLDER, { disk: disk.begin(fault), newId: () => "simulated" });
  return { location: place.location, open: (options) => place.open(options) };
}

describe("a host whose disk fails", () => {
  for (const kind of ["sync-fails", "disk-full"] as const) {
    it(`(${kind}) acknowledges nothing after the fault, keeps what it acknowledged, and goes on when it is opened again`, async () => {
      let faults = 0;
      for (let atCall = 20; atCall < 80; atCall += 3) {
        const disk = new SimulatedDisk({ random: seededRandom(atCall) });
        const acknowledged = await untilFault(simulated(disk, { kind, atCall }));
        if (acknowledged === undefined) continue;
        faults += 1;
        const place = simulated(disk, { kind: "none" });
        const kindling = await openKindling({ contracts: [waits], ledger: place });
        for (const [id, run] of acknowledged.started) {
          const view = await (await kindling.run(run)).settled({ signal: AbortSignal.timeout(20_000) });
          if (acknowledged.delivered.has(id)) expect(view, `${kind} at ${atCall}`).toMatchObject({ status: "succeeded", outputs: 42 });
          else if (view.status === "waiting") await kindling.deliver({ event: "go", run, payload: 21 });
          expect(await (await kindling.run(run)).result({ signal: AbortSignal.timeout(20_000) })).toBe(42);
        }
        const delivered = (await factsOf(place)).filter(({ type }) => type === "event.delivered");
        expect(new Set(delivered.map(({ run }) => run)).size).toBe(delivered.length);
        await kindling.close();
        expect((await verifyFolder(FOLDER, disk.begin())).faults).toEqual([]);
      }
      expect(faults).toBeGreaterThan(10);
    });
  }

  it("tells those who wait for a run, and refuses every further call with the reason", async () => {
    const disk = new SimulatedDisk({ random: seededRandom(1) });
    const kindling = await openKindling({ contracts: [waits], ledger: simulated(disk, { kind: "sync-fails", atCall: 60 }) });
    const results: Promise<string>[] = [];
    const codeOf = (error: unknown) => (error as { code?: string }).code ?? String(error);
    for (let index = 0; index < 100; index++) {
      const run = await kindling.start(waits, { id: `${index}` }).catch(() => undefined);
      if (run === undefined) break;
      results.push(run.result().then(() => "a result", codeOf));
    }
    expect(results.length).toBeGreaterThan(2);
    expect(new Set(await Promise.all(results))).toEqual(new Set(["ledger_stopped"]));
    await expect(kindling.start(waits, { id: "x" })).rejects.toMatchObject({ code: "ledger_stopped" });
    await expect(kindling.deliver({ event: "go", correlation: { id: "0" }, payload: 1 })).rejects.toMatchObject({ code: "ledger_stopped" });
    expect((await kindling.list()).items.length, "asking still works").toBeGreaterThan(0);
  });

  it("tells its figures, and how what is derived stands", async () => {
    const calls = defineHistory("calls", { schema: z.number() });
    const sum = derive("sum", {
      schema: z.number(),
      from: calls,
      key: () => "all",
      reduce: { initial: 0, add: (sum, call) => sum + call },
    });
    const disk = new SimulatedDisk({ random: seededRandom(1) });
    const ledger = simulated(disk, { kind: "disk-full", atCall: 60 });
    const kindling = await openKindling({ contracts: [waits], stores: [calls, sum], ledger });
    const run = await kindling.start(waits, { id: "a" });
    for (let isRefused = false; !isRefused; )
      await kindling
        .history(calls)
        .append(7)
        .catch(() => (isRefused = true));
    const answered = kindling.deliver({ event: "go", run: run.id, payload: 1 });
    await expect(answered, "with which the host stops").rejects.toMatchObject({ code: "ledger_stopped" });
    expect(await kindling.derivations.status()).toMatchObject([{ name: "sum", failed: 0 }]);
    expect(await kindling.stats()).toMatchObject({ derivations: [{ name: "sum" }], stores: [{ name: "calls" }, { name: "sum" }] });
    await expect(kindling.derivations.retry()).rejects.toMatchObject({ code: "ledger_stopped" });
  });

  it("makes a projection of everything that is there, though its state can be kept no more", async () => {
    const calls = defineHistory("calls", { schema: z.number() });
    const count = project("count", { from: { calls }, schema: z.number(), initial: 0, fold: { calls: (sum) => sum + 1 } });
    const disk = new SimulatedDisk({ random: seededRandom(1) });
    const kindling = await openKindling({ contracts: [], ledger: simulated(disk, { kind: "disk-full", atCall: 60 }) });
    let recorded = 0;
    const batch = Array.from({ length: 500 }, () => calls.append(7));
    for (let isRefused = false; !isRefused; )
      await kindling.record(batch).then(
        () => (recorded += batch.length),
        () => (isRefused = true),
      );
    expect(recorded).toBeGreaterThan(1_000);
    expect((await kindling.projection(count).get()).state).toBe(recorded);
    await expect(kindling.projection(count).rebuild(), "which is to be kept").rejects.toMatchObject({ code: "ledger_stopped" });
  });
});

interface Acknowledged {
  readonly started: ReadonlyMap<string, string>;
  readonly delivered: ReadonlySet<string>;
}

/** Starts and answers runs until the disk fails; undefined when it failed before there was a host, or not at all. */
async function untilFault(ledger: LedgerPlace): Promise<Acknowledged | undefined> {
  let kindling: Kindling;
  try {
    kindling = await createRuntime({ contracts: [waits], ledger });
  } catch {
    return undefined;
  }
  const started = new Map<string, string>();
  const delivered = new Set<string>();
  let hasFailed = false;
  const client = async (name: string) => {
    for (let round = 0; round < 8; round++) {
      const id = `${name}${round}`;
      const run = await kindling.start(waits, { id });
      expect(hasFailed, "a start was acknowledged after the fault").toBe(false);
      started.set(id, run.id);
      const delivery = await kindling.deliver({ event: "go", correlation: { id }, payload: 21 });
      expect(hasFailed, "a delivery was acknowledged after the fault").toBe(false);
      if (delivery.status === "delivered") delivered.add(id);
    }
  };
  const outcomes = await Promise.allSettled(
    ["a", "b", "c"].map((name) =>
      client(name).catch((error: unknown) => {
        hasFailed = true;
        throw error;
      }),
    ),
  );
  await kindling.close().catch(() => undefined);
  return outcomes.some(({ status }) => status === "rejected") ? { started, delivered } : undefined;
}
