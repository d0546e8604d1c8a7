// `inbox`: what waits, for a person or for an event, with the commands that answer it.

import type { Answer } from "../answer.ts";
import { stepOf } from "../next-commands.ts";
import { isMissing, type GlobalOptions } from "../project.ts";
import { withProject } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { nextLines } from "../view/outcome-lines.ts";
import { visibleCopy } from "../view/visible.ts";

/** What `inbox` takes. */
export interface InboxOptions extends GlobalOptions {
  readonly all?: boolean;
}

const SHOWN = 50;

/** Lists open gates; with `--all` every open await. */
export async function inbox(shell: Shell, options: InboxOptions): Promise<Answer> {
  try {
    return await withProject(shell, options, "read", async ({ kindling }): Promise<Answer> => {
      const awaits = await kindling.inbox(options.all === true ? {} : { by: "human" });
      const details = await Promise.all(awaits.slice(0, SHOWN).map((open) => kindling.awaiting(open.run, open.path)));
      const steps = visibleCopy(
        details.map((detail) => ({ ...stepOf(detail, shell.program), path: `${detail.path} of ${detail.contract}` })),
      );
      const rest = awaits.length > SHOWN ? ["", `… ${awaits.length - SHOWN} more`] : [];
      const lines =
        awaits.length === 0
          ? ["nothing waits for a person"]
          : [...nextLines(steps, { paint: shell.out.paint, now: shell.now() }).slice(1), ...rest];
      return { ok: true, result: { awaits }, lines };
    });
  } catch (error) {
    if (!isMissing(error) && !isNoRuns(error)) throw error;
    return { ok: true, result: { awaits: [] }, lines: ["nothing waits for a person"] };
  }
}

function isNoRuns(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "run_not_found";
}
