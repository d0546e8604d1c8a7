// Durations and near names: the small readings that findings and options rest on.

import { describe, expect, it } from "vitest";
import { describeMilliseconds, toMilliseconds, type Duration } from "../../src/graph/duration.ts";
import { didYouMean, nearest } from "../../src/graph/nearest.ts";

describe("durations", () => {
  it("are milliseconds, or a number with a unit", () => {
    expect((["250ms", "1.5s", "2m", "1h", "3d", "1w", 12.4, 0] as const).map(toMilliseconds)).toEqual([
      250, 1_500, 120_000, 3_600_000, 259_200_000, 604_800_000, 12, 0,
    ]);
  });

  it("that are none give nothing", () => {
    for (const wrong of ["", "3", "d", "3 d", "-1s", "1y", "1e3s", " 1s", "1s ", -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(toMilliseconds(wrong as Duration)).toBeUndefined();
  });

  it("are told to people in the two units that matter", () => {
    expect([250, 4_200, 59_999, 60_000, 125_000, 7_500_000, 259_200_000, 262_800_000].map(describeMilliseconds)).toEqual([
      "250 ms",
      "4.2 s",
      "1 min",
      "1 min",
      "2 min 5 s",
      "2 h 5 min",
      "3 d",
      "3 d 1 h",
    ]);
  });
});

describe("near names", () => {
  it("are within a third of the name's length, whatever their case, the nearest first", () => {
    expect(nearest("chanel", ["channels", "channel"])).toBe("channel");
    expect(nearest("TOPIC", ["topic"])).toBe("topic");
    expect(nearest("x", ["y"])).toBe("y");
    expect(nearest("topic", ["draft", "review"])).toBeUndefined();
    expect(nearest("", [])).toBeUndefined();
  });

  it("are proposed, or else what is known is listed", () => {
    expect(didYouMean("topik", ["topic", "draft"])).toBe('Did you mean "topic"?');
    expect(didYouMean("zebra", ["topic", "draft"])).toBe('Known: "topic", "draft".');
    expect(didYouMean("zebra", [])).toBe("There are none.");
  });
});
