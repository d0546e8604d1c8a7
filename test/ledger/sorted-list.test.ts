// A sorted list against the simplest thing that could be right: an array that is sorted whenever it is asked.

import { fc } from "../fast-check.ts";
import { expect, test } from "vitest";
import { SortedList } from "../../src/ledger/sorted-list.ts";

test("any elements that come and go are given in order, both ways, from any place on", () => {
  // Runs of neighbours fill chunks and empty them again.
  const change = fc.record({ from: fc.nat(3_000), count: fc.integer({ min: 1, max: 700 }), isGone: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), fc.array(fc.integer({ min: -1, max: 4_000 }), { maxLength: 8 }), (changes, places) => {
      const list = new SortedList<number>((one, other) => one < other);
      const naive = new Set<number>();
      for (const { from, count, isGone } of changes) {
        for (let index = 0; index < count; index++) {
          // Back and forth, so that not everything comes last.
          const element = from + (index % 2 === 0 ? index : count - index);
          if (isGone) expect(list.delete(element)).toBe(naive.delete(element));
          else expect(list.add(element)).toBe(!naive.has(element));
          if (!isGone) naive.add(element);
        }
        expect(list.size).toBe(naive.size);
      }
      const sorted = [...naive].sort((one, other) => one - other);
      for (const place of places) {
        expect([...list.up((element) => element < place)]).toEqual(sorted.filter((element) => element >= place));
        expect([...list.down((element) => element > place)]).toEqual(sorted.filter((element) => element <= place).toReversed());
      }
    }),
    { numRuns: 60 },
  );
});
