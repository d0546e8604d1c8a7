// Where the server's words to its operator go: standard error, since standard output is the protocol's.

import { redactionOf } from "../src/index.ts";

/** Takes one text at a time. */
export type Log = (text: string) => void;

/** Writes to standard error. */
export function logToStandardError(text: string): void {
  process.stderr.write(`kindling mcp: ${text}\n`);
}

const LINE_LIMIT = 200;
// oxlint-disable-next-line no-control-regex -- what a terminal acts on is exactly what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;

/** What somebody outside had a part in, as one short line: it cannot pass for another line, and the messages it is about, which stand behind it as JSON, are left out. */
export function plainLine(text: string): string {
  const [said = ""] = text.split(/[[{]/, 1);
  return redactionOf().text(said.replace(UNPRINTABLE, " ").trim().slice(0, LINE_LIMIT).toWellFormed());
}
