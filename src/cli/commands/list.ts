// `list`: runs, newest first.

import type { Erasure, RunReceipt, RunStatus, RunSummary } from "../../index.ts";
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
  readonly tag?: string;
  readonly limit?: string;
  readonly cursor?: string;
  readonly erased?: boolean;
  readonly compacted?: boolean;
}

const STATUSES: readonly RunStatus[] = ["running", "waiting", "succeeded", "failed", "cancelled"];

const ENDED: readonly RunReceipt["status"][] = ["succeeded", "failed", "cancelled"];

/** Lists runs. */
export async function list(shell: Shell, options: ListOptions): Promise<Answer> {
  const status = STATUSES.find((each) => each === options.status);
  if (options.status !== undefined && status === undefined)
    throw new UsageError("bad_option", `--status ${options.status} is no status`, { fix: `One of ${STATUSES.join(", ")}.` });
  const limit = options.limit === undefined ? undefined : Number(options.limit);
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
    throw new UsageError("bad_option", `--limit ${options.limit} is no number of runs`, { fix: "Give a whole number from 1 on." });
  if (options.compacted === true) return listCompacted(shell, options, limit);
  if (options.erased === true) return listErased(shell, options, limit);
  return withProject(shell, options, "read", async ({ kindling }): Promise<Answer> => {
    const page = await kindling.list({
      ...(options.contract === undefined ? {} : { contract: options.contract }),
      ...(status === undefined ? {} : { status }),
      ...(options.tag === undefined ? {} : { tag: options.tag }),
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

/** Erased runs, by who erased them and why: nothing else is known of them. */
function listErased(shell: Shell, options: ListOptions, limit: number | undefined): Promise<Answer> {
  if (options.contract !== undefined || options.status !== undefined || options.tag !== undefined)
    throw new UsageError("bad_option", "--erased goes with --limit and --cursor alone", { fix: `${shell.program} list --erased` });
  return withProject(shell, options, "read", async ({ kindling }): Promise<Answer> => {
    const page = await kindling.erased({
      ...(limit === undefined ? {} : { limit }),
      ...(options.cursor === undefined ? {} : { cursor: options.cursor }),
    });
    const rows = visibleCopy(page.items).map((erasure) => erasedRow(erasure, shell));
    const more =
      page.cursor === undefined ? [] : ["", shell.out.paint("faint", `more: ${shell.program} list --erased --cursor ${page.cursor}`)];
    return {
      ok: true,
      result: { erased: page.items, cursor: page.cursor ?? null },
      lines: rows.length === 0 ? ["no run was erased"] : [...table(rows), ...more],
    };
  });
}

/** Receipts of compacted runs. */
function listCompacted(shell: Shell, options: ListOptions, limit: number | undefined): Promise<Answer> {
  const status = ENDED.find((each) => each === options.status);
  if (options.erased === true || options.tag !== undefined || (options.status !== undefined && status === undefined))
    throw new UsageError("bad_option", "--compacted goes with --contract, --status of a run that has ended, --limit and --cursor", {
      fix: `${shell.program} list --compacted`,
    });
  return withProject(shell, options, "read", async ({ kindling }): Promise<Answer> => {
    const page = await kindling.compacted({
      ...(options.contract === undefined ? {} : { contract: options.contract }),
      ...(status === undefined ? {} : { status }),
      ...(limit === undefined ? {} : { limit }),
      ...(options.cursor === undefined ? {} : { cursor: options.cursor }),
    });
    const rows = visibleCopy(page.items).map((receipt) => compactedRow(receipt, shell));
    const more =
      page.cursor === undefined ? [] : ["", shell.out.paint("faint", `more: ${shell.program} list --compacted --cursor ${page.cursor}`)];
    return {
      ok: true,
      result: { compacted: page.items, cursor: page.cursor ?? null },
      lines: rows.length === 0 ? ["no run was compacted"] : [...table(rows), ...more],
    };
  });
}

function compactedRow(receipt: RunReceipt, { out: { paint }, now }: Shell): string[] {
  const { run, contract, status, correlation, endedAt, compactedAt, error } = receipt;
  return [
    `${paint("faint", "▫")} ${status}`,
    run,
    contract,
    paint("faint", `ended ${ago(endedAt, now())}`),
    paint("faint", `compacted ${ago(compactedAt, now())}`),
    Object.keys(correlation).length === 0 ? "" : brief(correlation),
    error ?? "",
  ];
}

function erasedRow({ run, contract, runs, erasedAt, actor, reason }: Erasure, { out: { paint }, now }: Shell): string[] {
  const size = runs === 1 ? "" : `${runs} runs`;
  return [`${paint("faint", "∅")} erased`, run, contract, paint("faint", ago(erasedAt, now())), actor.id, size, oneLine(reason ?? "", 80)];
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
