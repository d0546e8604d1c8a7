// `retry`: tries again what failed in a run: all of it, or one item or node. What succeeded stays.

import type { Answer } from "../answer.ts";
import { budgetFrom, type BudgetOptions } from "../budget-option.ts";
import { revisedAnswer } from "../changed-inputs.ts";
import type { GlobalOptions } from "../project.ts";
import { type FullOption, withRun } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { visible } from "../view/visible.ts";

/** What `retry` takes. */
export interface RetryOptions extends GlobalOptions, FullOption, BudgetOptions {}

/** Retries a run and follows it. */
export function retry(shell: Shell, name: string, path: string | undefined, options: RetryOptions): Promise<Answer> {
  const budget = budgetFrom(options);
  return withRun(shell, options, "shared", name, async (project, run) => {
    const { position } = await run.get();
    await run.retry({ actor: { id: `cli:${shell.user}`, assurance: "outOfBand" }, ...(path === undefined ? {} : { path }), ...budget });
    const said = path === undefined ? "trying again what failed" : `trying ${visible(path)} again`;
    return revisedAnswer(shell, project, run, options, { said, extra: {}, after: position });
  });
}
