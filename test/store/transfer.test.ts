// One ledger follows another: a model under random writes, pieces, repeats and crashes, and what was given up there.

import { join } from "node:path";
import { createRuntime, defineStore, derive, type ExportStart, fileLedger, type Kindling, memoryLedger } from "kindling";
import { manualClock } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Disk } from "../../src/ledger/disk.ts";
import { fileLedger as smallFileLedger } from "../../src/ledger/file.ts";
import { FactWriter } from "../../src/store/fact-writer.ts";
import { takeFacts } from "../../src/store/import-facts.ts";
import { SimulatedDisk } from "../ledger/simulated-disk.ts";
import { seededRandom } from "../ledger/seeded-random.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { all, calls, code, notes, open } from "./transferred.ts";

/** What a reader of the ledger can see of its facts, without where they stand in it. */
async function told(kindling: Kindling, names = ["notes", "calls"]): Promise<unknown> {
  const found: unknown[] = [];
  for (const each of await kindling.storeNames()) {
    if (!names.includes(each.name)) continue;
    const recorded = kindling.recordedStore(each);
    const { items } = await recorded.keys({ limit: 1_000 });
    for (const { key } of items) {
      const { items: facts } = await recorded.history(key, { limit: 1_000 });
      found.push([each.name, key, facts.map(({ position: _p, time: _t, origin: _o, ...fact }) => fact)]);
    }
  }
  const by = await Promise.all(
    ["ada", "bob"].map(async (who) => (await kindling.store(notes).query("by", who)).items.map(({ id }) => id).sort()),
  );
  return { found: found.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)), by: names.includes("notes") ? by : [] };
}

describe("a ledger that follows another", () => {
  it.each([1, 2, 3, 4])("holds the same facts, found in the same ways, whatever the parts it took (seed %i)", async (seed) => {
    const random = seededRandom(seed);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    await using source = await open();
    await using follower = await open();
    const ids: string[] = [];
    for (let round = 0; round < 12; round++) {
      for (let write = 0; write < 10; write++) {
        const causedBy = ids.length > 0 && random() < 0.5 ? [pick(ids)] : [];
        const said = { causedBy, ...(random() < 0.3 ? { validFrom: Math.floor(random() * 1e12) } : {}) };
        const key = `n${Math.floor(random() * 4)}`;
        const kind = random();
        const text = random() < 0.1 ? "long ".repeat(10_000) : `text ${write}`;
        const fact =
          kind < 0.6
            ? await source.store(notes).write(key, { text, by: pick(["ada", "bob"]) }, said)
            : kind < 0.7
              ? await source.store(notes).remove(key, said)
              : await source.history(calls).append({ who: pick(["ada", "bob"]) }, said);
        ids.push(fact.id);
      }
      const [taken] = await follower.factImports();
      const again = random() < 0.3 ? undefined : taken?.next;
      const records = await all(source.exportFacts(again === undefined ? {} : { after: again }));
      // A connection that breaks, or a process that dies: what came before is there, and the rest is asked for again.
      const cut = random() < 0.5 ? 1 + Math.floor(random() * records.length) : records.length;
      const report = await follower.importFacts(records.slice(0, cut));
      expect(report.isWhole).toBe(cut === records.length);
      expect(report.recorded + report.known).toBe(Math.min(cut, records.length - 1) - 1);
    }
    await follower.importFacts(source.exportFacts({ after: (await follower.factImports())[0]?.next ?? 0 }));
    expect(await told(follower)).toEqual(await told(source));
    const twice = await follower.importFacts(source.exportFacts());
    expect(twice).toMatchObject({ recorded: 0, known: ids.length, isWhole: true });
    const [last = ""] = ids.slice(-1);
    expect((await follower.lineage(last)).proof).toBe((await source.lineage(last)).proof);
    for (const each of [source, follower]) expect(await each.verify()).toMatchObject({ ok: true });
  });

  it("keeps where a fact comes from, and since when it holds, also over a third ledger", async () => {
    await using first = await createRuntime({
      contracts: [],
      ledger: memoryLedger(),
      clock: manualClock(1_000),
    });
    await using second = await open();
    await using third = await open();
    const { id, position } = await first.store(notes).write("n", { text: "x", by: "ada" });
    await second.importFacts(first.exportFacts());
    await third.importFacts(second.exportFacts());
    const [imported] = await second.factImports();
    const fact = await third.store(notes).get("n");
    expect(fact).toMatchObject({ id, validFrom: 1_000, origin: { ledger: imported?.ledger, position, time: 1_000 } });
    expect(fact?.time).toBeGreaterThan(1_000);
    expect(await first.store(notes).get("n")).not.toHaveProperty("origin");
  });

  it("takes some stores alone, and each selection goes on where it was", async () => {
    await using source = await open();
    await using follower = await open();
    const call = await source.history(calls).append({ who: "ada" });
    await source.store(notes).write("n", { text: "x", by: "ada" }, { causedBy: [call.id] });
    const { next } = await follower.importFacts(source.exportFacts({ stores: ["notes"] }));
    expect(await follower.storeNames()).toEqual([{ kind: "store", name: "notes" }]);
    expect(await code(follower.importFacts(source.exportFacts({ after: next })))).toMatchObject({ code: "facts_missing" });
    await follower.importFacts(source.exportFacts());
    expect(await told(follower)).toEqual(await told(source));
    expect((await follower.factImports()).map((each) => each.stores)).toEqual([["notes"], null]);
  });

  it("tells beforehand what would become of an export, and writes nothing", async () => {
    await using source = await open();
    await using follower = await open();
    for (const text of ["x", "y"]) await source.store(notes).write("n", { text, by: "ada" });
    expect(await follower.importFacts(source.exportFacts(), { dryRun: true })).toMatchObject({ recorded: 2, known: 0, dryRun: true });
    expect(await follower.storeNames()).toEqual([]);
    await follower.store(notes).write("n", { text: "z", by: "bob" });
    expect(await code(follower.importFacts(source.exportFacts(), { dryRun: true }))).toMatchObject({ code: "facts_diverged" });
  });

  it("passes over what it derives itself, and derives it from what it took", async () => {
    const perCaller = derive("per-caller", {
      from: calls,
      key: ({ who }) => who,
      schema: z.number(),
      reduce: { initial: 0, add: (sum) => sum + 1 },
    });
    const deriving = () => createRuntime({ contracts: [], stores: [calls, perCaller], ledger: memoryLedger() });
    await using source = await deriving();
    await using follower = await deriving();
    await using plain = await open();
    for (const who of ["ada", "bob", "ada"]) await source.history(calls).append({ who });
    await source.derivations.settle();
    expect(await follower.importFacts(source.exportFacts())).toMatchObject({ recorded: 3, derived: expect.any(Number) });
    await follower.derivations.settle();
    expect((await follower.store(perCaller).get("ada"))?.value).toBe(2);
    const { derived } = await follower.importFacts(source.exportFacts());
    expect(derived).toBeGreaterThan(0);
    // Who does not derive them has them as facts like others.
    expect(await plain.importFacts(source.exportFacts())).toMatchObject({ derived: 0 });
    expect((await plain.recordedStore({ kind: "store", name: "per-caller" }).get("ada"))?.value).toBe(2);
  });

  it("takes parts through the process that writes", async () => {
    const folder = await temporaryFolder();
    await using source = await open();
    for (let number = 0; number < 30; number++) await source.store(notes).write(`n${number}`, { text: "x".repeat(9_000), by: "ada" });
    await using writer = await createRuntime({ contracts: [], ledger: fileLedger(join(folder, "ledger")) });
    await using other = await createRuntime({ contracts: [], ledger: fileLedger(join(folder, "ledger")), access: "shared" });
    expect(await other.importFacts(source.exportFacts())).toMatchObject({ recorded: 30, isWhole: true });
    expect((await writer.recordedStore({ kind: "store", name: "notes" }).size()).facts).toBe(30);
  });
});

describe("what was given up where facts come from", () => {
  const kept = defineStore("notes", { schema: z.object({ text: z.string(), by: z.string() }), retention: { last: 2 } });

  it("arrives as what is left of it", async () => {
    await using source = await createRuntime({ contracts: [], stores: [kept], ledger: memoryLedger() });
    await using follower = await open();
    const store = source.store(kept);
    const facts = [];
    for (const text of ["a", "b", "c", "d", "e"]) facts.push(await store.write("n", { text, by: "ada" }));
    await source.compactFacts();
    expect(await follower.importFacts(source.exportFacts())).toMatchObject({ isWhole: true });
    expect((await follower.store(notes).get("n"))?.value).toEqual({ text: "e", by: "ada" });
    expect((await follower.store(notes).history("n")).items.map(({ number }) => number)).toEqual([4, 5]);
    await store.write("n", { text: "f", by: "ada" });
    const { next } = (await follower.factImports())[0] ?? { next: 0 };
    expect(await follower.importFacts(source.exportFacts({ after: next }))).toMatchObject({ recorded: 1 });
    await source.purgeFacts();
    expect(await follower.importFacts(source.exportFacts())).toMatchObject({ recorded: 0 });
    await using late = await open();
    await late.importFacts(source.exportFacts());
    expect((await late.store(notes).get("n"))?.value).toEqual({ text: "f", by: "ada" });
    expect((await late.store(notes).get("n"))?.number).toBe(6);
    expect(await late.verify()).toMatchObject({ ok: true });
  });
});

describe("a log whose beginning was taken off the disk", () => {
  it("is exported whole, key by key and then in its order, and a place from before it is too old", async () => {
    const history = defineStore("states", { schema: z.string(), retention: { last: 1 } });
    const place = smallFileLedger(join(await temporaryFolder(), "ledger"), { segmentBytes: 2_000 });
    await using source = await createRuntime({ contracts: [], stores: [history], ledger: place });
    await source.store(notes).write("kept", { text: "first", by: "ada" });
    for (let number = 0; number < 30; number++) await source.store(history).write("n", `state ${number}`.repeat(10));
    await source.store(notes).write("kept", { text: "last", by: "bob" });
    await source.compactFacts();
    const report = await source.purgeFacts();
    expect(report.ledger?.removed.commits).toBeGreaterThan(0);
    await using follower = await open();
    await follower.importFacts(source.exportFacts());
    expect(await told(follower, ["notes"])).toEqual(await told(source, ["notes"]));
    expect((await follower.store(history).get("n"))?.number).toBe(30);
    expect(await follower.importFacts(source.exportFacts())).toMatchObject({ recorded: 0 });
    expect(await all(source.exportFacts({ after: 0 }))).toEqual(await all(source.exportFacts()));
    await expect(all(source.exportFacts({ after: 1 }))).rejects.toMatchObject({
      code: "cursor_too_old",
      fix: expect.stringContaining("Export all of it"),
    });
  });
});

it.each([false, true])("a disk that dies while facts are taken loses none, whenever it dies (power cut: %o)", async (isPowerCut) => {
  await using source = await open();
  for (let number = 0; number < 6; number++) await source.store(notes).write(`n${number % 2}`, { text: `${number}`, by: "ada" });
  const [start, ...records] = await all(source.exportFacts());
  const facts = records.flatMap((record) => ("fact" in record ? [record] : []));
  const from = start as ExportStart;
  const place = (disk: Disk) => smallFileLedger("/ledger", { disk, newId: () => "simulated", segmentBytes: 6_000 });
  let deaths = 0;
  for (let atCall = 1; atCall <= 60; atCall++) {
    const simulated = new SimulatedDisk({ random: seededRandom(atCall), shortWrites: 0.2 });
    const follow = async (disk: Disk): Promise<readonly string[]> => {
      await using ledger = await place(disk).open({ access: "write", now: () => 0 });
      const writer = new FactWriter(ledger);
      for (const fact of facts) await takeFacts(ledger, writer, { from, facts: [fact], next: fact.cursor ?? null });
      return ledger.find({ keys: ["store:notes"] }).map(({ run, version }) => `${run} ${version}`);
    };
    const disk = simulated.begin({ kind: "death", atCall });
    const ended = await Promise.race([
      simulated.death.then(() => "died"),
      follow(disk).then(
        () => "done",
        () => "stopped",
      ),
    ]);
    if (ended !== "done") deaths += 1;
    if (isPowerCut) simulated.cutPower();
    else simulated.kill();
    expect(await follow(simulated.begin()), `death at call ${atCall}`).toEqual(["store:notes:n0 3", "store:notes:n1 3"]);
  }
  expect(deaths).toBeGreaterThan(10);
});
