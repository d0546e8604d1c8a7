// Tables against a plain sorted map: whatever is written, overwritten and taken away is found again, one by one and in order, and no changed byte goes unseen.

import { fc } from "../../fast-check.ts";
import { describe, expect, test } from "vitest";
import { OPEN_CACHE } from "../../../src/ledger/cache-seal.ts";
import type { DiskFile } from "../../../src/ledger/disk.ts";
import { BlockCache } from "../../../src/ledger/table/block-cache.ts";
import { intersection } from "../../../src/ledger/table/intersection.ts";
import type { Lookups } from "../../../src/ledger/table/filter.ts";
import { mergeTables, worthMerging } from "../../../src/ledger/table/merge-tables.ts";
import { sortSteps } from "../../../src/ledger/table/sort-steps.ts";
import { Table, type TableHome } from "../../../src/ledger/table/table.ts";
import { Tables } from "../../../src/ledger/table/tables.ts";
import { type TableDraft, TableWriter } from "../../../src/ledger/table/write-table.ts";
import { SimulatedDisk } from "../simulated-disk.ts";

/** What begins with `h` and a number of six digits stands beside `n` and that number. */
const lookups: Lookups = {
  isLookedUp: (key) => key.startsWith("n"),
  beside: (prefix) => (prefix.startsWith("h") ? `n${prefix.slice(1, 7)}` : undefined),
};
const home: TableHome = {
  cache: new BlockCache(),
  seal: OPEN_CACHE,
  lookups,
  damaged: (file, offset) => new Error(`${file} ${offset} damaged`),
};
const slices = { pause: async () => undefined, isOver: () => false };

type Change = readonly [key: string, value: string | undefined];

const draftIn = (file: DiskFile): TableDraft => ({ name: "table", file, seal: OPEN_CACHE });

async function emptyFile(): Promise<DiskFile> {
  const disk = new SimulatedDisk({ random: () => 0.3 }).begin();
  return disk.open("/table", "create");
}

/** One table for each round of changes, youngest first. */
async function tablesOf(rounds: readonly (readonly Change[])[]): Promise<Tables> {
  const list: Table[] = [];
  for (const [number, changes] of rounds.entries()) {
    const file = await emptyFile();
    const last = new Map(changes);
    const writer = new TableWriter(draftIn(file), { lookups, count: last.size });
    for (const [key, value] of [...last].sort(([one], [other]) => (one < other ? -1 : 1)))
      writer.add(key, value === undefined ? undefined : Buffer.from(value));
    await writer.finish();
    list.unshift(await Table.open(`table ${number}`, file, home));
  }
  return new Tables(list);
}

function modelOf(rounds: readonly (readonly Change[])[]): ReadonlyMap<string, string> {
  const model = new Map<string, string>();
  for (const [key, value] of rounds.flat()) {
    if (value === undefined) model.delete(key);
    else model.set(key, value);
  }
  return new Map([...model].sort(([one], [other]) => (one < other ? -1 : 1)));
}

const keys = fc.oneof(
  fc.tuple(fc.constantFrom("n", "k", "s"), fc.nat({ max: 3000 })).map(([prefix, number]) => prefix + String(number).padStart(6, "0")),
  fc.string({ unit: "grapheme", maxLength: 12 }).filter((text) => text.isWellFormed()),
);
const values = fc.option(
  fc.string({ maxLength: 400 }).filter((text) => text.isWellFormed()),
  { nil: undefined, freq: 4 },
);
const rounds = fc.array(fc.array(fc.tuple(keys, values), { maxLength: 600, size: "max" }), { minLength: 1, maxLength: 5 });

test("sorting in steps gives what sorting at once gives, and stops often", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(500), fc.nat()), { maxLength: 5_000, size: "max" }), (list) => {
      const steps = sortSteps(list, ([one], [other]) => one < other);
      let count = 0;
      let step = steps.next();
      for (; step.done !== true; step = steps.next()) count += 1;
      expect(step.value).toEqual(list.toSorted(([one], [other]) => one - other));
      expect(count).toBeGreaterThanOrEqual(Math.floor(list.length / 1_024));
    }),
    { numRuns: 40 },
  );
});

describe("tables", () => {
  test("find what a plain map finds, and walk it in order, up and down, from anywhere", async () => {
    await fc.assert(
      fc.asyncProperty(rounds, keys, async (changes, from) => {
        const tables = await tablesOf(changes);
        const model = modelOf(changes);
        for (const key of [from, ...changes.flat().map(([name]) => name)]) expect(tables.get(key)?.toString()).toBe(model.get(key));
        const all = [...model].map(([key, value]) => [key, value]);
        const walk = (start: string, direction: "up" | "down") =>
          [...tables.scan("", start, direction)].map(({ rest, value }) => [rest, value.toString()]);
        expect(walk("", "up")).toEqual(all);
        expect(walk(from, "up")).toEqual(all.filter(([key = ""]) => key >= from));
        expect(walk(from, "down")).toEqual(all.filter(([key = ""]) => key < from).reverse());
      }),
      { numRuns: 60 },
    );
  });

  test("walk what stands beside keys that filters know, whichever of them say something of it", async () => {
    const numbers = fc.nat({ max: 12 }).map((number) => String(number).padStart(6, "0"));
    const ends = fc.uniqueArray(fc.nat({ max: 9 }), { minLength: 1, maxLength: 10 });
    const streams = fc.array(fc.tuple(numbers, ends, fc.option(fc.string({ maxLength: 3 }), { nil: undefined })), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(streams, { minLength: 1, maxLength: 6 }), async (all) => {
        const changes = all.map((round) =>
          round.flatMap(([number, tails, value]) => [
            [`n${number}`, ""] as const,
            ...tails.map((tail): Change => [`h${number}${tail}`, value?.isWellFormed() === false ? "" : value]),
          ]),
        );
        const tables = await tablesOf(changes);
        const model = [...modelOf(changes)];
        for (let number = 0; number <= 13; number++) {
          const prefix = `h${String(number).padStart(6, "0")}`;
          const found = [...tables.scan(prefix, "")].map(({ rest, value }) => [prefix + rest, value.toString()]);
          expect(found).toEqual(model.filter(([key]) => key.startsWith(prefix)));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("say the same when they are merged, all of them or only the youngest", async () => {
    await fc.assert(
      fc.asyncProperty(rounds, fc.nat(4), async (changes, count) => {
        const tables = await tablesOf(changes);
        const merged = Math.min(tables.list.length, count + 1);
        const file = await emptyFile();
        const isOldest = merged === tables.list.length;
        expect(await mergeTables(tables.list.slice(0, merged), draftIn(file), { isOldest, lookups }, slices)).toBe(true);
        const table = await Table.open("merged", file, home);
        const now = new Tables([table, ...tables.list.slice(merged)]);
        const model = modelOf(changes);
        expect([...now.scan("", "")].map(({ rest, value }) => [rest, value.toString()])).toEqual([...model]);
        for (const [key] of changes.flat()) expect(now.get(key)?.toString()).toBe(model.get(key));
        if (isOldest) expect(table.footer.entries).toBe(model.size);
      }),
      { numRuns: 40 },
    );
  });

  test("give the key ends that several lists have in common, from anywhere, in both directions", async () => {
    const lists = fc.array(fc.uniqueArray(fc.nat(300), { maxLength: 200, size: "max" }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(lists, fc.nat(310), fc.boolean(), async (numbers, from, isUp) => {
        const pad = (number: number): string => String(number).padStart(4, "0");
        const entries = numbers.map((list, index) => list.map((number): Change => [`${index}:${pad(number)}`, ""]));
        // Each list in a table of its own, and an older one that says the opposite.
        const tables = await tablesOf([entries.flat().map(([key]): Change => [key, undefined]), ...entries]);
        const shared = numbers
          .reduce((one, other) => one.filter((number) => other.includes(number)))
          .filter((number) => (isUp ? number >= from : number < from))
          .sort((one, other) => (isUp ? one - other : other - one));
        const prefixes = numbers.map((_, index) => `${index}:`);
        expect([...intersection(tables, prefixes, pad(from), isUp ? "up" : "down")]).toEqual(shared.map(pad));
      }),
      { numRuns: 100 },
    );
  });

  test("notice every flipped bit: reading everything fails, or gives what was written", async () => {
    const disk = new SimulatedDisk({ random: () => 0.3 });
    const access = disk.begin();
    const file = await access.open("/table", "create");
    const writer = new TableWriter(draftIn(file), { lookups, count: 300 });
    const entries = Array.from({ length: 300 }, (_, index): Change => [`n${String(index).padStart(4, "0")}`, `value ${index}`.repeat(3)]);
    for (const [key, value = ""] of entries) writer.add(key, Buffer.from(value));
    const bytes = await writer.finish();
    let unseen = 0;
    for (let bit = 0; bit < bytes * 8; bit += 7) {
      disk.flipBit("/table", bit);
      const read = async (): Promise<readonly unknown[]> => {
        const tables = new Tables([await Table.open("table", file, { ...home, cache: new BlockCache() })]);
        tables.walk();
        return [...tables.scan("", "")].map(({ rest, value }) => [rest, value.toString()]);
      };
      if (
        await read().then(
          () => true,
          () => false,
        )
      )
        unseen += 1;
      disk.flipBit("/table", bit);
    }
    expect(unseen).toBe(0);
  });

  test("are merged when four of like size have come together, and a larger one is left alone", () => {
    const merged = (...megabytes: number[]) => worthMerging(megabytes.map((size) => size * 1024 * 1024));
    expect(merged()).toBe(0);
    expect(merged(1, 1, 1)).toBe(0);
    expect(merged(1, 2, 3, 0.1)).toBe(4);
    expect(merged(1, 1, 1, 1, 100)).toBe(4);
    expect(merged(1, 1, 1, 5, 5, 5)).toBe(0);
    expect(merged(1, 1, 1, 5, 5, 5, 6, 70)).toBe(7);
  });

  test("are written again a few times at most, and stay few, however many come", () => {
    let tables: number[] = [];
    let written = 0;
    for (let flush = 0; flush < 1_000; flush++) {
      tables.unshift(1024 * 1024);
      for (let count = worthMerging(tables); count > 0; count = worthMerging(tables)) {
        const size = tables.slice(0, count).reduce((sum, bytes) => sum + bytes, 0);
        written += size;
        tables = [size, ...tables.slice(count)];
      }
      expect(tables.length).toBeLessThan(20);
    }
    expect(written / (1_000 * 1024 * 1024)).toBeLessThan(6);
  });
});
