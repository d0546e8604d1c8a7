// `prompts types`: writes a module with all prompt files and what fills them, or says whether the one there is still true.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import type { Answer } from "../answer.ts";
import type { GlobalOptions } from "../project.ts";
import { projectPrompts } from "../project-prompts.ts";
import { promptModule } from "../prompt-module.ts";
import type { Shell } from "../shell.ts";
import { counted } from "../view/text.ts";
import { unfitPrompts } from "./prompts-check.ts";

/** What `prompts types` takes. */
export interface TypesOptions extends GlobalOptions {
  readonly out?: string;
  readonly check?: boolean;
}

const DEFAULT_OUT = "prompts/index.ts";

/** Writes the module, or checks it. */
export async function writePromptModule(shell: Shell, options: TypesOptions): Promise<Answer> {
  const { folder, prompts } = await projectPrompts(shell, options);
  const wrong = prompts.flatMap(({ problems }) => problems);
  if (wrong.length > 0) return unfitPrompts(shell, wrong, [], "Nothing was written. Correct them first.");
  const path = options.out === undefined ? join(folder, DEFAULT_OUT) : resolve(shell.cwd, options.out);
  const file = relative(shell.cwd, path) || path;
  const text = promptModule(path, prompts);
  const isCurrent = (await textOf(path)) === text;
  if (options.check === true && !isCurrent)
    return unfitPrompts(
      shell,
      [{ file, message: "is not what the prompt files say now" }],
      [],
      `Write it anew: ${shell.program} prompts types`,
    );
  if (!isCurrent) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  const said = isCurrent ? `${file} is up to date` : `${shell.out.paint("good", "✓")} wrote ${file}`;
  return {
    ok: true,
    result: { file: path, prompts: prompts.length, written: !isCurrent },
    lines: [`${said}: ${counted(prompts.length, "prompt")}`],
  };
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
