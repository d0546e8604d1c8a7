// The account of a budget: whatever is reserved, settled, repeated and left open, in whatever order, it never says less than what was spent.

import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { contract } from "../../src/index.ts";
import { accountOf, budgetViews, lacking, OWN_ACCOUNT, type Amounts } from "../../src/run/budget.ts";
import type { Fact } from "../../src/run/fact.ts";
import { runOf } from "./loaded-run.ts";

const asks = contract("asks", {
  budget: { usd: 10 },
  inputs: {},
  define: (g) => g.llm("ask", { needs: {}, prompt: () => "?", model: "p:a", budget: { tokens: 1_000 } }),
});

const amounts = (usd: number): Amounts => ({ usd, tokens: 10 * usd, turns: 1 });
const reserved = (call: string, usd: number, accounts: readonly string[] = [OWN_ACCOUNT]): Fact => ({
  type: "budget.reserved",
  call,
  accounts,
  from: "ask",
  model: "p:a",
  reserved: amounts(usd),
});
const settled = (call: string, usd: number, uncertain = false): Fact => ({
  type: "budget.settled",
  call,
  spent: amounts(usd),
  ...(uncertain ? { uncertain } : {}),
});
const stateAfter = (...facts: readonly Fact[]) => runOf(asks, "run_1", {}, facts).state;

describe("the account of a budget", () => {
  it("keeps what is reserved apart from what is spent, and tells what is left of each cap", () => {
    const state = stateAfter(
      reserved("a", 3, [OWN_ACCOUNT, "ask"]),
      reserved("b", 2),
      settled("a", 1),
      reserved("c", 1),
      settled("c", 1, true),
    );
    expect(budgetViews(state)).toEqual([
      {
        path: "",
        budget: { usd: 10 },
        spent: { usd: 2, tokens: 20, turns: 2 },
        uncertain: amounts(1),
        reserved: amounts(2),
        left: { usd: 6 },
      },
      {
        path: "ask",
        budget: { tokens: 1_000 },
        spent: amounts(1),
        uncertain: { usd: 0, tokens: 0, turns: 0 },
        reserved: { usd: 0, tokens: 0, turns: 0 },
        left: { tokens: 990 },
      },
    ]);
  });

  it("counts a call once, however often it is settled, and takes a reservation of the same call in place of the one before", () => {
    const account = accountOf(
      stateAfter(reserved("a", 3), settled("a", 1), settled("a", 5), reserved("b", 2), reserved("b", 4)),
      OWN_ACCOUNT,
    );
    expect(account).toMatchObject({ spent: amounts(1), reserved: amounts(4) });
    expect([...account.open.keys()]).toEqual(["b"]);
  });

  it("never says less than was spent, and never lets in more than the cap, in any order of calls, replies and crashes", () => {
    const step = fc.record({
      call: fc.nat(9),
      usd: fc.integer({ min: 1, max: 40 }),
      actual: fc.integer({ min: 0, max: 40 }),
      end: fc.constantFrom("reply", "cut", "crash"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const facts: Fact[] = [];
        let paid = 0;
        for (const [index, { usd, actual, end }] of steps.entries()) {
          const { spent, reserved: held } = accountOf(stateAfter(...facts), OWN_ACCOUNT);
          const used = { usd: spent.usd + held.usd, tokens: 0, turns: 0 };
          if (lacking({ usd: 100 }, used, amounts(usd)) !== undefined) continue;
          const call = `${index}`;
          facts.push(reserved(call, usd));
          // What it really cost is never more than was reserved; of one that was cut off nobody is told.
          paid += Math.min(actual, usd);
          if (end === "reply") facts.push(settled(call, Math.min(actual, usd)));
          if (end === "cut") facts.push(settled(call, usd, true));
        }
        const { spent, reserved: held } = accountOf(stateAfter(...facts), OWN_ACCOUNT);
        expect(spent.usd + held.usd).toBeGreaterThanOrEqual(paid - 1e-6);
        expect(paid).toBeLessThanOrEqual(100);
      }),
      { seed: 20_261_121, numRuns: 60 },
    );
  });

  it("that no cap speaks of lets everything in, and a cap is kept to the last cent", () => {
    expect(lacking({ turns: 3 }, { usd: 1e9, tokens: 1e9, turns: 2 }, amounts(1))).toBeUndefined();
    expect(lacking({ turns: 3 }, { usd: 0, tokens: 0, turns: 3 }, amounts(1))).toBe("turns");
    // Ten dimes are a dollar, though not in floating point.
    const dimes = Array.from({ length: 9 }, () => 0.1).reduce((sum, each) => sum + each, 0);
    expect(lacking({ usd: 1 }, { usd: dimes, tokens: 0, turns: 0 }, amounts(0.1))).toBeUndefined();
    expect(lacking({ usd: 1 }, { usd: 0.9, tokens: 0, turns: 0 }, amounts(0.1001))).toBe("usd");
  });
});
