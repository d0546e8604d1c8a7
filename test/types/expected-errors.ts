// Compares the errors a file of mistakes announces with the errors the compiler finds.
//
// A comment before a line announces one error of that line, as `error at` and the word in backticks; then, if wanted, ` #2` for the word's
// second place in the line and `: part of the message`. Several errors of one line have a comment line each.

import type { TypeError } from "./type-check.ts";

/** An announced error: the place where it must be and, if given, a part of its message. */
export interface ExpectedError {
  readonly file: string;
  readonly line: number;
  /** 0 when the word is not in the line. */
  readonly column: number;
  readonly word: string;
  readonly message: string | undefined;
}

const MARK = /^\s*\/\/ error at `([^`]+)`(?: #(\d+))?(?:: (.+))?$/;

/** The errors a file announces. A comment that begins like a mark and is none is an error of the file itself. */
export function readExpected(file: string, text: string): readonly ExpectedError[] {
  const lines = text.split("\n");
  const expected: ExpectedError[] = [];
  lines.forEach((line, index) => {
    if (!/\/\/\s*error\b/i.test(line)) return;
    const match = MARK.exec(line);
    if (match === null) throw new Error(`${file}:${index + 1} is no mark; write // error at \`word\``);
    const [, word = "", place = "1", message] = match;
    const target = lines.findIndex((later, at) => at > index && !MARK.test(later));
    expected.push({ file, line: target + 1, column: columnOf(lines[target] ?? "", word, Number(place)), word, message });
  });
  return expected;
}

/** The column of the given occurrence of a whole word, from 1; 0 when there is none. */
function columnOf(line: string, word: string, place: number): number {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const matches = [...line.matchAll(new RegExp(`(?<![\\w$])${escaped}(?![\\w$])`, "g"))];
  const match = matches[place - 1];
  return match === undefined ? 0 : match.index + 1;
}

/** What differs, one line each; empty when the compiler finds the announced errors at their words and no others. */
export function compareErrors(expected: readonly ExpectedError[], found: readonly TypeError[]): readonly string[] {
  const open = [...found];
  const missing = expected.filter((mark) => {
    const index = open.findIndex((error) => isAnnounced(mark, error));
    if (index !== -1) open.splice(index, 1);
    return index === -1;
  });
  return [
    ...missing.map(({ file, line, column, word, message }) => {
      const place = column === 0 ? `\`${word}\` is not in the line` : `no error at \`${word}\` (column ${column})`;
      return `${file}:${line} ${place}${message === undefined ? "" : ` with "${message}"`}`;
    }),
    ...open.map(({ file, line, column, code, message }) => `${file}:${line}:${column} unexpected ${code}: ${message}`),
  ];
}

function isAnnounced(mark: ExpectedError, error: TypeError): boolean {
  const isThere = mark.file === error.file && mark.line === error.line && mark.column === error.column;
  return isThere && (mark.message === undefined || error.message.includes(mark.message));
}
