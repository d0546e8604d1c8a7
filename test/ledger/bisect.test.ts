// Search in what is in order: from the middle, or from a guess.

import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { lastNear } from "../../src/ledger/bisect.ts";

describe("a search from a guess", () => {
  const brackets = fc
    .tuple(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 100_000 }))
    .chain(([there, span]) => fc.tuple(fc.constant({ there, not: there + span }), fc.integer({ min: there, max: there + span - 1 })));

  it("finds the last index that holds, whatever was guessed, and asks about none twice and none outside", async () => {
    await fc.assert(
      fc.asyncProperty(brackets, fc.integer({ min: -10, max: 200_000 }), async ([bracket, last], guess) => {
        const asked: number[] = [];
        const found = await lastNear(guess, bracket, async (index) => {
          asked.push(index);
          return index <= last;
        });
        expect(found).toBe(last);
        expect(new Set(asked).size).toBe(asked.length);
        expect(asked.every((index) => index > bracket.there && index < bracket.not)).toBe(true);
      }),
    );
  });

  it("costs as many looks as the guess is good, and at worst twice those of halving", async () => {
    await fc.assert(
      fc.asyncProperty(brackets, fc.integer({ min: -200_000, max: 200_000 }), async ([bracket, last], off) => {
        let looks = 0;
        await lastNear(last + off, bracket, async (index) => (looks++, index <= last));
        const reach = Math.min(Math.abs(off), bracket.not - bracket.there);
        expect(looks).toBeLessThanOrEqual(2 * Math.log2(reach + 1) + 3);
      }),
    );
  });
});
