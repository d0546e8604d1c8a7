// `cost`: what runs cost, summed up by contract, run, model, node or day; what came to nothing, and what is not known.

import type { CostGrouping, CostReport } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { UsageError } from "../problem.ts";
import type { GlobalOptions } from "../project.ts";
import { findRun } from "../run-name.ts";
import { withProject } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { sinceOf } from "../since-option.ts";
import { costLines } from "../view/cost-lines.ts";
import { visibleCopy } from "../view/visible.ts";

/** What `cost` takes. */
export interface CostOptions extends GlobalOptions {
  readonly by?: string;
  readonly contract?: string;
  readonly since?: string;
  readonly limit?: string;
}

const GROUPINGS: readonly CostGrouping[] = ["contract", "run", "model", "node", "day"];
const ROWS = 30;

/** Tells what runs cost. With `--json` all rows are given, whatever `--limit` says. */
export function cost(shell: Shell, name: string | undefined, options: CostOptions): Promise<Answer> {
  const by = GROUPINGS.find((each) => each === (options.by ?? (name === undefined ? "contract" : "node")));
  if (by === undefined)
    throw new UsageError("bad_option", `costs are not summed up by ${options.by}`, { fix: `--by ${GROUPINGS.join(", --by ")}` });
  if (name !== undefined && options.contract !== undefined)
    throw new UsageError("bad_option", "--contract is for all runs, and one is named", { fix: `${shell.program} cost ${name}` });
  const limit = Number(options.limit ?? ROWS);
  if (!(Number.isInteger(limit) && limit > 0))
    throw new UsageError("bad_option", `--limit ${options.limit} is no number of rows`, { fix: "Give a whole number from 1 on." });
  const since = sinceOf(options.since, shell.now());
  return withProject(shell, options, "read", async ({ kindling }): Promise<Answer> => {
    const report: CostReport = await kindling.cost({
      by,
      ...(name === undefined ? {} : { run: await findRun(kindling, name, shell) }),
      ...(options.contract === undefined ? {} : { contract: options.contract }),
      ...(since === undefined ? {} : { since }),
    });
    const place = { paint: shell.out.paint, now: shell.now(), program: shell.program };
    return { ok: true, result: { since: since ?? null, cost: report }, lines: costLines(visibleCopy(report), limit, place) };
  });
}
