// What an author's `ctx.log` wrote, as a line.

import type { LogLine } from "../../index.ts";
import type { Paint } from "./paint.ts";
import { oneLine } from "./text.ts";
import { visible } from "./visible.ts";

/** A line that an author's `ctx.log` wrote. */
export function logLine({ path, message, details }: LogLine, paint: Paint): string {
  const more = Object.keys(details).length === 0 ? "" : `  ${paint("faint", oneLine(visible(JSON.stringify(details)), 200))}`;
  return `${paint("faint", "│")} ${path === "" ? "" : `${paint("faint", oneLine(visible(path), 120))}  `}${oneLine(visible(message), 400)}${more}`;
}
