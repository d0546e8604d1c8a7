// The prompts of a project: its prompt files, and the nodes that ask with them. A config that cannot be loaded leaves the files, which may be the reason.

import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { compile, didYouMean, type Finding, InputError, KindlingError, type Prompt, promptsOf } from "../index.ts";
import { findConfig, loadConfig } from "./config-file.ts";
import type { GlobalOptions } from "./project.ts";
import { promptFilesIn, type PromptFile, readPromptFile } from "./prompt-files.ts";
import type { Shell } from "./shell.ts";

/** A node that asks with a prompt. */
export interface NodeUse {
  readonly contract: string;
  readonly path: string;
  readonly prompt: Prompt<never>;
}

/** A prompt file with the nodes that ask with it. */
export interface ProjectPrompt extends PromptFile {
  readonly uses: readonly NodeUse[];
}

/** What is known of a project's prompts. */
export interface ProjectPrompts {
  /** The config's folder, or the working directory where there is no config. */
  readonly folder: string;
  readonly prompts: readonly ProjectPrompt[];
  /** All nodes that ask with a prompt file. */
  readonly uses: readonly NodeUse[];
  /** What is doubtful about prompts in the contracts. */
  readonly findings: readonly Finding[];
  /** Why the contracts could not be looked at. */
  readonly unloaded: KindlingError | undefined;
}

/** Finds them. */
export async function projectPrompts(shell: Shell, { config }: GlobalOptions): Promise<ProjectPrompts> {
  const configFile = config === undefined ? findConfig(shell.cwd) : resolve(shell.cwd, config);
  const folder = configFile === undefined ? shell.cwd : dirname(configFile);
  const below = await promptFilesIn(folder);
  const { uses, findings, unloaded } = await contractUses(shell, config);
  const others = new Set(uses.map(({ prompt }) => resolve(shell.cwd, prompt.file)));
  for (const { path } of below) others.delete(path);
  // Contracts may ask with files that lie beside their project. A prompt that was made in code has none.
  const beside = [...others].filter((path) => existsSync(path)).map((path) => readPromptFile(folder, path));
  const prompts = [...below, ...beside].map((file) => ({
    ...file,
    uses: uses.filter(({ prompt }) => resolve(shell.cwd, prompt.file) === file.path),
  }));
  return { folder, prompts, uses, findings, unloaded };
}

/** The prompt somebody means, by its name or its file. @throws InputError `prompt_unknown`, `ambiguous_prompt`; ConfigError what is wrong with it */
export function promptNamed({ prompts }: ProjectPrompts, name: string): ProjectPrompt & { readonly prompt: Prompt } {
  const found = prompts.filter(({ file, prompt }) => file === name || prompt?.name === name);
  const [only, ...more] = found;
  if (only === undefined)
    throw new InputError("prompt_unknown", `there is no prompt "${name}"`, {
      fix: didYouMean(
        name,
        prompts.map(({ file, prompt }) => prompt?.name ?? file),
      ),
    });
  if (more.length > 0)
    throw new InputError(
      "ambiguous_prompt",
      `"${name}" is the name of ${found.length} prompts: ${found.map(({ file }) => file).join(", ")}`,
      {
        fix: "Name the file.",
      },
    );
  const { prompt } = only;
  if (prompt === undefined) {
    const told = only.problems.map(({ file, line, message }) => `${file}${line === undefined ? "" : `:${line}`} ${message}`);
    throw new InputError("prompt_invalid", `the prompt ${only.file} cannot be read:\n${told.join("\n")}`, { fix: "Correct it." });
  }
  return { ...only, prompt };
}

async function contractUses(shell: Shell, given: string | undefined): Promise<Pick<ProjectPrompts, "uses" | "findings" | "unloaded">> {
  try {
    const { contracts } = (await loadConfig(shell.cwd, given)).config;
    const uses = contracts.flatMap((contract) => promptsOf(contract).map((use) => ({ contract: contract.name, ...use })));
    const findings = contracts.flatMap((contract) => compile(contract).findings).filter(({ code }) => code.startsWith("prompt_"));
    return { uses, findings, unloaded: undefined };
  } catch (error) {
    if (error instanceof KindlingError) return { uses: [], findings: [], unloaded: error };
    throw error;
  }
}
