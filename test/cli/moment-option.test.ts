// Times of this machine as somebody types them, wherever it stands.

import { afterEach, describe, expect, it, vi } from "vitest";
import { localTime, pastOf, zoned } from "../../src/cli/moment-option.ts";

const here = (zone: string) => vi.stubEnv("TZ", zone);

afterEach(() => vi.unstubAllEnvs());

describe.each([
  ["UTC", "+00:00", "+00:00"],
  ["Europe/Berlin", "+01:00", "+02:00"],
  ["America/St_Johns", "-03:30", "-02:30"],
  ["Asia/Kathmandu", "+05:45", "+05:45"],
])("in %s", (zone, winter, summer) => {
  it("a time without a zone is one of this machine, with the offset of that day", () => {
    here(zone);
    expect(zoned("2026-01-15 10:00")).toBe(`2026-01-15T10:00${winter}`);
    expect(zoned("2026-07-15T10:00:30.5")).toBe(`2026-07-15T10:00:30.5${summer}`);
    expect(localTime("2026-07-15")).toBe(Date.parse(`2026-07-15T00:00${summer}`));
    expect(pastOf({ asOf: "2026-01-15 10:00" })).toEqual({ asOf: { time: Date.parse(`2026-01-15T10:00${winter}`) } });
  });

  it("a time with a zone, a day and what is no time stay as they are", () => {
    here(zone);
    for (const text of ["2026-01-15T10:00Z", "2026-01-15T10:00-09:00", "2026-01-15", "yesterday", ""]) expect(zoned(text)).toBe(text);
    expect(zoned("2026-01-15 10:00Z")).toBe("2026-01-15T10:00Z");
    expect(pastOf({ asOf: "17" })).toEqual({ asOf: { position: 17 } });
  });

  it.each(["2026-02-30 10:00", "2026-02-30", "0", "soon", "2026-01-15 10", "1e3"])("%s is refused", (text) => {
    here(zone);
    expect(() => pastOf({ asOf: text })).toThrow(`--as-of ${text} is no time and no position`);
  });
});
