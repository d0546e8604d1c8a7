// `erase`: makes a run unreadable for ever, with all its children. Nothing brings it back, so it is done only when that was said.

import { type Erasure, InputError } from "../../index.ts";
import type { Answer } from "../answer.ts";
import type { GlobalOptions, Project } from "../project.ts";
import { findRun } from "../run-name.ts";
import { withProject } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { counted } from "../view/text.ts";
import { visible } from "../view/visible.ts";

/** What `erase` takes. */
export interface EraseOptions extends GlobalOptions {
  readonly reason?: string;
  readonly yes?: boolean;
}

/** Erases a run; one that is erased stays so. */
export function erase(shell: Shell, name: string, options: EraseOptions): Promise<Answer> {
  return withProject(shell, options, "shared", async (project): Promise<Answer> => {
    const { kindling } = project;
    const id = await idOf(project, name, shell);
    const known = await isErased(project, id);
    if (!known && options.yes !== true) return unconfirmed(shell, id);
    const { reason } = options;
    const erasure = await kindling.erase(id, {
      actor: { id: `cli:${shell.user}`, assurance: "outOfBand" },
      ...(reason === undefined ? {} : { reason }),
    });
    return { ok: true, result: { erasure }, lines: known ? told(erasure) : done(shell, erasure) };
  });
}

/** Also the name of a run that is erased or compacted, in full. */
async function idOf({ kindling }: Project, name: string, shell: Shell): Promise<string> {
  try {
    return await findRun(kindling, name, shell);
  } catch (error) {
    const run = isGone(error) ? error.details["run"] : undefined;
    if (typeof run === "string") return run;
    throw error;
  }
}

async function isErased({ kindling }: Project, id: string): Promise<boolean> {
  try {
    await kindling.run(id);
    return false;
  } catch (error) {
    // What is left of a compacted run can be erased, too.
    if (isGone(error)) return error.code === "run_erased";
    throw error;
  }
}

function isGone(error: unknown): error is InputError {
  return error instanceof InputError && (error.code === "run_erased" || error.code === "run_compacted");
}

function unconfirmed(shell: Shell, id: string): Answer {
  const message = `erasing ${id} makes all that it and its children recorded unreadable for ever; nothing was done`;
  const fix = `${shell.program} erase ${id} --yes`;
  const problem = { name: "InputError", code: "not_confirmed", message, fix, details: { run: id } };
  return { ok: false, exit: 4, problem, lines: [`${shell.err.paint("warn", "◆")} ${message}`, `  to do it: ${fix}`] };
}

function done({ out: { paint }, program }: Shell, { run, runs, restingFacts }: Erasure): readonly string[] {
  const { count = 0, ids = [] } = restingFacts ?? {};
  return [
    `${paint("good", "✓")} erased ${run}, ${counted(runs, "run")} in all; its key is destroyed`,
    paint(
      "faint",
      `  copies of the folder's keys/ still open it: see what ${program} backup made before; forks of it are runs of their own`,
    ),
    ...(count === 0 ? [] : [`  ${counted(count, "fact")} of stores may say what it said:`, ...ids.map((id) => `    ${visible(id)}`)]),
  ];
}

function told({ run, erasedAt, actor, reason }: Erasure): readonly string[] {
  const why = reason === undefined ? "" : `: ${visible(reason)}`;
  return [`${run} was erased before, at ${new Date(erasedAt).toISOString()} by ${visible(actor.id)}${why}`];
}
