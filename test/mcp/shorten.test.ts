// Cutting JSON to size: always within the budget, always JSON of the same form.

import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { shorten, shortenText, sizeOf, SMALLEST_BUDGET } from "../../mcp/shorten.ts";
import { toJson } from "../../src/index.ts";

describe("shorten", () => {
  it("leaves alone what fits", () => {
    const value = { a: [1, "two", { three: true }] };
    expect(shorten(value, sizeOf(value))).toEqual({ value, isCut: false });
  });

  it("keeps within any budget, whatever the value", () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 6 }),
        fc.string({ unit: "binary", maxLength: 3_000 }),
        fc.integer({ min: SMALLEST_BUDGET, max: 2_000 }),
        (json, text, budget) => {
          const value = toJson([json, text, { [text.slice(0, 30)]: json, text }]);
          if (!value.ok) return;
          const { value: short, isCut } = shorten(value.value, budget);
          expect(sizeOf(short)).toBeLessThanOrEqual(budget);
          expect(isCut).toBe(sizeOf(value.value) > budget);
        },
      ),
    );
  });

  it("shares the room among members and says what is missing", () => {
    expect(shorten({ long: "x".repeat(1_000), short: "kept" }, 200).value).toEqual({
      long: expect.stringMatching(/^x+… \(1000 characters\)$/) as string,
      short: "kept",
    });
    const list = shorten(
      Array.from({ length: 1_000 }, (_, index) => index),
      300,
    ).value;
    expect(Array.isArray(list) ? list.at(-1) : undefined).toMatch(/^… \d+ more$/);
    const object = shorten(Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`key ${index}`, index])), 300).value;
    expect(object).toHaveProperty("…", expect.stringMatching(/^\d+ more$/));
  });

  it("shows the first items of a long list whole, in place of nothing of each", () => {
    const rows = Array.from({ length: 2_000 }, (_, index) => ({ name: `row ${index}`, count: index }));
    const { value: list } = shorten(rows, 1_000);
    const shown = Array.isArray(list) ? list.slice(0, -1) : [];
    expect(shown).toEqual(rows.slice(0, shown.length));
    expect(shown.length).toBeGreaterThan(20);
    expect(Array.isArray(list) ? list.at(-1) : undefined).toBe(`… ${2_000 - shown.length} more`);
    const texts = shorten(["short", "x".repeat(1_000), "y".repeat(1_000)], 600).value;
    expect(texts).toEqual(["short", expect.stringMatching(/^x{200}/), expect.stringMatching(/^y{200}/)]);
  });

  it("cuts no character in half", () => {
    expect(shortenText("🍵".repeat(50), 40).isWellFormed()).toBe(true);
  });
});
