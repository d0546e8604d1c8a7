// What is copied of a ledger after compactions, and proved of it: backups, archives, receipts, exports and salvages.

import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { checkReceipt } from "../../src/ledger/check-receipt.ts";
import { backupLedger, exportLedger, salvageLedger } from "../../src/ledger/copies.ts";
import { fileLedger } from "../../src/ledger/file.ts";
import type { Commit, Entry, Ledger } from "../../src/ledger/ledger.ts";
import { makeReceipt } from "../../src/ledger/make-receipt.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const RUNS = 40;

let folder: string;
let copy: string;

beforeEach(async () => {
  const place = await temporaryFolder();
  folder = join(place, "ledger");
  copy = join(place, "copy");
});

function open(access: "read" | "write" = "write", at = folder): Promise<Ledger> {
  return fileLedger(at, { segmentBytes: 4_000, indexBytes: 2_000 }).open({ access });
}

function noted(run: string, expected: number, more: Partial<Commit> = {}): Commit {
  return {
    run,
    expected,
    facts: [{ text: `${run} says ${expected}`.repeat(8) }],
    head: { open: true, keys: [`of:${run}`], note: {} },
    ...more,
  };
}

/** A round of runs, all but every tenth of which are given up again; their receipts stay of some. */
async function round(ledger: Ledger, name: string): Promise<void> {
  for (let run = 0; run < RUNS; run++) await ledger.append([noted(`${name}-${run}`, 0), noted(`${name}-${run}`, 1)]);
  for (let run = 0; run < RUNS; run++)
    if (run % 10 !== 0) await ledger.append([noted(`${name}-${run}`, 2, { replaces: run % 10 === 1 ? "before" : "all" })]);
}

/** What an entry says, without where its run once began. */
function said({ replaces, ...entry }: Entry): unknown {
  return { ...entry, what: replaces?.what };
}

/** All that can still be read, by stream. */
async function content(at: string): Promise<Record<string, readonly Entry[]>> {
  await using ledger = await open("read", at);
  const runs = ledger.find({ keys: [] }).map(({ run }) => run);
  return Object.fromEntries(await Promise.all(runs.map(async (run) => [run, await ledger.read(run)] as const)));
}

describe("a backup of a compacted ledger", () => {
  test("is whole and says the same, also when it is brought up to date after the next compaction", async () => {
    for (const name of ["first", "second", "third"]) {
      await using ledger = await open();
      await round(ledger, name);
      expect((await ledger.compact()).removed.segments).toBeGreaterThan(0);
      const report = await backupLedger(folder, copy);
      expect(report.verified.faults).toEqual([]);
      expect(report.verified.removed?.before).toBe(ledger.oldest);
      expect(await content(copy)).toEqual(await content(folder));
    }
    expect(await readdir(copy)).toContain("start.json");
  });

  test("that went along from the beginning keeps what the ledger has removed", async () => {
    await using ledger = await open();
    await round(ledger, "first");
    await backupLedger(folder, copy);
    await ledger.compact();
    await ledger.append([noted("later", 0)]);
    expect((await backupLedger(folder, copy)).verified.faults).toEqual([]);
    expect(await readdir(copy)).not.toContain("start.json");
    await using kept = await open("read", copy);
    expect(kept.oldest).toBe(1);
    expect(kept.position).toBe(ledger.position);
  });
});

describe("an archive", () => {
  test("holds all that was ever removed, verifies, and reads like the ledger where that still is", async () => {
    await using ledger = await open();
    const removed: number[] = [];
    for (const name of ["first", "second", "third"]) {
      await round(ledger, name);
      const compaction = await ledger.compact({ archive: copy });
      expect(compaction.archive).toBe(copy);
      removed.push(compaction.removed.commits);
    }
    expect(removed.every((count) => count > 0)).toBe(true);
    const report = await verifyFolder(copy);
    expect(report.faults).toEqual([]);
    await using archive = await open("read", copy);
    expect(archive.oldest).toBe(1);
    const told: Entry[] = [];
    for await (const entry of archive.changes({ after: 0 })) told.push(entry);
    expect(told.filter(({ run }) => run === "first-7")).toHaveLength(3);
    expect(await archive.read("first-10")).toEqual(await ledger.read("first-10"));
  });

  test("that is no folder of this ledger is refused before anything is removed", async () => {
    await using ledger = await open();
    await round(ledger, "first");
    await writeFile(join(folder, "..", "a file"), "");
    const segments = async () => (await readdir(join(folder, "segments"))).filter((name) => name.endsWith(".jsonl"));
    const before = await segments();
    await expect(ledger.compact({ archive: join(folder, "..", "a file") })).rejects.toMatchObject({
      code: "archive_unfit",
      details: { archive: join(folder, "..", "a file") },
    });
    await expect(ledger.compact({ archive: folder })).rejects.toMatchObject({ code: "archive_unfit" });
    await expect(ledger.compact({ archive: folder, dryRun: true })).rejects.toMatchObject({ code: "archive_unfit" });
    expect((await segments()).slice(0, before.length)).toEqual(before);
    expect((await ledger.verify()).faults).toEqual([]);
    expect((await ledger.compact({ archive: copy })).removed.segments).toBeGreaterThan(0);
  });
});

describe("a receipt after a compaction", () => {
  test("of a run that is kept holds its lines and is as good as before", async () => {
    await using ledger = await open();
    await round(ledger, "first");
    await ledger.compact();
    await ledger.append([noted("first-10", 2)]);
    const checked = await checkReceipt(await makeReceipt(ledger, { runs: ["first-10"] }));
    expect(checked).toMatchObject({ ok: true, faults: [] });
    expect(checked.entries).toEqual(await ledger.read("first-10"));
  });

  test("of a run that was replaced holds what is left of it", async () => {
    await using ledger = await open();
    await round(ledger, "first");
    await ledger.compact();
    await round(ledger, "second");
    await ledger.compact();
    const checked = await checkReceipt(await makeReceipt(ledger, { runs: ["first-1", "second-20"] }));
    expect(checked).toMatchObject({ ok: true, faults: [] });
    await expect(makeReceipt(ledger, { runs: ["first-2"] })).rejects.toMatchObject({ code: "run_not_found" });
  });
});

describe("an export of a compacted ledger", () => {
  test("from the first commit on is refused with the position from which on it is whole, and from there on it is made", async () => {
    await using ledger = await open();
    await round(ledger, "first");
    await ledger.compact();
    const sink = (): void => undefined;
    await expect(exportLedger(folder, sink)).rejects.toMatchObject({ code: "facts_removed", details: { oldest: ledger.oldest } });
    await ledger.append([noted("later", 0)]);
    expect(await exportLedger(folder, sink, { from: ledger.oldest })).toMatchObject({ to: ledger.position });
  });
});

describe("a salvage of a damaged ledger that was compacted", () => {
  test("takes what is kept and what follows, at the positions they had", async () => {
    let before: Record<string, readonly Entry[]> = {};
    {
      await using ledger = await open();
      await round(ledger, "first");
      await ledger.compact();
      await ledger.append([noted("later", 0), noted("first-10", 2)]);
    }
    before = await content(folder);
    await rm(join(folder, "ledger.json"));
    const report = await salvageLedger(folder, copy);
    expect(report.lost).toEqual([]);
    expect(report.cutRuns).toEqual([]);
    const after = await content(copy);
    for (const [run, entries] of Object.entries(before)) expect(after[run]?.map(said)).toEqual(entries.map(said));
    expect((await verifyFolder(copy)).faults).toEqual([]);
  });

  test("says what could not be read of what was kept, and takes the rest", async () => {
    let path = "";
    {
      await using ledger = await open();
      await round(ledger, "first");
      await ledger.compact();
      await ledger.append([noted("later", 0)]);
      const [name = ""] = await readdir(join(folder, "kept")).then((names) => names.filter((each) => each.endsWith(".jsonl")));
      path = join(folder, "kept", name);
    }
    const bytes = await readFile(path);
    bytes[Math.floor(bytes.length / 2)] = 0;
    await writeFile(path, bytes);
    const report = await salvageLedger(folder, copy);
    expect(report.lost).toMatchObject([{ file: expect.stringContaining("kept/"), reason: expect.stringContaining("no whole line") }]);
    await using salvaged = await open("read", copy);
    expect(await salvaged.read("later")).toHaveLength(1);
    expect(await salvaged.read("first-0")).toHaveLength(2);
  });
});
