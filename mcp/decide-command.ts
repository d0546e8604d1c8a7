// The command by which a person decides a gate, safe to paste: paths hold keys that come from inputs, so they are quoted for the shell.

const PLAIN = /^[\w@%+=:,./-]+$/;
// oxlint-disable-next-line no-control-regex -- characters that a terminal acts on are exactly what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** How a person decides the gate at `path`; one whose path cannot be shown safely is chosen from the inbox. */
export function decideCommand(program: string, run: string, path: string): string {
  if (UNPRINTABLE.test(path) || UNPRINTABLE.test(run)) return `${program} inbox`;
  return `${program} approve ${shellQuoted(run)} ${shellQuoted(path)}`;
}

function shellQuoted(word: string): string {
  return PLAIN.test(word) && !word.startsWith("-") ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
