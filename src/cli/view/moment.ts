// Times as people read them: the clock in the reader's zone, how long ago, how long until, how long it took.

import { describeMilliseconds } from "../../index.ts";

/** `2026-11-21 04:52:24`, in the local zone. */
export function clock(time: number): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `04:52:24.123`, in the local zone. */
export function clockOfDay(time: number): string {
  return `${clock(time).slice(11)}.${String(new Date(time).getMilliseconds()).padStart(3, "0")}`;
}

/** `just now`, `3 min ago`. */
export function ago(time: number, now: number): string {
  const passed = now - time;
  return passed < 1_000 ? "just now" : `${coarse(passed)} ago`;
}

/** `due in 2 d 23 h`, `overdue by 3 min`. */
export function due(deadline: number, now: number): string {
  return deadline >= now ? `due in ${coarse(deadline - now)}` : `overdue by ${coarse(now - deadline)}`;
}

/** How long something took; nothing when it is not known or not worth telling. */
export function took(startedAt: number | undefined, endedAt: number | undefined): string {
  return startedAt === undefined || endedAt === undefined ? "" : describeMilliseconds(Math.max(0, endedAt - startedAt));
}

/** Whole seconds and up: nobody reads tenths of a second in the past. */
function coarse(ms: number): string {
  return ms < 60_000 ? `${Math.floor(ms / 1_000)} s` : describeMilliseconds(ms);
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
