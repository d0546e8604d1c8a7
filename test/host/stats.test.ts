// Figures of a ledger are what lies on the disk and stands in the heads, and alerts are fired by what is measured.

import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type AlertThresholds,
  ALERT_NAMES,
  createRuntime,
  defineStore,
  derive,
  InputError,
  type Kindling,
  memoryLedger,
  project,
} from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { fileLedger } from "../../src/ledger/file.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const notes = defineStore("notes", { schema: z.string() });
const lengths = derive("lengths", {
  from: notes,
  key: (_value, { key }) => key,
  schema: z.number(),
  compute: ([note]) => {
    if (note?.value === "bad") throw new Error("no length");
    return note?.value.length;
  },
});

/** What lies below a folder, in bytes. */
async function bytesBelow(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((each) => each.isFile());
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function alertNames(kindling: Kindling, thresholds: AlertThresholds): Promise<readonly string[]> {
  return (await kindling.stats({ thresholds })).alerts.map(({ name, subject }) => (subject === null ? name : `${name} ${subject}`));
}

describe("the figures of a ledger", () => {
  it("are what lies in its folder, key by key and consumer by consumer", async () => {
    const folder = join(await temporaryFolder(), "ledger");
    await using kindling = await createRuntime({
      contracts: [],
      stores: [notes, lengths],
      ledger: fileLedger(folder, { segmentBytes: 4_000 }),
    });
    for (let number = 0; number < 40; number++) await kindling.store(notes).write(`n${number % 10}`, `note ${number} `.repeat(20));
    await kindling.store(notes).write("large", "x".repeat(60_000));
    await kindling.store(notes).remove("n0");
    const feed = kindling.factChanges({ stores: ["notes"], cursor: "mail" });
    for await (const _ of feed) break;
    await feed.commit();
    await kindling.derivations.settle();
    await writeFile(join(folder, "ballast"), "room ".repeat(1_000));
    const { storage, stores, cursors, derivations, ledger, alerts } = await kindling.stats();
    expect(stores).toMatchObject([
      { kind: "store", name: "notes", keys: 11, present: 10, facts: 42, isWhole: true },
      { name: "lengths", present: 10 },
    ]);
    expect(cursors).toEqual([{ cursor: "mail", position: feed.position, behind: ledger.position - feed.position, isTooOld: false }]);
    expect(derivations).toMatchObject([{ name: "lengths", behind: 0, failed: 0 }]);
    // A seal may be written meanwhile.
    expect(storage?.log.bytes).toBeLessThanOrEqual(await bytesBelow(join(folder, "segments")));
    expect(storage?.log.bytes).toBeGreaterThan(10_000);
    expect(storage?.blobs.files).toBe(
      (await readdir(join(folder, "blobs"), { recursive: true, withFileTypes: true })).filter((each) => each.isFile()).length,
    );
    expect(storage?.blobs.bytes).toBeGreaterThan(60_000);
    expect(storage?.log.files).toBeGreaterThan(3);
    expect(storage?.other).toEqual({ files: 2, bytes: 5_000 + (await bytesBelow(join(folder, "cursors"))), isWhole: true });
    // Besides these there are some small files that say what the ledger is.
    const all = await bytesBelow(folder);
    expect(storage?.bytes).toBeGreaterThan(all - 5_000);
    expect(storage?.disk?.free).toBeGreaterThan(0);
    // What a segment says behind its end may still wait for its seal.
    expect((storage?.lastSeal?.position ?? 0) + (storage?.unsealed ?? 0)).toBeGreaterThan(0);
    expect(alerts.filter(({ name }) => name !== "diskFreeBytes")).toEqual([]);
  });

  it("of a ledger in memory leave out what there is only on disks", async () => {
    await using kindling = await createRuntime({ contracts: [], ledger: memoryLedger() });
    expect(await kindling.stats({ thresholds: { ledgerBytes: 0, diskFreeBytes: 1e15 } })).toMatchObject({
      storage: null,
      stores: [],
      cursors: [],
      alerts: [],
    });
  });

  it("tell up to where the state of a projection is kept", async () => {
    await using kindling = await createRuntime({ contracts: [], ledger: memoryLedger() });
    const count = project("count", { schema: z.number(), initial: 0, from: { notes }, fold: { notes: (state) => state + 1 } });
    await kindling.store(notes).write("n", "one");
    expect((await kindling.stats()).projections).toEqual([]);
    const { upTo } = await kindling.projection(count).rebuild();
    await kindling.store(notes).write("n", "two");
    const { projections, ledger } = await kindling.stats();
    expect(projections).toEqual([{ name: "count", version: 1, since: 1, upTo, behind: ledger.position - upTo, isTooOld: false }]);
  });

  it("name a consumer whose place was taken off the disk", async () => {
    const short = defineStore("short", { schema: z.string(), retention: { last: 1 } });
    const place = fileLedger(join(await temporaryFolder(), "ledger"), { segmentBytes: 2_000 });
    await using kindling = await createRuntime({ contracts: [], stores: [short], ledger: place });
    for (let number = 0; number < 30; number++) await kindling.store(short).write("n", `note ${number} `.repeat(10));
    const feed = kindling.factChanges({ cursor: "late" });
    for await (const _ of feed) break;
    await feed.commit();
    await kindling.compactFacts();
    await kindling.purgeFacts({ overCursors: true });
    const { cursors, ledger } = await kindling.stats();
    expect(ledger.oldest).toBeGreaterThan(1);
    expect(cursors).toMatchObject([{ cursor: "late", isTooOld: true }]);
  });
});

describe("alerts", () => {
  it("are fired by what is measured: each of them, and none below its threshold", async () => {
    const folder = join(await temporaryFolder(), "ledger");
    await using kindling = await createRuntime({ contracts: [], stores: [notes, lengths], ledger: fileLedger(folder) });
    for (const value of ["a", "bad", "c"]) await kindling.store(notes).write(value, value);
    const feed = kindling.factChanges({ stores: ["notes"], cursor: "mail" });
    for await (const _ of feed) break;
    await feed.commit();
    await kindling.derivations.settle();
    const { storage, cursors } = await kindling.stats();
    const lag = cursors[0]?.behind ?? 0;
    // What failed is told without being asked for.
    expect(await alertNames(kindling, { diskFreeBytes: 0 })).toEqual(["failedDerivations lengths"]);
    const off = { diskFreeBytes: 0, failedDerivations: 1 };
    expect(await alertNames(kindling, off)).toEqual([]);
    expect(await alertNames(kindling, { ...off, ledgerBytes: (storage?.bytes ?? 0) - 1 })).toEqual(["ledgerBytes"]);
    expect(await alertNames(kindling, { ...off, ledgerBytes: (storage?.bytes ?? 0) * 2 })).toEqual([]);
    expect(await alertNames(kindling, { ...off, cursorLag: lag - 1 })).toEqual(["cursorLag mail"]);
    expect(await alertNames(kindling, { ...off, cursorLag: lag })).toEqual([]);
    expect(await alertNames(kindling, { ...off, diskFreeBytes: (storage?.disk?.free ?? 0) * 2 })).toEqual(["diskFreeBytes"]);
  });

  it("measure every name there is", () => {
    expect(ALERT_NAMES).toEqual([
      "ledgerBytes",
      "diskFreeBytes",
      "cursorLag",
      "derivationLag",
      "failedDerivations",
      "unsealedSegments",
      "waitingCalls",
    ]);
  });

  it.each([
    [{ cursorlag: 1 }, 'Did you mean "cursorLag"?'],
    [{ cursorLag: -1 }, "from 0 on"],
    [{ cursorLag: Number.NaN }, "from 0 on"],
  ])("refuse thresholds that are none: %o", async (thresholds, fix) => {
    await using kindling = await createRuntime({ contracts: [], ledger: memoryLedger() });
    const error: unknown = await kindling.stats({ thresholds: thresholds as AlertThresholds }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ code: "bad_threshold", fix: expect.stringContaining(fix) as unknown });
  });
});
