// A file that an option names, as text.

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { UsageError } from "./problem.ts";
import type { Shell } from "./shell.ts";

/** The text of a file. @throws UsageError `unreadable_file` */
export async function readGiven(shell: Shell, file: string): Promise<string> {
  try {
    const bytes = await readFile(resolve(shell.cwd, file));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const reason = cause instanceof TypeError ? "it is no text" : cause instanceof Error ? cause.message : String(cause);
    throw new UsageError("unreadable_file", `${file} cannot be read: ${reason}`, { fix: "Check the path.", cause });
  }
}
