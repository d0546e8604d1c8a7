// Branches: what is chosen by what, what is recorded of it, and what is found wrong with a choice before anything runs.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { compile, contract, type Contract, type GraphBuilder, type Kindling, type Node } from "../../src/index.ts";
import type { Matcher } from "../../src/nodes/matcher.ts";
import { findingsOf, lines } from "../dsl/findings-of.ts";
import { containing, openKindling } from "../host/open-host.ts";

type Case = ((g: GraphBuilder) => Node<unknown>) | { readonly when: Matcher; readonly run: (g: GraphBuilder) => Node<unknown> };

/** A contract that gives the name of the case that takes its input, and leaves that in its facts. */
function choosing(
  cases: readonly (readonly [name: string, when?: Matcher])[],
  { fallback = true } = {},
): Contract<{ readonly value: unknown }, unknown> {
  const named = (name: string) => (g: GraphBuilder) => g.const("name", name);
  return contract("choosing", {
    inputs: { value: z.unknown() },
    define: (g, { value }) => {
      const all: Record<string, Case> = Object.fromEntries(
        cases.map(([name, when]) => [name, when === undefined ? named(name) : { when, run: named(name) }]),
      );
      const options = { needs: { value }, on: ({ value }: { value: unknown }) => value as string, cases: all };
      return g.branch("choice", fallback ? { ...options, default: named("none of them") } : { ...options, default: undefined as never });
    },
  });
}

/** The names of the cases that take these values. */
async function taken(contract: Contract<{ readonly value: unknown }, unknown>, values: readonly unknown[]): Promise<readonly unknown[]> {
  const kindling = await openKindling({ contracts: [contract] });
  return Promise.all(values.map(async (value) => (await kindling.start(contract, { value })).result()));
}

async function listed(kindling: Kindling, run: { readonly id: string }): Promise<unknown> {
  return (await kindling.facts(run.id)).find(({ type }) => type === "children.listed");
}

describe("a case", () => {
  it("is named by the text of a text, a number or a boolean", async () => {
    const cases = choosing([["approve"], ["true"], ["200"], ["-1.5"]]);
    expect(await taken(cases, ["approve", true, 200, "200", -1.5, -0, false, "Approve", "toString", "__proto__"])).toEqual([
      "approve",
      "true",
      "200",
      "200",
      "-1.5",
      "none of them",
      "none of them",
      "none of them",
      "none of them",
      "none of them",
    ]);
  });

  it("takes what its condition does: one value, one of several, a pattern, a range with its ends", async () => {
    const cases = choosing([
      ["exact", { eq: "a" }],
      ["several", { in: ["b", 7, false] }],
      ["pattern", { matches: /^c+$/i }],
      ["range", { min: 10, max: 20 }],
      ["high", { min: 100 }],
      ["low", { max: -100 }],
    ]);
    expect(await taken(cases, ["a", "b", 7, "7", false, "CC", "cd", 10, 20, 20.1, 100, 1e9, -100, "15"])).toEqual([
      "exact",
      "several",
      "several",
      "none of them",
      "several",
      "pattern",
      "none of them",
      "range",
      "range",
      "none of them",
      "high",
      "high",
      "low",
      "none of them",
    ]);
  });

  it("is the first that takes the value, in the order they are declared", async () => {
    const general = ["general", { matches: /^a/ }] as const;
    expect(await taken(choosing([general, ["ab"], ["b", { matches: /b/ }]]), ["ab", "b", "ca"])).toEqual(["general", "b", "none of them"]);
    expect(await taken(choosing([["ab"], ["b", { matches: /b/ }], general]), ["ab", "abb", "ac"])).toEqual(["ab", "b", "general"]);
  });

  it("that is not there fails the run of an untyped caller, and names the nearest", async () => {
    const cases = choosing([["approve"], ["reject"]], { fallback: false });
    const kindling = await openKindling({ contracts: [cases] });
    const view = await (await kindling.start(cases, { value: "aprove" })).settled();
    expect(view.error).toMatchObject({
      code: "no_such_case",
      message: 'choice: branch "choice": on gave "aprove", and there is no such case',
      fix: 'Did you mean "approve"? A default takes what no case does.',
    });
  });

  it("fails the run when `on` gives what cannot be chosen by", async () => {
    const kindling = await openKindling({ contracts: [choosing([["a"]])] });
    for (const [value, shown] of [
      [null, "null"],
      [{ a: 1 }, "an object"],
      [["a"], "a list"],
    ] as const) {
      const view = await (await kindling.start("choosing", { value })).settled();
      expect(view.error).toMatchObject({ code: "bad_choice", message: containing(`on gave ${shown}`) });
    }
  });

  it("fails the run when `on` throws, or is async", async () => {
    const on = (choose: () => unknown) =>
      contract("choosing", {
        inputs: { topic: z.string() },
        define: (g, { topic }) =>
          g.branch("choice", {
            needs: { topic },
            on: () => choose() as string,
            cases: { a: (g) => g.const("c", 1) },
            default: (g) => g.const("c", 2),
          }),
      });
    const errorOf = async (choose: () => unknown) => {
      const kindling = await openKindling({ contracts: [on(choose)] });
      return (await (await kindling.start("choosing", { topic: "" })).settled()).error;
    };
    const thrower = () => {
      throw new Error("undecided");
    };
    expect(await errorOf(thrower)).toMatchObject({ code: "threw", message: "choice: undecided" });
    expect(await errorOf(() => Promise.reject(new Error("later")))).toMatchObject({
      code: "bad_choice",
      message: containing("on gave a promise"),
    });
    expect(await errorOf(() => Number.NaN)).toMatchObject({ code: "bad_choice", message: containing("on gave NaN") });
  });
});

describe("what a branch chose", () => {
  it("is recorded: the case, and the value it was chosen by", async () => {
    const cases = choosing([["large", { min: 100 }]]);
    const kindling = await openKindling({ contracts: [cases] });
    for (const [value, part] of [
      [250, "large"],
      [true, "default"],
      ["x".repeat(2_000), "default"],
    ] as const) {
      const run = await kindling.start(cases, { value });
      await run.result();
      expect(await listed(kindling, run)).toMatchObject({ part, keys: [part] });
    }
    const work = cases.graph.nodes.find(({ name }) => name === "choice")?.behaviour.work;
    const list = (value: unknown) => (work?.type === "children" ? work.list({ value }) : undefined);
    expect(list(250)).toEqual({ part: "large", keys: ["large"], note: 250 });
    expect(list(false)).toEqual({ part: "default", keys: ["default"], note: false });
    expect(list("x".repeat(2_000))).toEqual({ part: "default", keys: ["default"], note: "x".repeat(1_000) });
  });

  it("is the only case that runs", async () => {
    const ran: string[] = [];
    const part =
      (name: string) =>
      (g: GraphBuilder, { said }: { said: Node<string> }) =>
        g.compute("work", {
          needs: { said },
          run: () => {
            ran.push(name);
            return name;
          },
        });
    const once = contract("once", {
      inputs: { said: z.string() },
      define: (g, { said }) =>
        g.branch("choice", {
          needs: { said },
          on: "said",
          cases: { a: part("a"), b: { when: { matches: /b/ }, run: part("b") }, c: part("c") },
          default: part("default"),
        }),
    });
    const kindling = await openKindling({ contracts: [once] });
    expect(await (await kindling.start(once, { said: "bb" })).result()).toBe("b");
    expect(ran).toEqual(["b"]);
    expect(await (await kindling.start(once, { said: "z" })).result()).toBe("default");
    expect(ran).toEqual(["b", "default"]);
  });

  it("may wait, and hold a collection", async () => {
    const nested = contract("nested", {
      inputs: { kind: z.enum(["many", "ask"]), langs: z.array(z.string()) },
      define: (g, { kind, langs }) =>
        g.branch("choice", {
          needs: { kind, langs },
          on: "kind",
          cases: {
            many: (g, { langs }) => g.collection("each", { over: langs, as: "lang", key: (lang) => lang, each: (_g, { lang }) => lang }),
            ask: (g) => g.await("answer", { event: "answered", schema: z.string() }),
          },
        }),
    });
    const kindling = await openKindling({ contracts: [nested] });
    const many = await (await kindling.start(nested, { kind: "many", langs: ["en", "de"] })).result();
    expect(typeof many === "string" ? many : many.get("de")).toBe("de");
    const run = await kindling.start(nested, { kind: "ask", langs: [] });
    expect((await run.settled()).awaits.map(({ path }) => path)).toEqual(["choice[ask]/answer"]);
    await kindling.deliver({ event: "answered", run: run.id, payload: "yes" });
    expect(await run.result()).toBe("yes");
  });
});

describe("a path as `on`", () => {
  const pathed = (on: string) =>
    contract("pathed", {
      inputs: { review: z.object({ by: z.object({ role: z.string() }), score: z.number().nullable() }) },
      define: (g, { review }) =>
        g.branch("choice", {
          needs: { review },
          on: on as "review.by.role",
          cases: { editor: (g) => g.const("c", "edited") },
          default: (_g, { review }) => review,
        }),
    });

  it("reads a member of a need, and is what the fingerprint has of it", async () => {
    const contract = pathed("review.by.role");
    const kindling = await openKindling({ contracts: [contract] });
    expect(await (await kindling.start(contract, { review: { by: { role: "editor" }, score: 1 } })).result()).toBe("edited");
    const choice = contract.graph.nodes.find(({ name }) => name === "choice")?.behaviour;
    expect(choice?.detail).toEqual({ on: "review.by.role", cases: ["editor"], default: true });
    expect(choice?.picture.lines).toEqual(["on review.by.role"]);
  });

  it("reads the outcome of a collection", async () => {
    const counted = contract("counted", {
      inputs: { langs: z.array(z.string()) },
      define(g, { langs }) {
        const posts = g.collection("posts", { over: langs, as: "lang", key: (lang) => lang, each: (_g, { lang }) => lang });
        return g.branch("choice", {
          needs: { posts },
          on: "posts.summary.status",
          cases: { succeeded: (g) => g.const("c", "all") },
          default: (g) => g.const("c", "not all"),
        });
      },
    });
    const kindling = await openKindling({ contracts: [counted] });
    expect(await (await kindling.start(counted, { langs: ["en"] })).result()).toBe("all");
  });

  it("that leads nowhere in the value fails the run, with the nearest member", async () => {
    const errorOf = async (on: string) => {
      const kindling = await openKindling({ contracts: [pathed(on)] });
      return (await (await kindling.start("pathed", { review: { by: { role: "x" }, score: null } })).settled()).error;
    };
    expect(await errorOf("review.by.rule")).toMatchObject({
      code: "bad_choice",
      message: containing('on reads "review.by.rule", and there is no "rule"'),
      fix: 'Did you mean "role"?',
    });
    expect(await errorOf("review.by.toString")).toMatchObject({ code: "bad_choice" });
    expect(await errorOf("review.score")).toMatchObject({ code: "bad_choice", message: containing("on gave null") });
  });

  it("begins with a need", () => {
    expect(findingsOf(() => pathed("reviw.by")).map(({ code, message, hint }) => [code, message, hint])).toEqual([
      ["bad_option", 'on reads the need "reviw", and there is none', 'Did you mean "review"?'],
    ]);
    expect(lines(findingsOf(() => pathed("review..role")))).toEqual(['bad_option choice: on is the path "review..role"']);
    expect(lines(findingsOf(() => pathed(7 as never)))).toEqual(["bad_option choice: on is of type number"]);
  });
});

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
    expect(lines(findingsOf(noRun))).toEqual(['bad_child choice: part "a" is no child, but undefined']);
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
