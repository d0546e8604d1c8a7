// What is found wrong or doubtful about the cases of a branch before anything runs.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { compile, contract } from "../../src/index.ts";
import { findingsOf, lines } from "../dsl/findings-of.ts";
import { choosing } from "./choosing.ts";

describe("the cases of a branch", () => {
  const found = (...parameters: Parameters<typeof choosing>) => lines(findingsOf(() => choosing(...parameters)));

  it("with conditions need a default", () => {
    expect(found([["a"], ["large", { min: 9 }]], { fallback: false })).toEqual([
      'no_default_case choice: the case "large" has a condition, and there is no default',
    ]);
    expect(() => choosing([["a"]], { fallback: false })).not.toThrow();
  });

  it("have sound conditions, and children to run", () => {
    expect(
      found([
        ["a", { eq: [] as never }],
        ["b", { min: 9, max: 1 }],
      ]),
    ).toEqual(["bad_matcher choice: cases.a.when.eq is a list", "bad_matcher choice: cases.b.when.min is 9 and cases.b.when.max is 1"]);
    const noRun = () =>
      contract("x", {
        inputs: { said: z.string() },
        define: (g, { said }) =>
          g.branch("choice", {
            needs: { said },
            on: "said",
            // @ts-expect-error a condition without a child
            cases: { a: { when: { eq: "a" } } },
            default: (_g, { said }) => said,
          }),
      });
    expect(lines(findingsOf(noRun))).toEqual([
      'bad_child choice: part "a" is undefined: not defined yet, or the contract itself, which cannot contain itself',
    ]);
  });

  it("leave the name of the default to it", () => {
    expect(found([["default"]])).toEqual(['bad_name choice: "default" is the default, and a case has that name too']);
    expect(() => choosing([["default"]], { fallback: false })).not.toThrow();
  });

  it("are warned of when one is never taken", () => {
    const never = (...cases: Parameters<typeof choosing>[0]) =>
      compile(choosing(cases)).findings.map(({ code, message }) => `${code} ${/"(.*?)"/.exec(message)?.[1]}`);
    expect(never(["a", { eq: 1 }], ["b", { eq: 1 }])).toEqual(["case_never_taken b"]);
    expect(never(["a"], ["b", { in: ["a"] }])).toEqual(["case_never_taken b"]);
    expect(never(["x", { in: ["a", "b"] }], ["a"])).toEqual(["case_never_taken a"]);
    expect(never(["x", { eq: "a" }], ["y", { matches: /^b/ }], ["z", { in: ["a", "bc"] }])).toEqual(["case_never_taken z"]);
    expect(never(["x", { min: 1 }], ["y", { min: 2, max: 3 }], ["z", { eq: 7 }])).toEqual(["case_never_taken y", "case_never_taken z"]);
    expect(never(["x", { matches: /a/ }], ["y", { matches: /a/ }], ["z", { matches: /a/i }])).toEqual(["case_never_taken y"]);
    expect(never(["x", { min: 1, max: 5 }], ["y", { min: 2 }], ["z", { max: 4 }])).toEqual([]);
    expect(never(["x", { eq: null }])).toEqual(["case_never_taken x"]);
    expect(never(["x", { eq: 200 }], ["y", { eq: "200" }], ["z", { min: 2, max: 300 }], ["w", { min: 1 }])).toEqual([]);
  });

  it("enter the fingerprint with their conditions, in their order", () => {
    const detailOf = (...cases: Parameters<typeof choosing>[0]) =>
      choosing(cases).graph.nodes.find(({ name }) => name === "choice")?.behaviour.detail["cases"];
    expect(detailOf(["b"], ["a", { matches: /x/i }])).toEqual(["b", { name: "a", when: { matches: { source: "x", flags: "i" } } }]);
    expect(detailOf(["a", { matches: /x/i }], ["b"])).toEqual([{ name: "a", when: { matches: { source: "x", flags: "i" } } }, "b"]);
  });
});
