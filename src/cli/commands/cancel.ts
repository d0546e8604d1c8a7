// `cancel`: ends a run and all its children. What is done is not undone.

import type { Answer } from "../answer.ts";
import type { GlobalOptions } from "../project.ts";
import { withRun } from "../runs.ts";
import type { Shell } from "../shell.ts";

/** What `cancel` takes. */
export interface CancelOptions extends GlobalOptions {
  readonly reason?: string;
}

/** Cancels a run; one that has ended stays as it is. */
export function cancel(shell: Shell, name: string, options: CancelOptions): Promise<Answer> {
  return withRun(shell, options, "shared", name, async (_project, run): Promise<Answer> => {
    const before = await run.get();
    const view = await run.cancel({
      actor: { id: `cli:${shell.user}`, assurance: "outOfBand" },
      ...(options.reason === undefined ? {} : { reason: options.reason }),
    });
    const said = before.endedAt === undefined ? `cancelled ${view.id}` : `${view.id} had ended: ${view.status}`;
    return { ok: true, result: { run: view, next: [] }, lines: [said] };
  });
}
