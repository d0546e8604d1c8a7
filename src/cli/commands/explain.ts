// `explain`: why a run, or something in it, stands as it stands, and what can be done about it.

import type { Answer } from "../answer.ts";
import { type AsOfOption, pastOf } from "../moment-option.ts";
import type { GlobalOptions } from "../project.ts";
import { withRun } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { ago, clock } from "../view/moment.ts";
import { visible } from "../view/visible.ts";

/** What `explain` takes. */
export interface ExplainOptions extends GlobalOptions, AsOfOption {
  readonly values?: boolean;
}

/** Explains a run, or what stands at a path of it. Programs get ISO times in the text, people their own clock. */
export function explain(shell: Shell, name: string, path: string | undefined, options: ExplainOptions): Promise<Answer> {
  const { now, program, out } = shell;
  const past = pastOf(options);
  // How long ago something was is told from today; of the past the times themselves are.
  const isNow = past.asOf === undefined;
  const isForPeople = options.json !== true;
  const since = (time: number) => `since ${isNow ? ago(time, now()).replace(/ ago$/, "") : clock(time)}`;
  const until = (time: number) => (time >= now() || !isNow ? `until ${clock(time)}` : `overdue since ${ago(time, now())}`);
  const style = { program, at: (time: number) => `at ${clock(time)}`, since, until };
  return withRun(shell, options, "read", name, async ({ kindling }, { id }): Promise<Answer> => {
    const { text, ...explanation } = await kindling.explain(id, path, {
      values: options.values === true,
      ...past,
      ...(isForPeople ? { style } : {}),
    });
    const [first = "", ...rest] = visible(text).split("\n");
    return { ok: true, result: { explanation, text }, lines: [out.paint("strong", first), ...rest] };
  });
}
