// `inbox`: what waits, for a person or for an event, with the commands that answer it.

import type { Answer } from "../answer.ts";
import type { Kindling, OpenAwait } from "../../index.ts";
import { detailOf, type NextStep, stepOf } from "../next-commands.ts";
import { isMissing, type GlobalOptions } from "../project.ts";
import { withProject } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { nextLines } from "../view/outcome-lines.ts";
import { brief } from "../view/value.ts";
import { visibleCopy } from "../view/visible.ts";

/** What `inbox` takes. */
export interface InboxOptions extends GlobalOptions {
  readonly all?: boolean;
}

const SHOWN = 50;
/** There may be a million. */
const LISTED = 1_000;

/** Lists open gates; with `--all` every open await. */
export async function inbox(shell: Shell, options: InboxOptions): Promise<Answer> {
  try {
    return await withProject(shell, options, "read", async ({ kindling }): Promise<Answer> => {
      const found = await kindling.inbox({ limit: LISTED + 1, ...(options.all === true ? {} : { by: "human" as const }) });
      const awaits = found.slice(0, LISTED);
      const isCut = found.length > LISTED;
      const steps = await Promise.all(awaits.slice(0, SHOWN).map((open) => answerable(kindling, open, shell.program)));
      const rest = awaits.length > SHOWN ? ["", `… ${isCut ? `more than ${LISTED - SHOWN}` : awaits.length - SHOWN} more`] : [];
      const lines =
        awaits.length === 0
          ? [nothing(options)]
          : [...nextLines(visibleCopy(steps), { paint: shell.out.paint, now: shell.now() }).slice(1), ...rest];
      return { ok: true, result: { awaits, ...(isCut ? { more: true } : {}) }, lines };
    });
  } catch (error) {
    if (!isMissing(error) && !isNoRuns(error)) throw error;
    return { ok: true, result: { awaits: [] }, lines: [nothing(options)] };
  }
}

function nothing({ all }: InboxOptions): string {
  return all === true ? "nothing waits for a person or an event" : "nothing waits for a person";
}

/** The step of an await, told with its contract and its run's correlation; without commands when its contract is not here to say how it is answered. */
async function answerable(kindling: Kindling, open: OpenAwait, program: string): Promise<NextStep> {
  const which = Object.keys(open.correlation).length === 0 ? "" : ` ${brief(open.correlation)}`;
  const path = `${open.path} of ${open.contract}${which}`;
  const detail = await detailOf(kindling, open.run, open.path);
  if (detail !== undefined) return { ...stepOf(detail, program), path };
  return {
    path,
    event: open.event,
    ...(open.history === undefined ? {} : { history: open.history }),
    by: open.by,
    since: open.since,
    deadline: open.deadline ?? null,
    commands: [`${program} show ${open.run}`],
  };
}

function isNoRuns(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "run_not_found";
}
