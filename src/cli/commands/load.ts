// `load`: how much the process that writes does now, what waits in which line and why.

import type { Answer } from "../answer.ts";
import type { GlobalOptions } from "../project.ts";
import { withProject } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { loadLines } from "../view/wait-line.ts";
import { visibleCopy } from "../view/visible.ts";

/** Asks the process that writes, whichever that is. */
export function load(shell: Shell, options: GlobalOptions): Promise<Answer> {
  return withProject(shell, options, "read", async ({ kindling }): Promise<Answer> => {
    const now = await kindling.load({ signal: shell.signal });
    return { ok: true, result: { ...now }, lines: loadLines(visibleCopy(now), shell.out.paint) };
  });
}
