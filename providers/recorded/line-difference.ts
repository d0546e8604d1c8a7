// Two texts as one list of lines: those that went (`-`), those that came (`+`), and a little of what stayed around them. Pure; knows no requests.

/** Lines of what stayed that are shown around a change. */
const CONTEXT = 1;
/** Lines shown of one difference; the rest is counted. */
const SHOWN_LIMIT = 40;
/** Longer lines are cut. */
const LINE_LIMIT = 200;
/** Beyond so many pairs of lines the middle is told as replaced as a whole: finding the smallest difference costs the product. */
const PAIRS_LIMIT = 1_000_000;

interface Line {
  readonly mark: "-" | "+" | " ";
  readonly text: string;
}

/** The lines of a difference, each with its mark; empty for equal texts. */
export function lineDifference(before: readonly string[], after: readonly string[]): readonly string[] {
  const lines = compare(before, after);
  const isNear = lines.map((_, index) => lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ mark }) => mark !== " "));
  const shown: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (isNear[index] === true) shown.push(`${line.mark} ${cut(line.text)}`.trimEnd());
    else if (index > 0 && isNear[index - 1] === true && isNear.includes(true, index)) shown.push("  …");
  }
  if (shown.length <= SHOWN_LIMIT) return shown;
  return [...shown.slice(0, SHOWN_LIMIT), `  and ${shown.length - SHOWN_LIMIT} more lines`];
}

function compare(before: readonly string[], after: readonly string[]): readonly Line[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const middle = [before.slice(start, before.length - end), after.slice(start, after.length - end)] as const;
  return [
    ...before.slice(0, start).map((text): Line => ({ mark: " ", text })),
    ...(middle[0].length * middle[1].length > PAIRS_LIMIT ? replaced(...middle) : alignedLines(...middle)),
    ...before.slice(before.length - end).map((text): Line => ({ mark: " ", text })),
  ];
}

function replaced(before: readonly string[], after: readonly string[]): readonly Line[] {
  return [...before.map((text): Line => ({ mark: "-", text })), ...after.map((text): Line => ({ mark: "+", text }))];
}

/** By the longest list of lines that both have in this order. */
function alignedLines(before: readonly string[], after: readonly string[]): readonly Line[] {
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number): number => common[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1)
    for (let column = after.length - 1; column >= 0; column -= 1)
      common[row * width + column] =
        before[row] === after[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
  const lines: Line[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length || column < after.length) {
    const [gone = "", come = ""] = [before[row], after[column]];
    if (row < before.length && column < after.length && gone === come) {
      lines.push({ mark: " ", text: gone });
      row += 1;
      column += 1;
    } else if (row < before.length && (column === after.length || at(row + 1, column) >= at(row, column + 1))) {
      lines.push({ mark: "-", text: gone });
      row += 1;
    } else {
      lines.push({ mark: "+", text: come });
      column += 1;
    }
  }
  return lines;
}

function cut(text: string): string {
  return text.length > LINE_LIMIT ? `${text.slice(0, LINE_LIMIT)}…` : text;
}
