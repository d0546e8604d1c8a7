// Reads a prompt file from disk, once, when a module that names it loads. All parsing is in prompt.ts.

import { basename, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError } from "../errors.ts";
import { parsePrompt, type Filling, type Prompt } from "./prompt.ts";

/** No prompt is this long; a mistaken path may well be. */
const LIMIT_BYTES = 1_000_000;

/**
 * Reads and parses a prompt file, synchronously. A relative path is taken from the working directory; with `new URL(…, import.meta.url)`
 * it is taken from the module that names it. `V` are the values that fill it, by name: `kindling prompts types` writes it, and checks that it stays true.
 *
 * @throws ConfigError `prompt_not_found`, `prompt_unreadable` or `prompt_invalid` (everything wrong, with lines)
 * @example promptFile(new URL("../prompts/triage.prompt.md", import.meta.url))
 */
export function promptFile<V = unknown>(file: URL | string): Prompt<Filling<V>> {
  const path = typeof file !== "string" || file.startsWith("file:") ? fileURLToPath(file) : file;
  const shown = shownPath(path);
  return parsePrompt(readText(path, shown), { name: basename(path).replace(/(\.prompt)?\.md$/, ""), file: shown });
}

function readText(path: string, shown: string): string {
  try {
    // Loaded with the first prompt: importing the core stays cheap.
    const text = process.getBuiltinModule("node:fs").readFileSync(path, "utf8");
    if (Buffer.byteLength(text) > LIMIT_BYTES)
      throw new ConfigError("prompt_unreadable", `The prompt ${shown} is larger than ${LIMIT_BYTES} bytes.`);
    return text;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isMissing)
      throw new ConfigError("prompt_not_found", `There is no prompt file ${shown}.`, {
        cause: error,
        fix: "Check the path; prompts are usually prompts/<name>.prompt.md.",
      });
    throw new ConfigError(
      "prompt_unreadable",
      `The prompt ${shown} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/** Short inside the project, whole outside of it. */
function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith("..") ? path : fromHere.replaceAll("\\", "/");
}
