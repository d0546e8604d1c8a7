// `resume`: goes on with a run that was interrupted, or with all of them. Opening the ledger for writing is what resumes; this command stays until they rest.

import type { Kindling, RunSummary } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { exitOf, isStranded, problemLines, problemOf } from "../problem.ts";
import type { GlobalOptions, Project } from "../project.ts";
import { type FullOption, followAndAnswer, withProject, withRun } from "../runs.ts";
import type { Shell } from "../shell.ts";

/** Open runs looked through, of each status; the runtime itself goes on with all of them. */
const RUNS_LIMIT = 1_000;

/** Resumes one run, or every run that was running. */
export function resume(shell: Shell, name: string | undefined, options: GlobalOptions & FullOption): Promise<Answer> {
  if (name !== undefined) {
    return withRun(shell, options, "shared", name, async (project, run) =>
      followAndAnswer(shell, project, run, options, {}, (await run.get()).position),
    );
  }
  return withProject(shell, options, "shared", async (project): Promise<Answer> => {
    // Events that came while no process was there start runs and answer awaits first.
    await project.settle();
    const items = await interrupted(project.kindling);
    const answers: Answer[] = [];
    for (const { id, position } of items) answers.push(await goOn(shell, project, id, position, options));
    const failed = answers.find((answer) => !answer.ok);
    const lines = items.length === 0 ? ["nothing was interrupted"] : answers.flatMap((answer) => [...answer.lines, ""]);
    if (failed !== undefined && !failed.ok) return { ...failed, lines };
    return { ok: true, result: { runs: answers.map((answer) => (answer.ok ? answer.result : null)) }, lines };
  });
}

/** Runs that are at work. One whose own nodes all wait is, too, while a child of it works: its summary says so, the list's filter does not. */
async function interrupted(kindling: Kindling): Promise<RunSummary[]> {
  const pages = await Promise.all((["running", "waiting"] as const).map((status) => kindling.list({ status, limit: RUNS_LIMIT })));
  return pages.flatMap((page) => page.items).filter((run) => run.status === "running");
}

/** Follows one of several runs; one that cannot go on keeps none of the others from it. */
async function goOn(shell: Shell, project: Project, id: string, after: number, options: GlobalOptions & FullOption): Promise<Answer> {
  try {
    return await followAndAnswer(shell, project, await project.kindling.run(id), options, {}, after);
  } catch (error) {
    if (!isStranded(error)) throw error;
    const problem = problemOf(error);
    return { ok: false, exit: exitOf(problem), problem, lines: problemLines(problem, shell.out.paint) };
  }
}
