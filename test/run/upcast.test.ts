// Facts of older editions are brought up when they are read; those of newer ones are refused. Few shapes have changed, so most tables are made here.

import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { readFact } from "../../src/run/read-fact.ts";
import { upcast, type Upcasts, UPCASTS, versionOf } from "../../src/run/upcast.ts";

/** As if `timer.set` had been given in seconds at first, and then had got a name for its time. */
const TABLE: Upcasts = {
  "timer.set": [
    ({ seconds, ...fact }) => ({ ...fact, at: typeof seconds === "number" ? seconds * 1_000 : 0 }),
    ({ at, ...fact }) => ({ ...fact, until: at ?? 0 }),
  ],
};

describe("a fact of an older version", () => {
  it("goes through every version up to the one of today", () => {
    const first = { type: "timer.set", node: "pause", seconds: 7 };
    expect(upcast(first, TABLE)).toEqual({ type: "timer.set", node: "pause", until: 7_000, v: 3 });
    expect(upcast({ type: "timer.set", node: "pause", at: 7_000, v: 2 }, TABLE)).toEqual({
      type: "timer.set",
      node: "pause",
      until: 7_000,
      v: 3,
    });
    expect(first).toEqual({ type: "timer.set", node: "pause", seconds: 7 });
  });

  it("brought up once more is the same, whatever it holds", () => {
    const table = {
      ...TABLE,
      "node.failed": [(fact: JsonObject) => ({ ...fact, count: typeof fact["count"] === "number" ? fact["count"] + 1 : 0 })],
    };
    const members = fc.dictionary(fc.constantFrom("node", "at", "seconds", "count", "until"), fc.oneof(fc.integer(), fc.string()));
    fc.assert(
      fc.property(
        fc.constantFrom("timer.set", "node.failed", "run.waiting"),
        fc.option(fc.integer({ min: 1, max: 3 })),
        members,
        (type, v, rest) => {
          const fact = { ...rest, type, ...(v === null ? {} : { v: Math.min(v, versionOf(type, table)) }) };
          const once = upcast(fact, table);
          if (once === undefined) throw new Error("a version up to today's was refused");
          expect(upcast(once, table)).toEqual(once);
          expect(once["v"] ?? 1).toBe(versionOf(type, table));
        },
      ),
    );
  });

  it("is read as one of today, frozen, and its record stays as it is", () => {
    const recorded = { type: "timer.set", node: "pause", seconds: 7 };
    const fact = readFact(recorded, "run_1", TABLE);
    expect(fact).toEqual({ type: "timer.set", node: "pause", until: 7_000, v: 3 });
    expect(Object.isFrozen(fact)).toBe(true);
    expect(recorded).toEqual({ type: "timer.set", node: "pause", seconds: 7 });
  });
});

describe("a fact that is not known here", () => {
  it.each([
    [
      { type: "timer.set", node: "pause", until: 1, v: 4 },
      { type: "timer.set", v: 4 },
    ],
    [
      { type: "run.waiting", v: 2 },
      { type: "run.waiting", v: 2 },
    ],
    [{ type: "run.dreaming" }, { type: "run.dreaming" }],
    [
      { type: "run.waiting", v: 0 },
      { type: "run.waiting", v: 0 },
    ],
    [
      { type: "run.waiting", v: 1.5 },
      { type: "run.waiting", v: 1.5 },
    ],
    [{ type: "run.waiting", v: "1" }, { type: "run.waiting" }],
    [{ type: "toString" }, { type: "toString" }],
    [{ type: 7 }, { type: null }],
    [{}, { type: null }],
  ])("such as %j is refused with its run", (json, details) => {
    const read = () => readFact(json, "run_1", TABLE);
    expect(read).toThrow(
      expect.objectContaining({ name: "RunError", code: "fact_too_new", details: { run: "run_1", ...details } }) as Error,
    );
    expect(read).toThrow(/run run_1 .* does not know/);
  });

  it("is none of version 1, and versions are written down only of shapes that have changed", () => {
    expect(Object.keys(UPCASTS)).toEqual(["child.settled", "run.compacted"]);
    expect(readFact({ type: "run.waiting", v: 1 }, "run_1")).toEqual({ type: "run.waiting", v: 1 });
  });
});

describe("spending that was recorded with one sum of dollars", () => {
  const settled = (usd: number | null): JsonObject => ({
    type: "child.settled",
    node: "posts",
    key: "en",
    status: "succeeded",
    spending: { calls: 2, inputTokens: 30, outputTokens: 4, usd },
  });
  const tokens = { calls: 2, inputTokens: 30, outputTokens: 4, cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 };

  it("is known as a whole, or unknown in each of its calls", () => {
    expect(readFact(settled(0.5), "run_1")).toMatchObject({ v: 2, spending: { ...tokens, knownUsd: 0.5, unpricedCalls: 0 } });
    expect(readFact(settled(null), "run_1")).toMatchObject({ v: 2, spending: { ...tokens, knownUsd: 0, unpricedCalls: 2 } });
  });

  it("is read in receipts, too, and a child that spent nothing has none", () => {
    const receipt = { run: "run_1", spending: settled(null)["spending"] ?? null };
    expect(readFact({ type: "run.compacted", receipt }, "run_1")).toMatchObject({ v: 2, receipt: { run: "run_1", spending: tokens } });
    const { spending: _spending, ...free } = settled(0);
    expect(readFact(free, "run_1")).toEqual({ ...free, v: 2 });
  });
});
