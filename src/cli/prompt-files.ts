// The prompt files below a folder, each read and parsed, with everything that is wrong with it. Knows no contracts.

import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { ConfigError, isJsonObject, type JsonValue, type Prompt, promptFile } from "../index.ts";
import { UsageError } from "./problem.ts";

/** Something wrong in a file; without a line when it is about the file as a whole. */
export interface FileProblem {
  readonly file: string;
  readonly line?: number;
  readonly message: string;
}

/** A prompt file. `prompt` is undefined where it cannot be parsed. */
export interface PromptFile {
  /** From the folder, with forward slashes. */
  readonly file: string;
  readonly path: string;
  readonly prompt: Prompt | undefined;
  readonly problems: readonly FileProblem[];
}

const ENDING = ".prompt.md";
/** Nobody keeps prompts there, and there may be very many files. */
const SKIPPED = new Set(["node_modules", "dist"]);
const FILES_LIMIT = 5_000;
const FOLDERS_LIMIT = 20_000;

/** All `*.prompt.md` below a folder, in the order of their paths; folders of packages, of builds and hidden ones are left out. @throws UsageError `too_many_files`, `unreadable_folder` */
export async function promptFilesIn(folder: string): Promise<readonly PromptFile[]> {
  const found: string[] = [];
  const open = [folder];
  for (let seen = 0; open.length > 0; seen++) {
    if (found.length > FILES_LIMIT || seen > FOLDERS_LIMIT)
      throw new UsageError(
        "too_many_files",
        `below ${folder} there are more than ${FILES_LIMIT} prompt files, or more than ${FOLDERS_LIMIT} folders`,
        {
          fix: "Name the config of one project with --config.",
        },
      );
    const current = open.pop() ?? folder;
    for (const entry of await entriesOf(current)) {
      if (entry.isDirectory() && !entry.name.startsWith(".") && !SKIPPED.has(entry.name)) open.push(join(current, entry.name));
      else if (entry.isFile() && entry.name.endsWith(ENDING)) found.push(join(current, entry.name));
    }
  }
  return found.sort().map((path) => readPromptFile(folder, path));
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError("unreadable_folder", `${folder} cannot be looked into for prompt files: ${reason}`, {
      fix: "Let it be read.",
      cause,
    });
  }
}

/** One file, named from a folder. */
export function readPromptFile(folder: string, path: string): PromptFile {
  const file = relative(folder, path).replaceAll("\\", "/");
  try {
    return { file, path, prompt: promptFile(path), problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { file, path, prompt: undefined, problems: problemsIn(file, error) };
  }
}

function problemsIn(file: string, { message, details }: ConfigError): readonly FileProblem[] {
  const { problems } = details;
  if (!Array.isArray(problems)) return [{ file, message }];
  return problems.flatMap((problem: JsonValue) => {
    const { line, message: told } = isJsonObject(problem) ? problem : {};
    return typeof line === "number" && typeof told === "string" ? [{ file, line, message: told }] : [];
  });
}
