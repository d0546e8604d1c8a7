// The command by which a person decides a gate, safe to paste: paths hold keys that come from inputs, so they are quoted for the shell.

import { visible } from "../src/index.ts";

const PLAIN = /^[\w@%+=:,./-]+$/;

/** How a person decides the gate at `path`; one whose path cannot be shown as it is, is chosen from the inbox. */
export function decideCommand(program: string, run: string, path: string): string {
  if (![run, path].every(isShownAsItIs)) return `${program} inbox`;
  return `${program} approve ${shellQuoted(run)} ${shellQuoted(path)}`;
}

/** True for one line without characters that a terminal acts on, or that whoever pastes it cannot see. */
function isShownAsItIs(word: string): boolean {
  return visible(word) === word && !/[\n\t]/.test(word);
}

function shellQuoted(word: string): string {
  return PLAIN.test(word) && !word.startsWith("-") ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
