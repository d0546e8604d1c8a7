// The command by which a person decides a gate, safe to paste and to hand to a model: paths hold keys that come from inputs, so they are quoted for the shell, and one
// that could be prose is not shown at all.

import { visible } from "../src/index.ts";

const PLAIN = /^[\w@%+=:,./-]+$/;

/** How a person decides the gate at `path`; one whose path cannot be shown as it is, is chosen from the inbox. */
export function decideCommand(program: string, run: string, path: string): string {
  if (![run, path].every(isOneWord)) return `${program} inbox`;
  return `${program} approve ${shellQuoted(run)} ${shellQuoted(path)}`;
}

const WORD_LIMIT = 200;

/** True for a word without blanks, and without characters that a terminal acts on or that whoever pastes it cannot see. */
function isOneWord(word: string): boolean {
  return word.length <= WORD_LIMIT && !/\s/u.test(word) && visible(word) === word;
}

function shellQuoted(word: string): string {
  return PLAIN.test(word) && !word.startsWith("-") ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
