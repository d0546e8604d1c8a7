// Two texts side by side, line by line: only what is different, with some lines around it.

import { diff } from "node:util";
import type { Paint } from "./paint.ts";
import { visible } from "./visible.ts";

const AROUND = 2;

/** A line that both have, or one of them. */
interface Line {
  readonly of: "both" | "before" | "now";
  readonly text: string;
}

/** `- ` for what was, `+ ` for what is; lines that are left out are counted. */
export function textDiff(before: string, now: string, paint: Paint): string[] {
  const lines = compared(before, now);
  const isShown = lines.map((_, index) => lines.slice(Math.max(0, index - AROUND), index + AROUND + 1).some(({ of }) => of !== "both"));
  const shown: string[] = [];
  let left = 0;
  lines.forEach((line, index) => {
    if (isShown[index] !== true) left += 1;
    else {
      if (left > 0) shown.push(leftOut(left, paint));
      left = 0;
      shown.push(lineOf(line, paint));
    }
  });
  return left > 0 && shown.length > 0 ? [...shown, leftOut(left, paint)] : shown;
}

function compared(before: string, now: string): readonly Line[] {
  // Removed lines first, as readers of differences know it.
  return diff(before.split("\n"), now.split("\n")).map(([operation, text]) => ({
    of: operation === 0 ? "both" : operation > 0 ? "before" : "now",
    text,
  }));
}

function lineOf({ of, text }: Line, paint: Paint): string {
  const shown = visible(text);
  if (of === "both") return `  ${shown}`.trimEnd();
  return of === "before" ? paint("bad", `- ${shown}`) : paint("good", `+ ${shown}`);
}

function leftOut(count: number, paint: Paint): string {
  return paint("faint", `  … ${count === 1 ? "1 line" : `${count} lines`} …`);
}
