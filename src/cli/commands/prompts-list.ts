// `prompts list`: the prompt files of the project, what they read, and which nodes ask with them.

import type { Answer } from "../answer.ts";
import type { GlobalOptions } from "../project.ts";
import { projectPrompts, type ProjectPrompt } from "../project-prompts.ts";
import type { Shell } from "../shell.ts";
import { promptLines } from "../view/prompt-lines.ts";
import { visible } from "../view/visible.ts";

/** Lists them. */
export async function listPrompts(shell: Shell, options: GlobalOptions): Promise<Answer> {
  const { prompts, unloaded } = await projectPrompts(shell, options);
  const { paint } = shell.out;
  const lines = prompts.flatMap((prompt, index) => [...(index === 0 ? [] : [""]), ...promptLines(prompt, paint)]);
  // The files can be listed all the same, and may be why.
  const note = unloaded === undefined ? [] : ["", paint("warn", "who uses them is not known:"), ...visible(unloaded.message).split("\n")];
  return {
    ok: true,
    result: { prompts: prompts.map(listed), unloaded: unloaded?.toJSON() ?? null },
    lines: [...(lines.length === 0 ? ["there are no prompt files (*.prompt.md)"] : lines), ...note],
  };
}

function listed({ file, prompt, problems, uses }: ProjectPrompt): object {
  const { name = null, version = null, description = "", variables = [], settings = {} } = prompt ?? {};
  return {
    name,
    version,
    file,
    description,
    variables,
    settings,
    problems,
    uses: uses.map(({ contract, path, prompt: { origin } }) => ({ contract, path, ...(origin === undefined ? {} : { origin }) })),
  };
}
