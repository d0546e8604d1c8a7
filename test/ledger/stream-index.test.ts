// The index against the simplest thing that could be right: a list of all entries, searched from the start.

import { fc } from "../fast-check.ts";
import { expect, test } from "vitest";
import type { Entry, FindQuery, StreamHead } from "../../src/ledger/ledger.ts";
import { IndexFolder, type IndexPoint } from "../../src/ledger/index-folder.ts";
import { type IndexLayer, upTo } from "../../src/ledger/index-layer.ts";
import { StreamIndex } from "../../src/ledger/stream-index.ts";
import type { Rank, RankQuery } from "../../src/ledger/rank.ts";
import { LISTS, PLACES } from "./compared.ts";
import { rankedIn } from "./naive-ledger.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

const RUNS = ["a", "b", "c", "d"] as const;
const KEYS = ["contract:x", "contract:y", "status:waiting", "status:done"] as const;

const change = fc.record({
  run: fc.constantFrom(...RUNS),
  count: fc.integer({ min: 1, max: 3 }),
  head: fc.option(
    fc.record(
      {
        open: fc.boolean(),
        keys: fc.uniqueArray(fc.constantFrom(...KEYS)),
        due: fc.constantFrom(0, 100, 300.5, 500, 500.5, 9_000),
        ranks: fc.array(fc.record({ list: fc.constantFrom(...LISTS), place: fc.constantFrom(...PLACES) }), { maxLength: 3 }),
      },
      { requiredKeys: ["open", "keys"] },
    ),
    { nil: undefined },
  ),
});

const query: fc.Arbitrary<FindQuery> = fc.record(
  {
    keys: fc.uniqueArray(fc.constantFrom(...KEYS)),
    open: fc.boolean(),
    after: fc.integer({ min: 0, max: 20 }),
    newestFirst: fc.boolean(),
    limit: fc.integer({ min: 0, max: 4 }),
  },
  { requiredKeys: ["keys"] },
);

const rankQuery: fc.Arbitrary<RankQuery> = fc.record(
  {
    list: fc.constantFrom(...LISTS, "of-none"),
    from: fc.constantFrom(...PLACES),
    before: fc.constantFrom(...PLACES),
    after: fc.record({ place: fc.constantFrom(...PLACES), started: fc.integer({ min: 0, max: 20 }) }),
    descending: fc.boolean(),
    limit: fc.integer({ min: 0, max: 4 }),
  },
  { requiredKeys: ["list"] },
);
const questions = fc.record({ finds: fc.array(query, { maxLength: 10 }), ranks: fc.array(rankQuery, { maxLength: 10 }) });

/** What an index is asked. */
interface Questions {
  readonly finds: readonly FindQuery[];
  readonly ranks: readonly RankQuery[];
}

test("any log and any query give what a search through all entries gives, in memory alone", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), questions, (changes, queries) => {
      const entries = entriesOf(changes);
      const index = new StreamIndex();
      for (const entry of entries) index.add(entry, offsetOf(entry.position));
      expectToKnow(index, entries, queries);
    }),
  );
});

test("the same when older parts have gone into tables, one or several, merged or not, or are on their way there", async () => {
  const cuts = fc.uniqueArray(fc.nat({ max: 40 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { maxLength: 40, size: "max" }),
      questions,
      cuts,
      fc.nat(40),
      async (changes, queries, keepAfter, frozenAfter) => {
        const entries = entriesOf(changes);
        const folder = new IndexFolder(new SimulatedDisk({ random: () => 0.3 }).begin(), "/index");
        let stored = folder.empty();
        let index = new StreamIndex(stored);
        for (const entry of entries) {
          index.add(entry, offsetOf(entry.position));
          if (entry.position === frozenAfter) index = new StreamIndex(index);
          else if (keepAfter.includes(entry.position) && index.below === stored) {
            stored = await folder.flush(index, stored, pointAt(entry.position), SLICES.pause);
            const merge = await folder.merge(stored, SLICES);
            if (merge !== undefined) stored = await folder.replace(stored, pointAt(entry.position), merge);
            index = new StreamIndex(stored);
          }
        }
        expectToKnow(index, entries, queries);
        const [last] = stored.tables.list;
        const reopened = await folder.open();
        expect(reopened?.index.position).toBe(last === undefined ? undefined : stored.position);
        if (reopened !== undefined) expectToKnow(reopened.index, entries.slice(0, stored.position), queries);
      },
    ),
    { numRuns: 150 },
  );
});

function expectToKnow(index: IndexLayer, entries: readonly Entry[], { finds, ranks }: Questions): void {
  expect(index.position).toBe(entries.length);
  expect(index.facts).toBe(entries.reduce((sum, { facts }) => sum + facts.length, 0));
  for (const run of RUNS) {
    expect(index.head(run)).toEqual(headOf(entries, run));
    for (let from = 1; from <= 8; from++) {
      const own = entries.filter((entry) => entry.run === run && entry.first + entry.facts.length > from);
      const places = own.map(({ position }) => ({ position, offset: offsetOf(position) }));
      expect(index.places(run, from)).toEqual(places);
      expect(index.places(run, from, 2)).toEqual(places.slice(0, 2));
    }
  }
  for (const each of ranks) expect(upTo(index.ranked(each), each.limit)).toEqual(rankedIn(allHeads(entries), each));
  for (const each of finds) expect(upTo(index.find(each), each.limit)).toEqual(search(entries, each));
  const timed = RUNS.flatMap((run) => headOf(entries, run) ?? []).filter(({ open, due }) => open && due !== undefined && due <= 500);
  const byTime = timed.sort((one, other) => (one.due ?? 0) - (other.due ?? 0) || one.started - other.started);
  expect([...index.due(500)]).toEqual(byTime);
  for (let position = 1; position <= entries.length; position++) {
    const place = index.placeBefore(position);
    expect(place === undefined || (place.position <= position && place.offset === offsetOf(place.position))).toBe(true);
    expect(position - (place?.position ?? 0)).toBeLessThan(64);
  }
}

const SLICES = { pause: async () => undefined, isOver: () => false };

function offsetOf(position: number): number {
  return position * 1_000 + (position % 7);
}

function pointAt(position: number): IndexPoint {
  return { position, offset: offsetOf(position + 1), group: position, chain: "", last: offsetOf(position) };
}

test("an entry that does not follow its stream is a fault of ours", () => {
  const index = new StreamIndex();
  expect(() => index.add({ position: 1, time: 0, run: "a", first: 2, facts: [{}] })).toThrow("begins with fact 2");
});

function entriesOf(
  changes: readonly {
    readonly run: string;
    readonly count: number;
    readonly head:
      | { readonly open: boolean; readonly keys: readonly string[]; readonly due?: number; readonly ranks?: readonly Rank[] }
      | undefined;
  }[],
): readonly Entry[] {
  const versions = new Map<string, number>();
  return changes.map(({ run, count, head }, index) => {
    const version = versions.get(run) ?? 0;
    versions.set(run, version + count);
    const entry = { position: index + 1, time: 100 + index, run, first: version + 1, facts: Array.from({ length: count }, () => ({})) };
    return head === undefined ? entry : { ...entry, head: { ...head, note: {} } };
  });
}

function allHeads(entries: readonly Entry[]): StreamHead[] {
  return RUNS.flatMap((run) => headOf(entries, run) ?? []);
}

function headOf(entries: readonly Entry[], run: string): StreamHead | undefined {
  const own = entries.filter((entry) => entry.run === run);
  const [first] = own;
  const last = own.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const head = own.findLast((entry) => entry.head !== undefined)?.head ?? { open: true, keys: [], note: {} };
  return {
    ...head,
    run,
    version: last.first + last.facts.length - 1,
    started: first.position,
    position: last.position,
    startedAt: first.time,
    time: last.time,
  };
}

function search(entries: readonly Entry[], { keys, open, after, newestFirst = false, limit }: FindQuery): readonly StreamHead[] {
  const heads = allHeads(entries).sort((one, other) => one.started - other.started);
  const matching = (newestFirst ? heads.reverse() : heads)
    .filter((head) => keys.every((key) => head.keys.includes(key)))
    .filter((head) => open === undefined || head.open === open)
    .filter(({ started }) => after === undefined || (newestFirst ? started < after : started > after));
  return matching.slice(0, limit);
}
