// Moments as callers name them.

import { toTime } from "kindling";
import { describe, expect, it } from "vitest";

describe("a moment", () => {
  it.each<[unknown, string]>([
    [new Date("2026-11-21T08:30:00Z"), "2026-11-21T08:30:00.000Z"],
    [Date.UTC(2026, 10, 21), "2026-11-21T00:00:00.000Z"],
    [0.9, "1970-01-01T00:00:00.000Z"],
    [-0.1, "1969-12-31T23:59:59.999Z"],
    ["2026-11-21", "2026-11-21T00:00:00.000Z"],
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
    ["2026-11-21T09:30Z", "2026-11-21T09:30:00.000Z"],
    ["2026-11-21T00:30:00.123456+01:00", "2026-11-20T23:30:00.123Z"],
    ["2026-11-21T23:30:00-09:45", "2026-11-22T09:15:00.000Z"],
    ["+012026-11-21", "+012026-11-21T00:00:00.000Z"],
  ])("%j is one", (given, iso) => {
    expect(new Date(toTime(given) ?? Number.NaN).toISOString()).toBe(iso);
  });

  it.each([
    "",
    "today",
    "2026",
    "2026-11",
    "21.11.2026",
    "2026-11-21T09:30:00",
    "2026-11-21 09:30Z",
    "2026-02-30",
    "2026-02-29T10:00Z",
    "2026-04-31T23:59:59+14:00",
    "2026-13-01",
    "2026-11-21T25:00Z",
    "2026-11-21T09:30:00+25:00",
    "+275760-09-13T00:00:00.001Z",
    Number.NaN,
    Infinity,
    9e15,
    new Date("nothing"),
    null,
    undefined,
    {},
    1n,
  ])("%s is none", (given) => {
    expect(toTime(given)).toBeUndefined();
  });

  it.each(["-271821-04-20T00:00:00-01:00", "+275760-09-13T00:00:00+01:00", "+275760-09-13"])(
    "%s, at the end of time, is one or none and no mistake",
    (text) => {
      const time = toTime(text);
      expect(time === undefined || Number.isFinite(new Date(time).getTime())).toBe(true);
    },
  );
});
