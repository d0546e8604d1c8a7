// Budgets on the command line: a run that stops, what is shown of it, and how it goes on.

import { cp } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { budgetFrom } from "../../src/cli/budget-option.ts";
import { budgetLines } from "../../src/cli/view/budget-lines.ts";
import { steady, testProject } from "./command-line.ts";

const golden = (name: string) => new URL(`./golden/${name}.txt`, import.meta.url).pathname;

it("a run stops when its budget is used up, says how to go on, and goes on when it is raised", async () => {
  const { folder, kindling } = await testProject();
  await cp(new URL("./fixtures/budget.config.ts", import.meta.url), join(folder, "kindling.config.ts"));
  const stopped = await kindling("run", "letters", "-i", 'names=["Ann","Ben","Cem"]', "--budget-usd", "1.2");
  expect(stopped.code).toBe(1);
  expect(stopped.out).toContain("budget_exhausted");
  const { out } = await kindling("show", "latest");
  // What stands above it has columns as wide as the durations in them.
  await expect(steady(out.slice(out.indexOf("budgets")))).toMatchFileSnapshot(golden("budget-show"));
  const again = await kindling("retry", "latest", "--budget-usd", "2");
  expect(again.code).toBe(0);
  expect((await kindling("show", "latest")).out).toContain("run  $1.50 of $2.00 spent, $0.50 left");
});

it("caps are numbers", () => {
  expect(budgetFrom({})).toEqual({});
  expect(budgetFrom({ budgetUsd: "0.50", budgetTurns: "3" })).toEqual({ budget: { usd: 0.5, turns: 3 } });
  for (const [name, text] of [
    ["budgetUsd", "much"],
    ["budgetUsd", "-1"],
    ["budgetTokens", "1.5"],
    ["budgetTurns", ""],
  ] as const)
    expect(() => budgetFrom({ [name]: text }), text).toThrow(/--budget-\w+ .* is no (sum of dollars|number of \w+)/);
});

it("what is held, and what nobody knows, is told beside what was spent", () => {
  const amounts = (usd: number, tokens: number) => ({ usd, tokens, turns: 1 });
  const lines = budgetLines([
    {
      path: "posts[en]",
      budget: { usd: 2, tokens: 20_000 },
      spent: amounts(0.5, 5_000),
      uncertain: amounts(0.2, 0),
      reserved: amounts(1, 0),
      left: { usd: 0.5, tokens: 15_000 },
    },
  ]);
  expect(lines).toEqual([
    "posts[en]  $0.50 of $2.00 spent ($0.20 of it for calls of which nobody knows what they came to), $1.00 held, $0.50 left",
    "posts[en]  5,000 tokens of 20,000 tokens spent, 15,000 tokens left",
  ]);
});
