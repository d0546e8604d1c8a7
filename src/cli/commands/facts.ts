// `facts`: everything that is recorded of a run and of its children, one line each; with --json the facts themselves.

import type { Answer } from "../answer.ts";
import { type AsOfOption, pastOf } from "../moment-option.ts";
import type { GlobalOptions } from "../project.ts";
import { withRun } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { factRow } from "../view/fact-row.ts";
import { table } from "../view/text.ts";
import { visibleCopy } from "../view/visible.ts";

/** Lists the facts of a run. */
export function facts(shell: Shell, name: string, options: GlobalOptions & AsOfOption): Promise<Answer> {
  const past = pastOf(options);
  return withRun(shell, options, "read", name, async (_project, run): Promise<Answer> => {
    const recorded = await run.facts(past);
    const rows = visibleCopy(recorded).map((fact) => factRow(fact, shell.out.paint));
    return { ok: true, result: { facts: recorded }, lines: table(rows) };
  });
}
