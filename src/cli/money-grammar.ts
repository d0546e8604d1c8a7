// The part of the grammar that is about what runs cost, and may cost.

import type { Command } from "commander";
import { command, run } from "./command.ts";
import type { CostOptions } from "./commands/cost.ts";

/** Adds `cost`. */
export function addCosts(program: Command): void {
  command(program, "cost [run]", "what runs cost: all of them, or one")
    .option("--by <what>", "contract (default), run, model, node or day")
    .option("--contract <name>", "only runs of this contract")
    .option("--since <when>", "only runs that were started since: a day such as 2026-11-01, or a time ago such as 7d")
    .option("--limit <count>", "how many rows (default 30)")
    .action((id: string | undefined, options: CostOptions) =>
      run("cost", options, async (shell) => (await import("./commands/cost.ts")).cost(shell, id, options)),
    );
}

/** Adds the caps on what a run may spend. */
export function withBudget(spending: Command): Command {
  return spending
    .option("--budget-usd <dollars>", "what models may cost in it, children included")
    .option("--budget-tokens <count>", "how many tokens they may take")
    .option("--budget-turns <count>", "how often they may be asked");
}
