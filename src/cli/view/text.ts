// Text fitted into its place: one line of limited width, padded cells, counted nouns, shell words. Knows nothing of runs.

import { stripVTControlCharacters } from "node:util";

/** The text on one line, cut to a number of characters with an ellipsis. */
export function oneLine(text: string, limit = 120): string {
  const line = text.replace(/\s+/g, " ").trim();
  const characters = Array.from(line);
  return characters.length <= limit
    ? line
    : `${characters
        .slice(0, limit - 1)
        .join("")
        .trimEnd()}…`;
}

/** `1 run`, `3 runs`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${groupDigits(count)} ${count === 1 ? noun : plural}`;
}

/** Whole numbers with their thousands apart: `12,345`. */
export function groupDigits(count: number): string {
  return count.toLocaleString("en-US");
}

/** Pads a cell to a width, not counting colours. */
export function pad(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - widthOf(cell)));
}

/** Columns a text takes, colours left out; characters that are wide in East Asian scripts, and emoji, take two. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += WIDE.test(character) ? 2 : 1;
  return width;
}

const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u;

const ESCAPE = String.fromCharCode(27);
/** A colour code, or one character. */
const PIECE = new RegExp(`${ESCAPE}\\[[0-9;]*m|.`, "gsu");

/** Cuts a line that may hold colours to a width, so that a terminal does not break it. */
export function fit(line: string, width: number): string {
  if (widthOf(line) <= width) return line;
  let used = 0;
  let cut = "";
  // Colour codes take no room and are kept, so that none stays switched on.
  for (const [piece] of line.matchAll(PIECE)) {
    const isCode = piece.startsWith("\u001B");
    used += isCode ? 0 : widthOf(piece);
    if (isCode || used < width) cut += piece;
  }
  return `${cut}…`;
}

/** A longer cell makes its own row longer, and not the others: keys have up to 256 characters. */
const COLUMN_MOST = 80;

/** Rows as a table: every column as wide as its widest cell, up to 80, the last one free. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, Math.min(widthOf(cell), COLUMN_MOST));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : pad(cell, widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

/** Lines moved to the right. */
export function indented(lines: readonly string[], by = "  "): string[] {
  return lines.map((line) => (line === "" ? "" : by + line));
}

/** A word as a POSIX shell takes it: quoted only when it must be, and on one line whatever is in it. */
export function shellWord(word: string): string {
  if (/[\n\t]/.test(word))
    return `$'${word.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n").replaceAll("\t", "\\t")}'`;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
