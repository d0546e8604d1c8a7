// The index against the simplest thing that could be right: a list of all entries, searched from the start.

import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Entry, FindQuery, StreamHead } from "../../src/ledger/ledger.ts";
import { StreamIndex } from "../../src/ledger/stream-index.ts";

const RUNS = ["a", "b", "c", "d"] as const;
const KEYS = ["contract:x", "contract:y", "status:waiting", "status:done"] as const;

const change = fc.record({
  run: fc.constantFrom(...RUNS),
  count: fc.integer({ min: 1, max: 3 }),
  head: fc.option(fc.record({ open: fc.boolean(), keys: fc.uniqueArray(fc.constantFrom(...KEYS)) }), { nil: undefined }),
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

test("any log and any query give what a search through all entries gives", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), fc.array(query, { maxLength: 10 }), (changes, queries) => {
      const entries = entriesOf(changes);
      const index = new StreamIndex();
      for (const entry of entries) index.add(entry);
      for (const run of RUNS) {
        expect(index.head(run)).toEqual(headOf(entries, run));
        for (let from = 1; from <= 8; from++) {
          const own = entries.filter((entry) => entry.run === run && entry.first + entry.facts.length > from);
          expect(index.positionsOf(run, from)).toEqual(own.map(({ position }) => position));
        }
      }
      for (const each of queries) expect(index.find(each)).toEqual(search(entries, each));
    }),
  );
});

test("an entry that does not follow its stream is a fault of ours", () => {
  const index = new StreamIndex();
  expect(() => index.add({ position: 1, time: 0, run: "a", first: 2, facts: [{}] })).toThrow("begins with fact 2");
});

function entriesOf(
  changes: readonly {
    readonly run: string;
    readonly count: number;
    readonly head: { readonly open: boolean; readonly keys: readonly string[] } | undefined;
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
  const heads = RUNS.flatMap((run) => headOf(entries, run) ?? []).sort((one, other) => one.started - other.started);
  const matching = (newestFirst ? heads.reverse() : heads)
    .filter((head) => keys.every((key) => head.keys.includes(key)))
    .filter((head) => open === undefined || head.open === open)
    .filter(({ started }) => after === undefined || (newestFirst ? started < after : started > after));
  return matching.slice(0, limit);
}
