// Branches: what is chosen by what, and what is recorded of it.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type Contract, type GraphBuilder, type Kindling, type Node } from "../../src/index.ts";
import { findingsOf, lines } from "../dsl/findings-of.ts";
import { containing, openKindling } from "../host/open-host.ts";
import { choosing } from "./choosing.ts";

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
    expect(await errorOf(thrower)).toMatchObject({ code: "threw", message: "choice: on threw: undecided" });
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
      expect(await listed(kindling, run)).toMatchObject({
        part,
        keys: [part],
        note: typeof value === "string" ? value.slice(0, 1_000) : value,
      });
    }
    const work = cases.graph.nodes.find(({ name }) => name === "choice")?.behaviour.work;
    const list = (value: unknown) => (work?.type === "children" && typeof work.list === "function" ? work.list({ value }) : undefined);
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
    expect(await errorOf("review.by.toString")).toMatchObject({ code: "bad_choice", message: containing('there is no "toString"') });
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
