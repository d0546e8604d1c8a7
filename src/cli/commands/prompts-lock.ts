// `prompts lock`: writes down which version every prompt file has.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Answer } from "../answer.ts";
import type { GlobalOptions } from "../project.ts";
import { projectPrompts } from "../project-prompts.ts";
import { driftFrom, LOCK_FILE, lockedNow, lockText, readLock } from "../prompt-lock.ts";
import type { Shell } from "../shell.ts";
import { counted, indented } from "../view/text.ts";
import { visible } from "../view/visible.ts";
import { unfitPrompts } from "./prompts-check.ts";

/** Locks all of them, or none while one of them is wrong. */
export async function lockPrompts(shell: Shell, options: GlobalOptions): Promise<Answer> {
  const { folder, prompts } = await projectPrompts(shell, options);
  const wrong = prompts.flatMap(({ problems }) => problems);
  if (wrong.length > 0) return unfitPrompts(shell, wrong, [], "Nothing was locked. Correct them, and lock them then.");
  const before = await readLock(folder);
  const drift = driftFrom(before === undefined || before === "unreadable" ? {} : before, prompts);
  const locked = lockedNow(prompts);
  if (drift.length > 0 || before === "unreadable") await writeFile(join(folder, LOCK_FILE), lockText(locked));
  const { paint } = shell.out;
  return {
    ok: true,
    result: { file: join(folder, LOCK_FILE), prompts: locked, changed: drift.map(({ file }) => file) },
    lines:
      drift.length === 0
        ? [`${LOCK_FILE} says so already: ${counted(prompts.length, "prompt")}`]
        : [
            `${paint("good", "✓")} ${counted(prompts.length, "prompt")} in ${LOCK_FILE}`,
            ...indented(drift.map(({ file, was, is }) => `${visible(file)}  ${visible(was ?? "new")} → ${visible(is ?? "gone")}`)),
          ],
  };
}
