// What every ledger must do, whatever it keeps its facts in. Run it for each implementation: `ledgerConformance("memory", memoryLedger)`.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { BLOB_LIMIT_BYTES, type Commit, type Entry, type Head, type Ledger, type LedgerPlace } from "../../src/ledger/ledger.ts";
import { PLACE_LIMIT, type RankQuery } from "../../src/ledger/rank.ts";
import { compactionConformance } from "./compaction.ts";

/** @param makePlace gives an empty place, a new one at each call. */
export function ledgerConformance(name: string, makePlace: () => LedgerPlace | Promise<LedgerPlace>): void {
  describe(`the ${name} ledger keeps the promises of every ledger`, () => {
    let place: LedgerPlace;
    let ledger: Ledger;

    beforeEach(async () => {
      place = await makePlace();
      ledger = await place.open({ access: "write", now: () => 1_000 });
    });

    afterEach(async () => {
      await ledger.close();
      const reopened = await place.open({ access: "write" });
      const { faults } = await reopened.verify();
      await reopened.close();
      expect(faults).toEqual([]);
    });

    test("what is appended is read back as it was, with its place and time", async () => {
      const facts = [
        { kind: "run.started", inputs: { topic: "ö\u2028\ud83d\ude00", list: [1, 2.5, null, true] } },
        { kind: "node.started" },
      ];
      const receipts = await ledger.append([{ run: "one", expected: 0, facts, head: head(["status:running"]) }]);
      expect(receipts).toEqual([{ position: 1, time: 1_000 }]);
      expect(await ledger.read("one")).toEqual([{ position: 1, time: 1_000, run: "one", first: 1, facts, head: head(["status:running"]) }]);
      expect(ledger.position).toBe(1);
    });

    compactionConformance(() => ledger);

    test("open streams that are due are found, the earliest first", async () => {
      const due = (run: string, at: number | undefined, open = true): Commit => ({
        run,
        expected: 0,
        facts: [{ kind: "noted" }],
        head: { open, keys: [], note: {}, ...(at === undefined ? {} : { due: at }) },
      });
      await ledger.append([due("late", 900), due("soon", 300), due("never", undefined), due("over", 100, false), due("later", 2_000)]);
      const runs = (until: number, limit?: number) =>
        ledger.due({ until, ...(limit === undefined ? {} : { limit }) }).map(({ run }) => run);
      expect(runs(1_000)).toEqual(["soon", "late"]);
      expect(runs(1_000, 1)).toEqual(["soon"]);
      await ledger.append([
        { ...due("soon", 950), expected: 1 },
        { ...due("late", undefined), expected: 1 },
      ]);
      expect(runs(5_000)).toEqual(["soon", "later"]);
      expect(ledger.head("soon")?.due).toBe(950);
    });

    test("the latest snapshot of a stream is given back, and none of a stream that has none", async () => {
      await ledger.append([commit("one", 0, 3)]);
      await ledger.snapshots.put("one", { version: 1, bytes: Buffer.from("first") });
      await ledger.snapshots.put("one", { version: 3, bytes: Buffer.from("second") });
      const snapshot = await ledger.snapshots.get("one");
      expect(snapshot?.version).toBe(3);
      expect(Buffer.from(snapshot?.bytes ?? []).toString()).toBe("second");
      expect(await ledger.snapshots.get("two")).toBeUndefined();
    });

    test("what is appended cannot be changed afterwards through the caller's own objects", async () => {
      const fact = { kind: "noted", value: 1 };
      const keys = ["status:running"];
      await ledger.append([{ run: "one", expected: 0, facts: [fact], head: { open: true, keys, note: {} } }]);
      fact.value = 2;
      keys.push("status:changed");
      expect((await ledger.read("one")).flatMap((entry) => entry.facts)).toEqual([{ kind: "noted", value: 1 }]);
      expect(ledger.head("one")?.keys).toEqual(["status:running"]);
    });

    test("a commit that expects another version is refused and changes nothing", async () => {
      await ledger.append([commit("one", 0, 2)]);
      await expect(ledger.append([commit("one", 1)])).rejects.toMatchObject({
        code: "version_conflict",
        details: { run: "one", expected: 1, actual: 2 },
      });
      expect(ledger.position).toBe(1);
      expect(ledger.head("one")?.version).toBe(2);
    });

    test("a list with one refused commit is refused as a whole", async () => {
      await expect(ledger.append([commit("one", 0), commit("two", 7)])).rejects.toMatchObject({ code: "version_conflict" });
      await ledger.append([commit("one", 0)]);
      expect(ledger.position).toBe(1);
    });

    test("versions are checked in the call, against what is still queued", async () => {
      const first = ledger.append([commit("one", 0)]);
      const second = ledger.append([commit("one", 1)]);
      const late = ledger.append([commit("one", 1)]);
      await expect(late).rejects.toMatchObject({ code: "version_conflict", details: { actual: 2 } });
      expect([await first, await second]).toMatchObject([[{ position: 1 }], [{ position: 2 }]]);
    });

    test("several commits on one stream in one list follow each other", async () => {
      expect(await ledger.append([commit("one", 0, 2), commit("one", 2), commit("two", 0)])).toMatchObject([
        { position: 1 },
        { position: 2 },
        { position: 3 },
      ]);
      expect((await ledger.read("one")).map((entry) => entry.first)).toEqual([1, 3]);
    });

    test("commits take their positions in the order of the calls, blobs or not", async () => {
      const large = "x".repeat(BLOB_LIMIT_BYTES);
      const order: number[] = [];
      const appends = Array.from({ length: 20 }, async (_, index) => {
        const facts = [index % 5 === 0 ? { index, large: large + index } : { index }];
        const [receipt] = await ledger.append([{ run: `run-${index}`, expected: 0, facts }]);
        order.push(receipt?.position ?? 0);
      });
      await Promise.all(appends);
      expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      expect((await collect(ledger)).map((entry) => entry.facts[0]?.index)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    });

    test("nobody reads a commit before it is acknowledged", async () => {
      const append = ledger.append([commit("one", 0)]);
      expect(ledger.position).toBe(0);
      expect(ledger.head("one")).toBeUndefined();
      await append;
      expect(ledger.head("one")?.version).toBe(1);
    });

    test("an empty list resolves when everything before it is durable", async () => {
      void ledger.append([commit("one", 0)]);
      expect(await ledger.append([])).toEqual([]);
      expect(ledger.position).toBe(1);
    });

    test("a commit without facts, with a reserved member or without a run name is refused", async () => {
      const refusal = { code: "commit_invalid" };
      await expect(ledger.append([{ run: "one", expected: 0, facts: [] }])).rejects.toMatchObject(refusal);
      await expect(ledger.append([{ run: "one", expected: 0, facts: [{ blobs: {} }] }])).rejects.toMatchObject(refusal);
      await expect(ledger.append([commit("", 0)])).rejects.toMatchObject(refusal);
      expect(ledger.position).toBe(0);
    });

    test("a commit over the limit is refused, and large members do not count", async () => {
      const many = Array.from({ length: 400 }, (_, index) => ({ index, text: "x".repeat(30_000) }));
      await expect(ledger.append([{ run: "one", expected: 0, facts: many }])).rejects.toMatchObject({ code: "commit_too_large" });
      await ledger.append([{ run: "one", expected: 0, facts: [{ text: "x".repeat(9_000_000) }] }]);
      expect((await ledger.read("one"))[0]?.facts[0]).toEqual({ text: "x".repeat(9_000_000) });
    });

    test("members over the limit become blobs and come back in their place, in reads and in changes", async () => {
      const fact = { first: 1, reply: { text: "é".repeat(BLOB_LIMIT_BYTES) }, list: Array.from({ length: 20_000 }, () => 7), last: null };
      await ledger.append([{ run: "one", expected: 0, facts: [{ kind: "small" }, fact] }]);
      const [read] = await ledger.read("one");
      const [changed] = await collect(ledger);
      expect(JSON.stringify(read?.facts[1])).toBe(JSON.stringify(fact));
      expect(changed).toEqual(read);
      expect((await ledger.verify()).blobs).toBe(2);
    });

    test("a member exactly at the limit stays in its fact; one byte more makes it a blob", async () => {
      const atLimit = "x".repeat(BLOB_LIMIT_BYTES - 2);
      await ledger.append([{ run: "one", expected: 0, facts: [{ atLimit }] }]);
      expect((await ledger.verify()).blobs).toBe(0);
      await ledger.append([{ run: "one", expected: 1, facts: [{ over: `${atLimit}x` }] }]);
      expect((await ledger.verify()).blobs).toBe(1);
    });

    test("blobs are kept once by their hash, and an unknown one is nothing", async () => {
      const bytes = Buffer.from("a picture");
      const name = await ledger.blobs.put(bytes);
      expect(name).toMatch(/^[0-9a-f]{64}$/);
      expect(await ledger.blobs.put(bytes)).toBe(name);
      expect(Buffer.from((await ledger.blobs.get(name)) ?? []).toString()).toBe("a picture");
      expect(await ledger.blobs.get("0".repeat(64))).toBeUndefined();
      expect(await ledger.blobs.get("../../ledger.json")).toBeUndefined();
    });

    test("a stream is read from any fact on, with the whole entry that holds it", async () => {
      await ledger.append([commit("one", 0, 2), commit("two", 0), commit("one", 2, 3), commit("one", 5)]);
      const firstsFrom = async (from: number): Promise<readonly number[]> =>
        (await ledger.read("one", { from })).map((entry) => entry.first);
      expect(await firstsFrom(1)).toEqual([1, 3, 6]);
      expect(await firstsFrom(2)).toEqual([1, 3, 6]);
      expect(await firstsFrom(3)).toEqual([3, 6]);
      expect(await firstsFrom(6)).toEqual([6]);
      expect(await firstsFrom(7)).toEqual([]);
      const firstsOf = async (from: number, limit: number) => (await ledger.read("one", { from, limit })).map(({ first }) => first);
      expect(await firstsOf(2, 1)).toEqual([1]);
      expect(await firstsOf(2, 2)).toEqual([1, 3]);
      expect(await firstsOf(3, 9)).toEqual([3, 6]);
      expect(await firstsOf(1, 0)).toEqual([]);
      expect(await ledger.read("unknown")).toEqual([]);
    });

    test("a head is replaced whole by the next one, and stays when a commit brings none", async () => {
      await ledger.append([{ ...commit("one", 0), head: head(["status:running", "event:reviewed"]) }]);
      await ledger.append([commit("one", 1)]);
      expect(ledger.head("one")).toEqual({
        run: "one",
        version: 2,
        started: 1,
        position: 2,
        startedAt: 1_000,
        time: 1_000,
        ...head(["status:running", "event:reviewed"]),
      });
      await ledger.append([{ ...commit("one", 2), head: head(["status:succeeded"], false) }]);
      expect(ledger.head("one")).toMatchObject({ open: false, keys: ["status:succeeded"] });
      expect(ledger.find({ keys: ["event:reviewed"] })).toEqual([]);
    });

    test("streams are found by all of their keys, open or closed, in the order they began", async () => {
      await ledger.append([
        { ...commit("a", 0), head: head(["contract:x", "status:waiting"]) },
        { ...commit("b", 0), head: head(["contract:x", "status:done"], false) },
        { ...commit("c", 0), head: head(["contract:x", "status:waiting"]) },
      ]);
      const found = (query: Parameters<Ledger["find"]>[0]): readonly string[] => ledger.find(query).map(({ run }) => run);
      expect(found({ keys: [] })).toEqual(["a", "b", "c"]);
      expect(found({ keys: ["contract:x", "status:waiting"] })).toEqual(["a", "c"]);
      expect(found({ keys: ["contract:x"], open: false })).toEqual(["b"]);
      expect(found({ keys: ["contract:x"], newestFirst: true, limit: 2 })).toEqual(["c", "b"]);
      expect(found({ keys: [], after: 1 })).toEqual(["b", "c"]);
      expect(found({ keys: ["contract:x"], after: 3, newestFirst: true })).toEqual(["b", "a"]);
      expect(found({ keys: ["contract:y"] })).toEqual([]);
      expect(found({ keys: [], limit: 0 })).toEqual([]);
    });

    test("streams stand in lists by their places, and the part that is asked for is given in order", async () => {
      const ranked = (run: string, expected: number, ...places: readonly string[]): Commit => ({
        ...commit(run, expected),
        head: { ...head([]), ranks: places.map((place) => ({ list: "by-day", place })) },
      });
      await ledger.append([ranked("c", 0, "3"), ranked("a", 0, "1", "2"), ranked("none", 0), ranked("b", 0, "2"), ranked("gone", 0, "1")]);
      await ledger.append([ranked("gone", 1)]);
      const found = (query: Omit<RankQuery, "list">) =>
        ledger.ranked({ list: "by-day", ...query }).map(({ run, place }) => `${place} ${run}`);
      expect(found({})).toEqual(["1 a", "2 a", "2 b", "3 c"]);
      expect(found({ descending: true })).toEqual(["3 c", "2 b", "2 a", "1 a"]);
      expect(found({ from: "2", before: "3" })).toEqual(["2 a", "2 b"]);
      expect(found({ from: "1\u0001", limit: 1 })).toEqual(["2 a"]);
      expect(found({ after: { place: "2", started: 2 } })).toEqual(["2 b", "3 c"]);
      expect(found({ after: { place: "2", started: 4 }, descending: true, limit: 2 })).toEqual(["2 a", "1 a"]);
      expect(ledger.ranked({ list: "by-night" })).toEqual([]);
      const before = ledger.ranked({ list: "by-day" });
      expect(before[0]).toMatchObject({ run: "a", version: 1, ranks: [{ place: "1" }, { place: "2" }] });
      await ledger.close();
      ledger = await place.open({ access: "write", now: () => 2_000 });
      expect(ledger.ranked({ list: "by-day" })).toEqual(before);
    });

    test("a place that no list can hold is refused", async () => {
      for (const place of ["\u0000", "a\uffff", "\ud800", "x".repeat(PLACE_LIMIT + 1)]) {
        const refused = ledger.append([{ ...commit("one", 0), head: { ...head([]), ranks: [{ list: "by-day", place }] } }]);
        await expect(refused).rejects.toMatchObject({ code: "commit_invalid" });
      }
      await ledger.append([
        { ...commit("one", 0), head: { ...head([]), ranks: [{ list: "by-day", place: "\ufffe".repeat(PLACE_LIMIT) }] } },
      ]);
      expect(ledger.ranked({ list: "by-day", descending: true })).toHaveLength(1);
    });

    test("changes give every entry after a position in log order, and end", async () => {
      await ledger.append(Array.from({ length: 600 }, (_, index) => commit(`run-${index % 7}`, Math.floor(index / 7))));
      expect((await collect(ledger)).map((entry) => entry.position)).toEqual(Array.from({ length: 600 }, (_, index) => index + 1));
      expect((await collect(ledger, 598)).map((entry) => entry.position)).toEqual([599, 600]);
      expect(await collect(ledger, 600)).toEqual([]);
    });

    test("live changes go on with what is appended later, until the signal aborts", async () => {
      const abort = new AbortController();
      const seen: number[] = [];
      const follower = (async () => {
        for await (const entry of ledger.changes({ after: 0, live: true, signal: abort.signal })) {
          seen.push(entry.position);
          if (seen.length === 3) abort.abort();
        }
      })();
      await ledger.append([commit("one", 0)]);
      await ledger.append([commit("one", 1)]);
      await ledger.append([commit("one", 2)]);
      await follower;
      expect(seen).toEqual([1, 2, 3]);
    });

    test("live changes end when the ledger closes", async () => {
      const follower = collect(ledger, 0, true);
      await ledger.append([commit("one", 0)]);
      await ledger.close();
      expect((await follower).length).toBeLessThanOrEqual(1);
    });

    test("time never decreases, whatever the clock does", async () => {
      let now = 5_000;
      await ledger.close();
      ledger = await place.open({ access: "write", now: () => now });
      await ledger.append([commit("one", 0)]);
      now = 10;
      await ledger.append([commit("one", 1)]);
      expect((await collect(ledger)).map((entry) => entry.time)).toEqual([5_000, 5_000]);
      await ledger.close();
      ledger = await place.open({ access: "write", now: () => now });
      expect(ledger.time, "of the last commit").toBe(5_000);
      expect(await ledger.append([commit("one", 2)])).toMatchObject([{ time: 5_000 }]);
    });

    test("the same place opened again shows the same and goes on from there", async () => {
      await ledger.append([{ ...commit("one", 0, 2), head: head(["status:waiting"]) }, commit("two", 0)]);
      const before = await collect(ledger);
      const { chain } = await ledger.verify();
      await ledger.close();
      ledger = await place.open({ access: "write", now: () => 2_000 });
      expect(await collect(ledger)).toEqual(before);
      expect((await ledger.verify()).chain).toBe(chain);
      expect(ledger.find({ keys: ["status:waiting"] })).toMatchObject([{ run: "one", version: 2 }]);
      expect(await ledger.append([commit("one", 2)])).toEqual([{ position: 3, time: 2_000 }]);
    });

    test("a second writer is refused until the first has closed", async () => {
      await expect(place.open({ access: "write" })).rejects.toMatchObject({ code: "ledger_locked" });
      await ledger.close();
      ledger = await place.open({ access: "write" });
      expect(ledger.access).toBe("write");
    });

    test("a reader sees what is durable after a refresh, and cannot write", async () => {
      await ledger.append([commit("one", 0)]);
      const reader = await place.open({ access: "read" });
      await ledger.append([commit("one", 1)]);
      await reader.refresh();
      expect(reader.position).toBe(2);
      expect(await collect(reader)).toEqual(await collect(ledger));
      await expect(reader.append([commit("one", 2)])).rejects.toMatchObject({ code: "ledger_read_only" });
      await expect(reader.blobs.put(Buffer.from("x"))).rejects.toMatchObject({ code: "ledger_read_only" });
      expect((await reader.verify()).ok).toBe(true);
      await reader.close();
    });

    test("a reader that follows ends when it closes", async () => {
      await ledger.append([commit("one", 0)]);
      const reader = await place.open({ access: "read" });
      const follower = collect(reader, 0, true);
      await ledger.append([commit("one", 1)]);
      await reader.close();
      expect((await follower).length).toBeLessThanOrEqual(2);
    });

    test("reading a place that holds no ledger is refused", async () => {
      const empty = await makePlace();
      await expect(empty.open({ access: "read" })).rejects.toMatchObject({ code: "ledger_missing" });
    });

    test("closing waits for what was appended; afterwards everything is refused, and closing again is nothing", async () => {
      const append = ledger.append([commit("one", 0)]);
      await ledger.close();
      expect(await append).toHaveLength(1);
      await expect(ledger.append([commit("one", 1)])).rejects.toMatchObject({ code: "ledger_closed" });
      await expect(ledger.read("one")).rejects.toMatchObject({ code: "ledger_closed" });
      await ledger.close();
    });

    test("verify counts what there is", async () => {
      await ledger.append([commit("one", 0, 3), commit("two", 0)]);
      const report = await ledger.verify();
      expect(report).toMatchObject({ ok: true, commits: 2, facts: 4, blobs: 0, unfinishedBytes: 0, faults: [] });
      expect(report.chain).toMatch(/^[A-Za-z0-9_-]{43}$/);
    });
  });
}

function commit(run: string, expected: number, count = 1): Commit {
  const facts: readonly JsonObject[] = Array.from({ length: count }, (_, index) => ({ kind: "noted", number: expected + index + 1 }));
  return { run, expected, facts };
}

function head(keys: readonly string[], open = true): Head {
  return { open, keys, note: { contract: "press-release" } };
}

async function collect(ledger: Ledger, after = 0, live = false): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of ledger.changes({ after, live })) entries.push(entry);
  return entries;
}
