// Compacting a folder: what was not replaced is read as before by everyone, in the same process and in others, and files that count no more are gone.

import { readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { IndexFolder } from "../../src/ledger/index-folder.ts";
import { BLOB_LIMIT_BYTES } from "../../src/ledger/ledger.ts";
import { ledgerFolder } from "../../src/ledger/folder.ts";
import { LogFile } from "../../src/ledger/log-file.ts";
import { standsOn } from "../../src/ledger/open-log.ts";
import { noted, PlayedLedger } from "./played-ledger.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const ROUNDS = 20;

let played: PlayedLedger;

beforeEach(async () => {
  played = new PlayedLedger(join(await temporaryFolder(), "ledger"));
  return () => played.close();
});

async function rounds(first = 1, last = ROUNDS): Promise<void> {
  for (let round = first; round <= last; round++) await played.round(round);
}

/** Files of the folder with their content. */
async function filesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(folder, { recursive: true });
  const files = new Map<string, string>();
  for (const name of names.sort()) {
    const path = join(folder, name);
    if ((await stat(path)).isFile()) files.set(name, await readFile(path, "base64"));
  }
  return files;
}

async function named(part: string, ending: string): Promise<readonly string[]> {
  return (await readdir(join(played.folder, part)).catch(() => [])).filter((name) => name.endsWith(ending));
}

describe("after a compaction", () => {
  test("all is read as before: in the process, opened anew, without an index and by readers opened afterwards", async () => {
    await rounds();
    const done = await played.compact();
    expect(done.removed.segments).toBeGreaterThan(5);
    expect(done.kept.commits).toBeGreaterThan(ROUNDS / 2);
    expect(await played.wrong()).toEqual([]);
    await played.close();
    expect(await played.wrong()).toEqual([]);
    await played.deleteIndex();
    expect(await played.wrong()).toEqual([]);
    await using reader = await played.open("read");
    expect(await played.wrong(reader)).toEqual([]);
    await rounds(ROUNDS + 1, ROUNDS + 3);
    expect(await played.wrong()).toEqual([]);
    expect((await reader.verify()).faults).toEqual([]);
  });

  test("runs that were being given up where the log was cut are no hindrance: the rest of what they said is passed over", async () => {
    const turns: readonly (readonly [string, number])[] = [
      ["given-up", 12],
      ["stays", 20],
      ["given-up", 3],
      ["stays", 20],
    ];
    played = new PlayedLedger(played.folder, { segmentBytes: 1_000 });
    for (const [run, count] of turns) for (let turn = 0; turn < count; turn++) await played.begin(run, 1);
    await played.replace("given-up", "all");
    const done = await played.compact();
    const left = Array.from(played.naive.log.slice(done.oldest - 1)).filter(({ run, replaces }) => run === "given-up" && !replaces);
    expect(left).not.toEqual([]);
    await played.deleteIndex();
    expect(await played.wrong()).toEqual([]);
    await played.begin("given-up", 2);
    await played.deleteIndex();
    expect(await played.wrong()).toEqual([]);
  });

  test("a head that stood in a line which is gone is as gone without an index as with one", async () => {
    await played.begin("one", 12);
    const { head: _, ...headless } = noted("one", 12, { replaces: "before" });
    await played.say(headless);
    await played.compact();
    expect((await played.writer()).head("one")).toMatchObject({ keys: [], note: {} });
    await played.deleteIndex();
    expect(await played.wrong()).toEqual([]);
  });

  test("a second and a third one take away what the first one kept and nobody needs any more", async () => {
    await rounds();
    const first = await played.compact();
    for (const head of (await played.writer()).find({ keys: [] }).filter(({ run }) => run.startsWith("cut-")))
      await played.replace(head.run, "all");
    await rounds(ROUNDS + 1, 2 * ROUNDS);
    const second = await played.compact();
    await rounds(2 * ROUNDS + 1, 3 * ROUNDS);
    const third = await played.compact();
    expect(first.oldest < second.oldest && second.oldest < third.oldest).toBe(true);
    expect(second.removed.commits).toBeGreaterThan(first.kept.commits / 2);
    expect(await named("kept", ".jsonl")).toHaveLength(1);
    expect(await named("kept", ".tmp")).toEqual([]);
    expect(await played.wrong()).toEqual([]);
    await played.deleteIndex();
    expect(await played.wrong()).toEqual([]);
    expect((await (await played.writer()).verify()).faults).toEqual([]);
  });

  test("the index that was there before is still used", async () => {
    await rounds();
    await played.close();
    await (await played.writer()).compact();
    await played.close();
    const folder = ledgerFolder(played.folder);
    const log = await LogFile.open(realDisk, folder, "read");
    const kept = await new IndexFolder(realDisk, folder.index).open();
    try {
      expect(log !== undefined && kept !== undefined && (await standsOn(log, kept.point))).toBe(true);
    } finally {
      await log?.close();
      await kept?.index.tables.close();
    }
  });

  test("with a table for every commit, places and pages cross the gaps that it left", async () => {
    played = new PlayedLedger(played.folder, { indexBytes: 1, segmentBytes: 4_000 });
    await rounds(1, 12);
    await played.compact();
    await rounds(13, 24);
    await played.compact();
    expect(await played.wrong()).toEqual([]);
    await played.deleteIndex();
    expect(await played.wrong()).toEqual([]);
  });

  test("files of removed segments, and of what was kept before, are not held open", async () => {
    if (process.platform !== "linux") return;
    for (let turn = 0; turn < 3; turn++) {
      await rounds(turn * ROUNDS + 1, (turn + 1) * ROUNDS);
      // Every segment is opened to be read.
      expect(await played.wrong()).toEqual([]);
      await played.compact();
    }
    const held = await Promise.all((await readdir("/proc/self/fd")).map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")));
    expect(held.filter((path) => path.startsWith(played.folder) && path.endsWith("(deleted)") && !path.includes("/index/"))).toEqual([]);
  });
});

describe("a dry run", () => {
  test("changes no byte and tells what the real one does", async () => {
    played = new PlayedLedger(played.folder, { indexBytes: 1_000_000 });
    await rounds();
    // Whatever is done beside is done then.
    const told = await played.compact({ dryRun: true });
    const before = await filesOf(played.folder);
    expect(await played.compact({ dryRun: true })).toEqual(told);
    expect(await filesOf(played.folder)).toEqual(before);
    expect(told.removed.segments).toBeGreaterThan(0);
    expect(await played.compact()).toEqual(told);
  });
});

describe("blobs", () => {
  const large = (letter: string): string => letter.repeat(BLOB_LIMIT_BYTES + 1);
  const blobs = async (): Promise<number> =>
    (await readdir(join(played.folder, "blobs"), { recursive: true })).filter((name) => /[0-9a-f]{64}$/.test(name)).length;

  test("that somebody still names stay, shared or put by themselves; the others go", async () => {
    const ledger = await played.writer();
    const put = await ledger.blobs.put(Buffer.from("named by a fact"));
    const free = await ledger.blobs.put(Buffer.from("named by nobody"));
    await played.say(noted("gone", 0, { facts: [{ own: large("a"), shared: large("b") }] }));
    await played.say(noted("stays", 0, { facts: [{ shared: large("b"), put }] }));
    await played.replace("gone", "all");
    await rounds();
    expect(await blobs()).toBe(4);
    expect((await played.compact()).blobs).toEqual({ count: 1, bytes: large("a").length + 2 });
    expect(await blobs()).toBe(3);
    expect(Buffer.from((await ledger.blobs.get(free)) ?? []).toString()).toBe("named by nobody");
    expect(await played.wrong()).toEqual([]);
    await played.close();
    // Whoever put it may have named it until then.
    expect((await played.compact()).blobs.count).toBe(1);
    expect(Buffer.from((await (await played.writer()).blobs.get(put)) ?? []).toString()).toBe("named by a fact");
    expect(await played.wrong()).toEqual([]);
  });

  test("of kept lines stay for as long as the lines, needed or not", async () => {
    await played.say(noted("late", 0, { facts: [{ own: large("a") }] }));
    await rounds();
    await played.compact();
    for (let turn = 0; turn < 12; turn++) await played.begin("stays", 2);
    await played.replace("late", "all");
    expect((await played.compact()).removed.commits).toBe(0);
    expect((await (await played.writer()).verify()).faults).toEqual([]);
    await rounds(ROUNDS + 1, 3 * ROUNDS);
    expect((await played.compact()).blobs.count).toBe(1);
    expect((await (await played.writer()).verify()).faults).toEqual([]);
  });
});

describe("an encrypted ledger", () => {
  test("is compacted without its content, and a run whose lines are kept can be erased", async () => {
    const key = join(played.folder, "..", "master.key");
    await writeFile(key, "0f".repeat(32), { mode: 0o600 });
    played = new PlayedLedger(played.folder, { key: { file: key } });
    await rounds();
    await played.begin("mine", 2);
    await rounds(ROUNDS + 1, ROUNDS + 8);
    expect((await played.compact()).removed.segments).toBeGreaterThan(0);
    expect(await played.wrong()).toEqual([]);
    await played.deleteIndex();
    expect(await played.wrong()).toEqual([]);
    const ledger = await played.writer();
    expect(ledger.oldest).toBeGreaterThan(played.naive.head("mine")?.position ?? Number.POSITIVE_INFINITY);
    await ledger.erase([{ tree: "mine", runs: ["mine"] }]);
    const facts = async (): Promise<unknown> => (await (await played.writer()).read("mine")).flatMap((entry) => entry.facts);
    expect(await facts()).toEqual(Array.from({ length: 4 }, () => ({ erased: true })));
    await played.close();
    await rm(join(played.folder, "index"), { recursive: true });
    expect(await facts()).toEqual(Array.from({ length: 4 }, () => ({ erased: true })));
    expect((await (await played.writer()).verify()).faults).toEqual([]);
  });
});
