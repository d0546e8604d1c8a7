// `diff`: two runs side by side, only what is different.

import type { Answer } from "../answer.ts";
import type { GlobalOptions } from "../project.ts";
import { findRun } from "../run-name.ts";
import { withProject } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { visible } from "../view/visible.ts";

/** Compares two runs. */
export function diff(shell: Shell, name: string, other: string, options: GlobalOptions): Promise<Answer> {
  return withProject(shell, options, "read", async ({ kindling }): Promise<Answer> => {
    const [a, b] = [await findRun(kindling, name, shell), await findRun(kindling, other, shell)];
    const { text, ...difference } = await kindling.diff(a, b);
    const [first = "", ...rest] = visible(text).split("\n");
    return { ok: true, result: { diff: difference, text }, lines: [shell.out.paint("strong", first), ...rest] };
  });
}
