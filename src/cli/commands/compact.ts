// `compact`: gives up runs that are past their retention, and tells what was given up, what stays and why.

import { resolve } from "node:path";
import { type CompactReport, InputError, type Kindling, type RetentionRule } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { UsageError } from "../problem.ts";
import type { GlobalOptions, Project } from "../project.ts";
import { narrationFor } from "../narrate.ts";
import { withProject } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { Stopped } from "../stopped.ts";
import { reportLines } from "../view/compacted-lines.ts";
import { counted } from "../view/text.ts";
import { visibleCopy } from "../view/visible.ts";

/** What `compact` takes. */
export interface CompactOptions extends GlobalOptions {
  readonly dryRun?: boolean;
  readonly keep?: string;
  readonly contract?: string;
  readonly status?: string;
  readonly archive?: string;
  readonly overCursors?: boolean;
  readonly reason?: string;
}

/** Compacts the project's ledger. */
export function compact(shell: Shell, options: CompactOptions): Promise<Answer> {
  return withProject(shell, options, options.dryRun === true ? "plan" : "shared", async (project): Promise<Answer> => {
    const { archive, reason, dryRun = false, overCursors = false } = options;
    const request = {
      dryRun,
      overCursors,
      retention: rulesOf(shell, project, options),
      actor: { id: `cli:${shell.user}`, assurance: "outOfBand" as const },
      signal: shell.signal,
      ...(archive === undefined ? {} : { archive: resolve(shell.cwd, archive) }),
      ...(reason === undefined ? {} : { reason }),
    };
    const isShown = !dryRun && options.json !== true && narrationFor(shell.err, shell.env) === "live";
    const stop = isShown ? await showProgress(shell, project.kindling) : () => {};
    try {
      const report: CompactReport = await project.kindling.compact(request);
      stop();
      return { ok: true, result: { report }, lines: reportLines(visibleCopy(report), shell.out.paint) };
    } catch (error) {
      stop();
      throw shell.signal.aborted ? interrupted(shell) : inOptions(error, options);
    }
  });
}

/** The rule that the options say, or those of the config. */
function rulesOf(shell: Shell, { loaded }: Project, { keep, contract, status }: CompactOptions): readonly RetentionRule[] {
  if (keep === undefined) {
    const { retention } = loaded.config;
    if (contract !== undefined || status !== undefined)
      throw new UsageError("bad_option", "--contract and --status say which runs --keep is about", {
        fix: `${shell.program} compact --keep 30d --status succeeded`,
      });
    if (retention !== undefined && retention.length > 0) return retention;
    throw new UsageError("no_retention", "nothing says how long runs are kept: without a rule they are kept for ever", {
      fix: `${shell.program} compact --keep 30d --dry-run, or rules in the config: retention: [{ keep: "30d" }]`,
    });
  }
  // Whatever was typed: the runtime looks at it before it does anything.
  const rule = { keep, ...(contract === undefined ? {} : { contract }), ...(status === undefined ? {} : { status }) } as RetentionRule;
  return [rule];
}

/** The runtime speaks of a rule where the caller has given options. */
function inOptions(error: unknown, { keep }: CompactOptions): unknown {
  if (keep === undefined || !(error instanceof InputError) || error.code !== "bad_retention") return error;
  const fix = error.fix ?? "Correct it.";
  return new UsageError("bad_option", error.message.replace("retention[0].", "--"), { fix, details: error.details });
}

function interrupted({ program }: Shell): Stopped {
  return new Stopped("stopped; what was given up so far stays so, and all else is as it was", `${program} compact`);
}

const PROGRESS_MS = 100;

/** Counts on the terminal what is given up, whichever process does it. */
async function showProgress({ err }: Shell, kindling: Kindling): Promise<() => void> {
  const { createLogUpdate } = await import("log-update");
  const line = createLogUpdate(err.stream);
  let runs = 0;
  const forget = kindling.on("run.compacted", {}, () => (runs += 1));
  const timer = setInterval(() => line(err.paint("faint", `giving up … ${counted(runs, "run")}`)), PROGRESS_MS);
  return () => {
    clearInterval(timer);
    forget();
    line.clear();
  };
}
