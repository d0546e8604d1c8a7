// Conditions on one value, as data: what fits, what they say of themselves, what is wrong with them.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import { hashJson } from "../../src/json.ts";
import { checkMatcher, describeMatcher, isMatch, matcherDetail, type Matcher } from "../../src/nodes/matcher.ts";

const found = (matcher: unknown) => checkMatcher("where.x", matcher).map(({ code, message }) => `${code} ${message}`);

describe("a value fits", () => {
  it("what it is equal to, of the same type", () => {
    expect(isMatch({ eq: 1 }, 1)).toBe(true);
    expect(isMatch({ eq: null }, null)).toBe(true);
    expect(isMatch({ eq: false }, false)).toBe(true);
    expect(isMatch({ eq: 1 }, "1")).toBe(false);
    expect(isMatch({ eq: false }, null)).toBe(false);
    expect(isMatch({ eq: 0 }, false)).toBe(false);
  });

  it("one of several", () => {
    expect(isMatch({ in: ["a", null] }, null)).toBe(true);
    expect(isMatch({ in: ["a", "b"] }, "c")).toBe(false);
  });

  it("text that an expression finds, given as one or as text, and nothing but text", () => {
    expect(isMatch({ matches: /^a/i }, "Abc")).toBe(true);
    expect(isMatch({ matches: "^a" }, "abc")).toBe(true);
    expect(isMatch({ matches: "^a" }, "Abc")).toBe(false);
    expect(isMatch({ matches: /1/ }, 1)).toBe(false);
    expect(isMatch({ matches: /null/ }, null)).toBe(false);
  });

  it("a number in a range, ends included, and nothing but numbers", () => {
    const range = { min: 1, max: 3 };
    expect([0.9, 1, 3, 3.1].map((value) => isMatch(range, value))).toEqual([false, true, true, false]);
    expect(isMatch({ min: 1 }, 1e9)).toBe(true);
    expect(isMatch({ max: 1 }, -1e9)).toBe(true);
    expect(isMatch({ min: 0 }, "5")).toBe(false);
    expect(isMatch({ min: 0 }, null)).toBe(false);
  });
});

describe("what is wrong with a matcher is found:", () => {
  it("nothing in the right ones", () => {
    for (const matcher of [
      { eq: null },
      { in: [1] },
      { matches: /a/iu },
      { matches: "a" },
      { min: 0 },
      { min: 1, max: 1 },
      { eq: "", in: undefined },
    ])
      expect(found(matcher)).toEqual([]);
  });

  it("something that is none, or says nothing, or has several conditions", () => {
    expect(found("a")).toEqual(['bad_matcher where.x is "a" and no matcher']);
    expect(found(null)).toEqual(["bad_matcher where.x is null and no matcher"]);
    expect(found(/a/)).toEqual(["bad_matcher where.x is /a/ and no matcher"]);
    expect(found(["a"])).toEqual(["bad_matcher where.x is a list and no matcher"]);
    expect(found({})).toEqual(["bad_matcher where.x says nothing to match"]);
    expect(found({ eq: undefined })).toEqual(["bad_matcher where.x says nothing to match"]);
    expect(found({ eq: 1, max: 2 })).toEqual(['bad_matcher where.x has "eq" and "max"']);
  });

  it("an option that is unknown, with the nearest one", () => {
    expect(checkMatcher("where.x", { matchs: /a/ })).toMatchObject([
      { code: "bad_matcher", message: 'where.x has "matchs", which no matcher has', hint: 'Did you mean "matches"?' },
    ]);
  });

  it("values that cannot be compared", () => {
    expect(found({ eq: { a: 1 } })).toEqual(["bad_matcher where.x.eq is an object"]);
    expect(found({ eq: Number.NaN })).toEqual(["bad_matcher where.x.eq is NaN"]);
    expect(found({ in: [] })).toEqual(["bad_matcher where.x.in is an empty list"]);
    expect(found({ in: "ab" })).toEqual(['bad_matcher where.x.in is "ab"']);
    expect(found({ in: ["a", ["b"]] })).toEqual(["bad_matcher where.x.in[1] is a list"]);
  });

  it("expressions that are none, or that remember where they were", () => {
    expect(found({ matches: "(" })[0]).toMatch(/^bad_matcher where\.x\.matches is no regular expression: .*Unterminated group/);
    expect(found({ matches: 1 })).toEqual(["bad_matcher where.x.matches is 1"]);
    expect(found({ matches: /a/g })).toEqual(["bad_matcher where.x.matches has the flag g"]);
    expect(found({ matches: /a/y })).toEqual(["bad_matcher where.x.matches has the flag y"]);
  });

  it("ranges without numbers, or with none in them", () => {
    expect(found({ min: "1", max: Number.POSITIVE_INFINITY })).toEqual([
      'bad_matcher where.x.min is "1"',
      "bad_matcher where.x.max is Infinity",
    ]);
    expect(found({ min: 2, max: 1 })).toEqual(["bad_matcher where.x.min is 2 and where.x.max is 1"]);
  });

  it("a node in the place of a value", () => {
    let findings: readonly { readonly code: string; readonly message: string }[] = [];
    contract("handles", {
      inputs: { topic: z.string() },
      define: (_g, { topic }) => {
        findings = checkMatcher("where.x", { in: ["a", topic] });
        return { topic };
      },
    });
    expect(findings).toMatchObject([{ code: "handle_as_value", message: 'where.x.in[1] is the handle "topic"' }]);
  });
});

describe("a matcher is told", () => {
  it("in words that follow `to be`, up to 80 characters", () => {
    const told: readonly [Matcher, string][] = [
      [{ eq: "a" }, '"a"'],
      [{ in: ["a", 1, null] }, 'one of "a", 1, null'],
      [{ matches: "^a" }, "text matching /^a/"],
      [{ matches: /a/i }, "text matching /a/i"],
      [{ min: 1 }, "at least 1"],
      [{ max: 9 }, "at most 9"],
      [{ min: 1, max: 9 }, "from 1 to 9"],
    ];
    for (const [matcher, text] of told) expect(describeMatcher(matcher)).toBe(text);
    const long = describeMatcher({ in: Array.from({ length: 50 }, (_, index) => `value ${index}`) });
    expect(long).toHaveLength(80);
    expect(long.endsWith("…")).toBe(true);
  });

  it("as JSON, in which equal matchers are equal and others are not", () => {
    expect(matcherDetail({ matches: /^a/i })).toEqual({ matches: { source: "^a", flags: "i" } });
    expect(matcherDetail({ min: 0 })).toEqual({ min: 0 });
    expect(matcherDetail({ eq: null })).toEqual({ eq: null });
    const hashes = [{ matches: /a/ }, { matches: /a/i }, { matches: "a" }, { eq: "a" }, { in: ["a"] }].map((matcher) =>
      hashJson(matcherDetail(matcher)),
    );
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
