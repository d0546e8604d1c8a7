// `retry`: tries again what failed in a run: all of it, or one item or node. What succeeded stays.

import type { Answer } from "../answer.ts";
import { revisedAnswer } from "../changed-inputs.ts";
import type { GlobalOptions } from "../project.ts";
import { type FullOption, withRun } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { visible } from "../view/visible.ts";

/** Retries a run and follows it. */
export function retry(shell: Shell, name: string, path: string | undefined, options: GlobalOptions & FullOption): Promise<Answer> {
  return withRun(shell, options, "shared", name, async (project, run) => {
    const { position } = await run.get();
    await run.retry({ actor: { id: `cli:${shell.user}`, assurance: "outOfBand" }, ...(path === undefined ? {} : { path }) });
    const said = path === undefined ? "trying again what failed" : `trying ${visible(path)} again`;
    return revisedAnswer(shell, project, run, options, { said, extra: {}, after: position });
  });
}
