// `--since`: from when on, as somebody types it: a day, a time, or so long ago.

import { type Duration, toMilliseconds } from "../index.ts";
import { localTime } from "./moment-option.ts";
import { UsageError } from "./problem.ts";

/** In milliseconds since 1970. A day begins at midnight here; a duration counts back from now. @throws UsageError `bad_option` */
export function sinceOf(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  // What is no duration is told so by what comes of it.
  const ago = toMilliseconds(text as Duration);
  const time = ago === undefined ? localTime(text) : now - ago;
  if (time !== undefined) return time;
  throw new UsageError("bad_option", `--since ${text} is no time`, {
    fix: "Give a day such as 2026-11-01, a time such as 2026-11-20T10:00Z, or a time ago such as 7d or 12h.",
  });
}
