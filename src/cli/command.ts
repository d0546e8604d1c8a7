// What every command of the grammar is made with: its line of help, the values of options that repeat, and the call.

import type { Command } from "commander";
import type { Answer } from "./answer.ts";
import { call } from "./call.ts";
import type { GlobalOptions } from "./project.ts";
import type { Shell } from "./shell.ts";

/** Adds a command. */
export function command(program: Command, usage: string, summary: string): Command {
  return program.command(usage).summary(summary).description(summary);
}

/** Calls a command and ends the process. */
export function run(name: string, { json, config }: GlobalOptions, action: (shell: Shell) => Promise<Answer>): Promise<never> {
  return call({ command: name, isJson: json === true, config }, action);
}

/** Gathers the values of an option that may be given several times. */
export function gather(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
