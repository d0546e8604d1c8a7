import { describe, expect, it } from "vitest";
import { nearestEffort, nearestSpan } from "../../../providers/http/nearest.ts";
import { withProviderOptions } from "../../../providers/http/wire-body.ts";
import { REQUEST } from "../../conformance/provider.ts";

describe("the nearest effort", () => {
  it.each([
    ["minimal", ["low", "medium", "high"], "low"],
    ["max", ["low", "medium", "high"], "high"],
    ["xhigh", ["low", "medium", "high", "max"], "high"],
    ["none", ["low", "high"], "low"],
    ["none", ["none", "high"], "none"],
    ["minimal", ["none", "medium"], "medium"],
    ["high", ["none"], "none"],
  ] as const)("of %s among %j is %s", (asked, offered, expected) => {
    const warnings: string[] = [];
    expect(nearestEffort("m", asked, offered, warnings)).toBe(expected);
    expect(warnings).toEqual(expected === asked ? [] : [`reasoning: m has no effort "${asked}"; "${expected}" was taken`]);
  });

  it("is the one asked for where nobody knows", () => {
    expect(nearestEffort("m", "xhigh", undefined, [])).toBe("xhigh");
  });
});

describe("the nearest span", () => {
  it.each([
    ["5m", ["5m", "1h"], "5m"],
    ["30m", ["5m", "1h"], "1h"],
    ["12h", ["5m", "1h"], "1h"],
    ["5m", ["30m", "12h"], "30m"],
    ["1h", ["30m", "12h"], "30m"],
    ["12h", ["30m"], "30m"],
  ] as const)("of %s among %j is %s", (asked, offered, expected) => {
    const warnings: string[] = [];
    expect(nearestSpan(asked, offered, warnings)).toBe(expected);
    nearestSpan(asked, offered, warnings);
    expect(warnings).toEqual(expected === asked ? [] : [`cache: there is no span of "${asked}"; "${expected}" was taken`]);
  });
});

describe("members of the API's own", () => {
  const body = { model: "m", options: { num_predict: 1, stop: ["a"] }, list: [1] };

  it("are merged member by member; lists and values take the place of what was there", () => {
    const providerOptions = { own: { options: { num_ctx: 2, stop: ["b"] }, list: { a: 1 }, model: null } };
    expect(withProviderOptions(body, { ...REQUEST, providerOptions }, "own")).toEqual({
      model: null,
      options: { num_predict: 1, num_ctx: 2, stop: ["b"] },
      list: { a: 1 },
    });
  });

  it("of another provider change nothing", () => {
    expect(withProviderOptions(body, { ...REQUEST, providerOptions: { other: { x: 1 } } }, "own")).toBe(body);
  });
});
