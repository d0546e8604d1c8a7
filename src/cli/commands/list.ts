// `list`: runs, newest first.

import type { RunStatus, RunSummary } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { UsageError } from "../problem.ts";
import type { GlobalOptions } from "../project.ts";
import { withProject } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { ago } from "../view/moment.ts";
import { MARKS } from "../view/node-lines.ts";
import { oneLine, table } from "../view/text.ts";
import { brief } from "../view/value.ts";
import { visibleCopy } from "../view/visible.ts";

/** What `list` takes. */
export interface ListOptions extends GlobalOptions {
  readonly contract?: string;
  readonly status?: string;
  readonly limit?: string;
  readonly cursor?: string;
}

const STATUSES: readonly RunStatus[] = ["running", "waiting", "succeeded", "failed", "cancelled"];

/** Lists runs. */
export async function list(shell: Shell, options: ListOptions): Promise<Answer> {
  const status = STATUSES.find((each) => each === options.status);
  if (options.status !== undefined && status === undefined)
    throw new UsageError("bad_option", `--status ${options.status} is no status`, { fix: `One of ${STATUSES.join(", ")}.` });
  const limit = options.limit === undefined ? undefined : Number(options.limit);
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
    throw new UsageError("bad_option", `--limit ${options.limit} is no number of runs`, { fix: "Give a whole number from 1 on." });
  return withProject(shell, options, "read", async ({ kindling }): Promise<Answer> => {
    const page = await kindling.list({
      ...(options.contract === undefined ? {} : { contract: options.contract }),
      ...(status === undefined ? {} : { status }),
      ...(limit === undefined ? {} : { limit }),
      ...(options.cursor === undefined ? {} : { cursor: options.cursor }),
    });
    const rows = visibleCopy(page.items).map((run) => rowOf(run, shell));
    const more = page.cursor === undefined ? [] : ["", shell.out.paint("faint", `more: ${shell.program} list --cursor ${page.cursor}`)];
    return {
      ok: true,
      result: { runs: page.items, cursor: page.cursor ?? null },
      lines: rows.length === 0 ? ["no runs"] : [...table(rows), ...more],
    };
  });
}

function rowOf(run: RunSummary, { out: { paint }, now }: Shell): string[] {
  const [mark, tone] = MARKS[run.status === "cancelled" ? "skipped" : run.status];
  const waits = run.awaits.map((open) => open.path);
  const note = run.error === undefined ? waits.slice(0, 3).join(", ") : `${run.error.code}: ${run.error.message}`;
  return [
    `${paint(tone, mark)} ${run.status}`,
    run.id,
    run.contract,
    paint("faint", ago(run.startedAt, now())),
    Object.keys(run.correlation).length === 0 ? "" : brief(run.correlation),
    oneLine(note, 80),
  ];
}
