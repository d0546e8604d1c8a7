// Checks: what holds gives true, what does not fails with a message.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, RunError, textGraph, type GraphBuilder, type Node } from "../../src/index.ts";
import { findingsOf, lines } from "../dsl/findings-of.ts";
import { openKindling } from "../host/open-host.ts";
import { behaviourOf, failureIn, resultOf } from "./outcome.ts";

interface Handles {
  readonly amount: Node<number>;
  readonly city: Node<string | null>;
}

/** A contract of one guard, whose value it gives. */
const guarded = (declare: (g: GraphBuilder, handles: Handles) => Node<true>) =>
  contract("guarded", { inputs: { amount: z.number(), city: z.string().nullable().default("Paris") }, define: declare });

describe("a function", () => {
  const positive = guarded((g, { amount }) => g.guard("positive", { needs: { amount }, check: ({ amount }) => amount > 0 }));

  it("that gives true gives true, and one that gives false fails and is not tried again", async () => {
    expect(await resultOf(positive, { amount: 1 })).toBe(true);
    let calls = 0;
    const counted = guarded((g, { amount }) =>
      g.guard("positive", {
        needs: { amount },
        check: async ({ amount }) => {
          calls += 1;
          return amount > 0;
        },
        retry: { attempts: 3, backoff: 0 },
      }),
    );
    expect(await failureIn(counted, { amount: 0 })).toEqual({
      code: "guard_failed",
      message: 'guard "positive" does not hold',
      details: { guard: "positive" },
      retryable: false,
    });
    expect(calls).toBe(1);
  });

  it("fails with the author's message, a text or a function of the needs", async () => {
    const text = guarded((g, { amount }) => g.guard("x", { needs: { amount }, check: () => false, message: "too little" }));
    expect(await failureIn(text, { amount: 0 })).toMatchObject({ code: "guard_failed", message: "too little" });
    const made = guarded((g, { amount }) =>
      g.guard("x", { needs: { amount }, check: () => false, message: ({ amount }) => `${amount} is too little` }),
    );
    expect(await failureIn(made, { amount: 0 })).toMatchObject({ message: "0 is too little" });
  });

  it("fails as a guard also when its message cannot be made", async () => {
    const thrown = guarded((g, { amount }) =>
      g.guard("x", {
        needs: { amount },
        check: () => false,
        message: () => {
          throw new Error("no words");
        },
      }),
    );
    expect(await failureIn(thrown, { amount: 0 })).toMatchObject({
      code: "guard_failed",
      message: 'guard "x" does not hold (its message threw: no words)',
    });
  });

  it("that gives something else than true or false fails clearly", async () => {
    for (const [given, shown] of [
      [1, "1"],
      ["yes", '"yes"'],
      [undefined, "undefined"],
      [null, "null"],
      [{}, "a value of type object"],
    ] as const) {
      // @ts-expect-error no boolean
      const loose = guarded((g, { amount }) => g.guard("x", { needs: { amount }, check: () => given }));
      expect(await failureIn(loose, { amount: 0 })).toMatchObject({
        code: "not_a_boolean",
        message: `guard "x": its check gave ${shown}, and must give true or false`,
        retryable: false,
      });
    }
  });
});

describe("matchers", () => {
  const both = guarded((g, { amount, city }) =>
    g.guard("sound", { needs: { amount, city }, where: { amount: { min: 1 }, city: { in: ["Paris", "Rome"] } } }),
  );

  it("must all hold", async () => {
    expect(await resultOf(both, { amount: 1, city: "Rome" })).toBe(true);
    expect(await failureIn(both, { amount: 0, city: "Rome" })).toMatchObject({
      code: "guard_failed",
      message: 'guard "sound" wants amount to be at least 1, and it is 0',
    });
  });

  it("tell everything that does not hold", async () => {
    expect((await failureIn(both, { amount: 0, city: null })).message).toBe(
      'guard "sound" wants amount to be at least 1, and it is 0; it wants city to be one of "Paris", "Rome", and it is null',
    );
  });

  it("cut a found value after 80 characters", async () => {
    const { message } = await failureIn(both, { amount: 1, city: "x".repeat(500) });
    expect(message.endsWith(`and it is "${"x".repeat(79)}…`)).toBe(true);
  });

  it("give way to the author's message", async () => {
    const own = guarded((g, { amount }) =>
      g.guard("x", { needs: { amount }, where: { amount: { max: 5 } }, message: ({ amount }) => `not ${amount}` }),
    );
    expect((await failureIn(own, { amount: 9 })).message).toBe("not 9");
  });

  it("are shown, and are data in the fingerprint", () => {
    expect(textGraph(both)).toMatch(/✓ sound +guard +← amount, city +amount: at least 1, city: one of "Paris", "Rome"/);
    expect(behaviourOf(both, "sound").detail).toEqual({ where: { amount: { min: 1 }, city: { in: ["Paris", "Rome"] } } });
  });
});

describe("a guard that nothing needs", () => {
  const aside = contract("aside", {
    inputs: { amount: z.number() },
    define: (g, { amount }) => {
      g.guard("positive", { needs: { amount }, check: ({ amount }) => amount > 0, message: "too little" });
      return { amount };
    },
  });

  it("runs, and fails the run", async () => {
    expect(await resultOf(aside, { amount: 1 })).toEqual({ amount: 1 });
    const kindling = await openKindling({ contracts: [aside] });
    const run = await kindling.start(aside, { amount: 0 });
    await expect(run.result()).rejects.toThrow(RunError);
    await expect(run.result()).rejects.toThrow("too little");
  });
});

describe("what is behind a guard", () => {
  it("does not run when it fails, whether it reads the guard or only comes after it", async () => {
    const ran: string[] = [];
    const behind = contract("behind", {
      inputs: { amount: z.number() },
      define: (g, { amount }) => {
        const positive = g.guard("positive", { needs: { amount }, check: ({ amount }) => amount > 0 });
        const reads = g.compute("reads", { needs: { positive }, run: () => ran.push("reads") });
        const after = g.compute("after", { needs: { amount }, after: [positive], run: () => ran.push("after") });
        return { reads, after };
      },
    });
    await failureIn(behind, { amount: 0 });
    expect(ran).toEqual([]);
    await resultOf(behind, { amount: 1 });
    expect(ran.sort()).toEqual(["after", "reads"]);
  });
});

describe("a definition", () => {
  const found = (options: object) =>
    lines(findingsOf(() => guarded((g, { amount }) => g.guard("x", { needs: { amount }, ...options } as never))));

  it("has exactly one of check and where", () => {
    expect(found({})).toEqual(["bad_option x: has neither check nor where"]);
    expect(found({ check: () => true, where: { amount: { eq: 1 } } })).toEqual(["bad_option x: has both check and where"]);
    expect(found({ where: {} })).toEqual(["bad_option x: where has no matchers"]);
    expect(found({ check: true })).toEqual(["bad_option x: check is neither a function nor an executor"]);
  });

  it("has matchers for its own needs, and right ones", () => {
    expect(
      findingsOf(() => guarded((g, { amount }) => g.guard("x", { needs: { amount }, where: { amonut: { eq: 1 } } as never }))),
    ).toMatchObject([{ code: "bad_option", message: 'where has "amonut", which is none of its needs', hint: 'Did you mean "amount"?' }]);
    expect(found({ where: { amount: { equal: 1 } } })).toEqual(['bad_matcher x: where.amount has "equal", which no matcher has']);
    expect(found({ where: { amount: "1" } })).toEqual(['bad_matcher x: where.amount is "1" and no matcher']);
    expect(found({ where: { amount: { matches: "(" } } })[0]).toMatch(/^bad_matcher x: where\.amount\.matches is no regular expression/);
  });

  it("has a message that says something", () => {
    expect(found({ check: () => true, message: "" })).toEqual(["bad_option x: message is empty"]);
    expect(found({ check: () => true, message: 7 })).toEqual(["bad_option x: message is of type number"]);
  });

  it("has the source of its check in its fingerprint, and not its message: what it says changes nothing that held", () => {
    const detail = (message: string) =>
      behaviourOf(
        guarded((g, { amount }) => g.guard("x", { needs: { amount }, check: ({ amount }) => amount > 0, message })),
        "x",
      ).detail;
    expect(detail("one")).toEqual({ check: "({ amount }) => amount > 0" });
    expect(detail("two")).toEqual(detail("one"));
  });
});
