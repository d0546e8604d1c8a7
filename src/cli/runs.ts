// What the commands about one run share: opening the project, finding the run, following it, and answering.

import type { Run } from "../index.ts";
import type { Answer } from "./answer.ts";
import { follow, followed } from "./follow.ts";
import { narrationFor } from "./narrate.ts";
import { type Access, type GlobalOptions, openProject, type Project } from "./project.ts";
import { findRun } from "./run-name.ts";
import type { Shell } from "./shell.ts";
import { type Extent, FULL, GLANCE } from "./view/value.ts";

/** Works with a project and closes it afterwards, whatever happens. */
export async function withProject<T>(
  shell: Shell,
  options: GlobalOptions,
  access: Access,
  work: (project: Project) => Promise<T>,
): Promise<T> {
  const project = await openProject(shell, options, access);
  try {
    return await work(project);
  } finally {
    await project[Symbol.asyncDispose]();
  }
}

/** Works with the run somebody means. */
export async function withRun<T>(
  shell: Shell,
  options: GlobalOptions,
  access: Access,
  name: string,
  work: (project: Project, run: Run) => Promise<T>,
): Promise<T> {
  return withProject(shell, options, access, async (project) =>
    work(project, await project.kindling.run(await findRun(project.kindling, name, shell))),
  );
}

/** Options of commands that print values. */
export interface FullOption {
  readonly full?: boolean;
}

/** How much of a value to show. */
export function extentOf({ full }: FullOption): Extent {
  return full === true ? FULL : GLANCE;
}

/** Follows a run until it ends or waits, and answers with how it stands. */
export async function followAndAnswer(
  shell: Shell,
  project: Project,
  run: Run,
  options: GlobalOptions & FullOption,
  extra: Readonly<Record<string, unknown>> = {},
  after = 0,
): Promise<Answer> {
  const narration = options.json === true ? "silent" : narrationFor(shell.err, shell.env);
  const view = await follow(shell, project, run, narration, after);
  const answer = await followed(shell, project, view, extra, extentOf(options));
  return { ...answer, lines: [...answer.lines, "", shell.out.paint("faint", `ledger  ${project.kindling.location}`)] };
}
