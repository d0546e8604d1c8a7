// The part of the command line that looks after prompt files.

import type { Command } from "commander";
import { command, gather, run } from "./command.ts";
import type { RenderOptions } from "./commands/prompts-render.ts";
import type { TypesOptions } from "./commands/prompts-module.ts";
import type { GlobalOptions } from "./project.ts";

/** Adds `prompts` and what it can do. */
export function addPrompts(program: Command): void {
  const prompts = command(program, "prompts", "prompt files: list, check, render, compare with a run, lock, pull, type");
  command(prompts, "list", "all prompt files, what they read and which nodes ask with them").action((options: GlobalOptions) =>
    run("prompts list", options, async (shell) => (await import("./commands/prompts-list.ts")).listPrompts(shell, options)),
  );
  command(prompts, "check", "everything that is wrong with prompt files and their use, and what is not as locked").action(
    (options: GlobalOptions) =>
      run("prompts check", options, async (shell) => (await import("./commands/prompts-check.ts")).checkPrompts(shell, options)),
  );
  command(prompts, "render <prompt>", "the messages a prompt makes of given values; asks nobody")
    .option("-i, --input <name=value>", "a variable; JSON when it parses, else text (repeatable)", gather)
    .option("--inputs <json>", "all variables as JSON, or - for stdin")
    .option("--inputs-file <file>", "all variables from a JSON file, or - for stdin")
    .action((name: string, options: RenderOptions) =>
      run("prompts render", options, async (shell) => (await import("./commands/prompts-render.ts")).renderPrompt(shell, name, options)),
    );
  command(prompts, "diff <run> [node]", "what has changed in the prompts since a run asked with them").action(
    (id: string, path: string | undefined, options: GlobalOptions) =>
      run("prompts diff", options, async (shell) => (await import("./commands/prompts-diff.ts")).diffPrompts(shell, id, path, options)),
  );
  command(prompts, "lock", "write down which version every prompt file has, for reviews and for check").action((options: GlobalOptions) =>
    run("prompts lock", options, async (shell) => (await import("./commands/prompts-lock.ts")).lockPrompts(shell, options)),
  );
  command(prompts, "pull <prompt>", "bring the file that stands in for a prompt in Langfuse up to what stands there").action(
    (name: string, options: GlobalOptions) =>
      run("prompts pull", options, async (shell) => (await import("./commands/prompts-pull.ts")).pullPrompt(shell, name, options)),
  );
  command(prompts, "types", "write a TypeScript module with all prompt files and what fills them")
    .option("--out <file>", "where to; else prompts/index.ts beside the config")
    .option("--check", "only say whether the one there is up to date")
    .action((options: TypesOptions) =>
      run("prompts types", options, async (shell) => (await import("./commands/prompts-module.ts")).writePromptModule(shell, options)),
    );
}
