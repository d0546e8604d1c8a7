// What every ledger must do with what was replaced, before and after it was taken away: part of `ledgerConformance`.

import { expect, test } from "vitest";
import { BLOB_LIMIT_BYTES, type Commit, type Entry, type Ledger } from "../../src/ledger/ledger.ts";

/** @param open gives the open ledger of the test, which is empty */
export function compactionConformance(open: () => Ledger): void {
  const noted = (run: string, expected: number, more: Partial<Commit> = {}): Commit => ({
    run,
    expected,
    facts: [{ type: "noted", run, number: expected + 1 }],
    head: { open: false, keys: [`of:${run}`], note: { number: expected + 1 } },
    ...more,
  });

  test("what stands before a commit that replaces it is not read any more, and the stream counts on and keeps its place", async () => {
    const ledger = open();
    await ledger.append([noted("one", 0), noted("two", 0), noted("one", 1)]);
    await ledger.append([noted("one", 2, { replaces: "before" })]);
    await ledger.append([noted("one", 3)]);
    expect((await ledger.read("one")).map(({ first }) => first)).toEqual([3, 4]);
    expect((await ledger.read("one", { from: 4 })).map(({ first }) => first)).toEqual([4]);
    expect(ledger.head("one")).toMatchObject({ version: 4, started: 1, position: 5 });
    expect(ledger.find({ keys: [] }).map(({ run }) => run)).toEqual(["one", "two"]);
    expect((await ledger.read("one"))[0]?.replaces).toEqual({ what: "before", started: 1, startedAt: 1_000 });
  });

  test("of a stream that was given up nothing is found, and another one may begin under its name", async () => {
    const ledger = open();
    await ledger.append([noted("one", 0), noted("two", 0)]);
    await ledger.append([noted("one", 1, { replaces: "all" })]);
    expect(ledger.head("one")).toBeUndefined();
    expect(await ledger.read("one")).toEqual([]);
    expect(ledger.find({ keys: ["of:one"] })).toEqual([]);
    await expect(ledger.append([noted("one", 2)])).rejects.toMatchObject({ code: "version_conflict", details: { actual: 0 } });
    await ledger.append([noted("one", 0)]);
    expect(ledger.head("one")).toMatchObject({ version: 1, started: 4, position: 4 });
    expect((await ledger.read("one")).map(({ position }) => position)).toEqual([4]);
    expect(ledger.find({ keys: ["of:one"] })).toHaveLength(1);
  });

  test("a stream may begin, be replaced and be given up in one list, and counts in between", async () => {
    const ledger = open();
    await ledger.append([noted("one", 0), noted("one", 1, { replaces: "before" }), noted("one", 2, { replaces: "all" }), noted("one", 0)]);
    expect(ledger.head("one")).toMatchObject({ version: 1, started: 4 });
    expect((await ledger.read("one")).map(({ position }) => position)).toEqual([4]);
  });

  test("after compacting everything that was not replaced is read as before", async () => {
    const ledger = open();
    const large = "x".repeat(BLOB_LIMIT_BYTES);
    const [gone, kept] = [`${large}gone`, `${large}kept`];
    const put = await ledger.blobs.put(Buffer.from("put by itself"));
    await ledger.append([noted("one", 0, { facts: [{ gone, kept }] }), noted("two", 0, { facts: [{ kept, put }] }), noted("three", 0)]);
    await ledger.append([noted("one", 1, { replaces: "before" }), noted("three", 1, { replaces: "all" })]);
    const read = async (): Promise<unknown> => [await ledger.read("one"), await ledger.read("two"), ledger.find({ keys: ["of:two"] })];
    const before = await read();
    const told = await ledger.compact({ dryRun: true });
    const done = await ledger.compact({ note: { why: "a test" } });
    expect(told).toEqual(done);
    expect(await read()).toEqual(before);
    expect(await ledger.read("three")).toEqual([]);
    expect(Buffer.from((await ledger.blobs.get(put)) ?? []).toString()).toBe("put by itself");
    expect((await ledger.verify()).faults).toEqual([]);
    await ledger.append([noted("two", 1), noted("one", 2)]);
    expect((await ledger.read("one")).map(({ first }) => first)).toEqual([2, 3]);
  });

  test("everything from the oldest commit on is told in order after compacting, and what was removed before it is refused", async () => {
    const ledger = open();
    await ledger.append([noted("one", 0), noted("two", 0), noted("one", 1, { replaces: "all" }), noted("two", 1)]);
    await ledger.compact();
    const told: Entry[] = [];
    for await (const entry of ledger.changes({ after: ledger.oldest - 1 })) told.push(entry);
    expect(told.map(({ position }) => position)).toEqual(
      Array.from({ length: ledger.position - ledger.oldest + 1 }, (_, index) => ledger.oldest + index),
    );
    await ledger.cursors.put("slow", 0);
    if (ledger.oldest === 1) return;
    const behind = ledger.changes({ after: 0 })[Symbol.asyncIterator]();
    await expect(behind.next()).rejects.toMatchObject({ code: "cursor_too_old", details: { oldest: ledger.oldest } });
    await expect(ledger.cursors.get("slow")).rejects.toMatchObject({ code: "cursor_too_old" });
  });

  test("what a consumer with a durable cursor was not told stays, unless it is to be removed over it", async () => {
    const ledger = open();
    await ledger.append([noted("one", 0), noted("two", 0), noted("one", 1, { replaces: "all" }), noted("two", 1)]);
    await ledger.cursors.put("fast", 4);
    await ledger.cursors.put("slow", 0);
    expect(await ledger.compact()).toMatchObject({ oldest: 1, removed: { commits: 0 }, heldBy: { cursor: "slow", position: 0 } });
    const told: number[] = [];
    for await (const { position } of ledger.changes({ after: (await ledger.cursors.get("slow")) ?? 0 })) told.push(position);
    expect(told.slice(0, 4)).toEqual([1, 2, 3, 4]);
    const { removed, heldBy } = await ledger.compact({ overCursors: true });
    expect(heldBy).toBeNull();
    expect(removed.commits).toBeGreaterThan(0);
  });

  test("an empty ledger, and one in which nothing was replaced, stay as they are", async () => {
    const ledger = open();
    const nothing = { removed: { commits: 0, bytes: 0, segments: 0 }, blobs: { count: 0, bytes: 0 }, oldest: 1, archive: null };
    expect(await ledger.compact()).toMatchObject(nothing);
    await ledger.append([noted("one", 0), noted("one", 1)]);
    expect(await ledger.compact()).toMatchObject(nothing);
    expect(ledger.position).toBe(2);
  });
}
