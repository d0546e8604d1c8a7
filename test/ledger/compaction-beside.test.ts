// A compaction beside everything else: followers, cursors, readers, appends of many clients, and a ledger that is closed in the middle of it.

import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { LedgerError } from "../../src/errors.ts";
import { COMPACTIONS } from "../../src/ledger/compaction.ts";
import type { Disk } from "../../src/ledger/disk.ts";
import type { Entry, Ledger } from "../../src/ledger/ledger.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { noted, PlayedLedger } from "./played-ledger.ts";
import { temporaryFolder } from "./temporary-folder.ts";

let played: PlayedLedger;

beforeEach(async () => {
  played = new PlayedLedger(join(await temporaryFolder(), "ledger"), { segmentBytes: 4_000 });
  return () => played.close();
});

async function rounds(first: number, last: number): Promise<void> {
  for (let round = first; round <= last; round++) await played.round(round);
}

/** Reads entries until one stands at a position. */
async function follow(ledger: Ledger, after: number, until: number): Promise<readonly number[]> {
  const positions: number[] = [];
  for await (const { position } of ledger.changes({ after, live: true })) {
    positions.push(position);
    if (position >= until) break;
  }
  return positions;
}

const numbers = (first: number, last: number): readonly number[] => Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe("followers", () => {
  test("that keep up hear every commit once, across a compaction, in the process and in a reader", async () => {
    await rounds(1, 8);
    await using reader = await played.open("read");
    const from = played.naive.position;
    const until = from + 40;
    const followed = [follow(await played.writer(), from, until), follow(reader, from, until)];
    await played.compact();
    await rounds(9, 14);
    expect(played.naive.position).toBeGreaterThan(until);
    expect(await Promise.all(followed)).toEqual([numbers(from + 1, until), numbers(from + 1, until)]);
    await reader.refresh();
    expect(await played.wrong(reader)).toEqual([]);
  });

  test("that are behind the cut are told how far it went, and so are cursors", async () => {
    // More than is read for a follower at a time.
    await rounds(1, 50);
    const ledger = await played.writer();
    const slow = ledger.changes({ after: 0, live: true })[Symbol.asyncIterator]();
    expect((await slow.next()).value).toMatchObject({ position: 1 });
    await ledger.cursors.put("quick", played.naive.position);
    const { oldest } = await played.compact();
    await ledger.cursors.put("slow", 3);
    const refused = { code: "cursor_too_old", details: { oldest } };
    await expect(drain(slow)).rejects.toMatchObject(refused);
    await expect(ledger.changes({ after: 0 })[Symbol.asyncIterator]().next()).rejects.toMatchObject(refused);
    await expect(ledger.cursors.get("slow")).rejects.toMatchObject(refused);
    expect(await ledger.cursors.get("quick")).toBeGreaterThanOrEqual(oldest - 1);
    await using reader = await played.open("read");
    await expect(reader.cursors.get("slow")).rejects.toMatchObject(refused);
    await expect(reader.changes({ after: 0 })[Symbol.asyncIterator]().next()).rejects.toMatchObject(refused);
  });
});

describe("a reader that is open meanwhile", () => {
  test.for([true, false])("reads all that was not replaced, whether it had opened the segments or not (%s)", async (hasRead) => {
    await rounds(1, 10);
    await using reader = await played.open("read");
    if (hasRead) expect(await played.wrong(reader)).toEqual([]);
    const runs = reader.find({ keys: [] }).map(({ run }) => run);
    await played.compact();
    for (const run of runs) expect(await reader.read(run), run).toEqual(played.naive.read(run));
    await reader.refresh();
    expect(await played.wrong(reader)).toEqual([]);
    await rounds(11, 13);
    await reader.refresh();
    expect(await played.wrong(reader)).toEqual([]);
  });
});

describe("many clients", () => {
  test("append and read while it is compacted, and nothing is lost or doubled", async () => {
    const ledger = await played.writer();
    const acknowledged = new Map<string, number>();
    let isOver = false;
    const client = async (name: number): Promise<void> => {
      for (let turn = 0; turn < 12; turn++) {
        const run = `client-${name}-${turn}`;
        for (let expected = 0; expected < 3; expected++) await ledger.append([noted(run, expected)]);
        expect((await ledger.read(run)).map(({ first }) => first)).toEqual([1, 2, 3]);
        if (turn % 4 > 0) await ledger.append([noted(run, 3, { replaces: turn % 4 === 1 ? "before" : "all" })]);
        acknowledged.set(run, [3, 4, 0, 0][turn % 4] ?? 0);
      }
    };
    const compacting = async (): Promise<number> => {
      let removed = 0;
      while (!isOver) removed += (await ledger.compact()).removed.commits;
      return removed;
    };
    const removed = compacting();
    await Promise.all(Array.from({ length: 16 }, (_, name) => client(name)));
    isOver = true;
    expect(await removed).toBeGreaterThan(50);
    const check = async (open: Ledger): Promise<void> => {
      for (const [run, version] of acknowledged) {
        expect(open.head(run)?.version ?? 0, run).toBe(version);
        const firsts = (await open.read(run)).map(({ first }) => first);
        expect(firsts, run).toEqual(version === 3 ? [1, 2, 3] : version === 4 ? [4] : []);
      }
    };
    await check(ledger);
    await played.deleteIndex();
    await check(await played.writer());
    expect((await verifyFolder(played.folder)).faults).toEqual([]);
  });
});

describe("a compaction", () => {
  test("is given up or completed when the ledger is closed at any moment of it", async () => {
    const outcomes = new Set<string>();
    for (const turns of [0, 1, 3, 6, 10, 15, 25, 40, 60, 90, 140]) {
      played = new PlayedLedger(`${played.folder}-${turns}`, { segmentBytes: 4_000 });
      await rounds(1, 8);
      const ledger = await played.writer();
      const compacted = ledger.compact().then(
        () => "done",
        (error: unknown) => (error instanceof LedgerError ? error.code : String(error)),
      );
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      await played.close();
      outcomes.add(await compacted);
      await played.learn();
      expect(await played.wrong(), `closed after ${turns} turns`).toEqual([]);
      expect((await played.writer()).head(COMPACTIONS)?.open ?? false).toBe(false);
      expect((await verifyFolder(played.folder)).faults).toEqual([]);
      await played.close();
    }
    expect([...outcomes].filter((outcome) => outcome !== "done" && outcome !== "ledger_closed")).toEqual([]);
    expect(outcomes).toContain("ledger_closed");
  });

  test("that does not know whether its beginning is in place is not followed by another one before the ledger was opened anew", async () => {
    let isBroken = false;
    const disk: Disk = {
      ...realDisk,
      async rename(from, to) {
        await realDisk.rename(from, to);
        isBroken = to.endsWith("start.json");
      },
      async syncFolder(path) {
        if (isBroken && path === played.folder) throw Object.assign(new Error("EIO: i/o error, fsync"), { code: "EIO", syscall: "fsync" });
        await realDisk.syncFolder(path);
      },
    };
    played = new PlayedLedger(played.folder, { segmentBytes: 4_000, disk });
    await rounds(1, 8);
    await expect(played.compact()).rejects.toMatchObject({ code: "ledger_unusable" });
    isBroken = false;
    await expect(played.compact()).rejects.toMatchObject({ code: "ledger_stopped" });
    await played.learn();
    await played.replace("cut-2", "all");
    await played.close();
    await played.learn();
    expect(await played.wrong()).toEqual([]);
    expect((await played.compact()).oldest).toBeGreaterThan(1);
    expect((await verifyFolder(played.folder)).faults).toEqual([]);
  });
});

async function drain(entries: AsyncIterator<Entry>): Promise<void> {
  while ((await entries.next()).done !== true);
}
