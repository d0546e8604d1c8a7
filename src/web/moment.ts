// Times on a page: as a clock tells them, and how long ago or until.

import { describeMilliseconds } from "../index.ts";
import { html, type Html } from "./html.ts";

const CLOCK = new Intl.DateTimeFormat("en-GB", {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZoneName: "short",
});

/** `21 Nov 2026, 04:52 UTC (3 min ago)` */
export function moment(time: number, now: number): Html {
  return html`<time datetime="${new Date(time).toISOString()}">${CLOCK.format(time)}</time> <span class="hint">(${distance(time, now)})</span>`;
}

/** `3 min ago`, `in 2 d 3 h`. */
export function distance(time: number, now: number): string {
  const between = Math.abs(now - time);
  if (between < 1_000) return "now";
  const words = between < 60_000 ? `${Math.floor(between / 1_000)} s` : describeMilliseconds(between);
  return time < now ? `${words} ago` : `in ${words}`;
}
