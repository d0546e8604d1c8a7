// Moments as somebody types them: `--as-of`, a time or a position of the ledger; and times of this machine, which are told without a zone.

import { type AsOf, toTime } from "../index.ts";
import { UsageError } from "./problem.ts";

/** An option of commands that look at a run. */
export interface AsOfOption {
  readonly asOf?: string;
}

/** What to pass on: nothing for now. @throws UsageError `bad_option` */
export function pastOf({ asOf }: AsOfOption): { readonly asOf?: AsOf } {
  if (asOf === undefined) return {};
  if (/^[1-9]\d{0,14}$/.test(asOf)) return { asOf: { position: Number(asOf) } };
  const time = localTime(asOf);
  if (time !== undefined) return { asOf: { time } };
  throw new UsageError("bad_option", `--as-of ${asOf} is no time and no position`, {
    fix: "Give a time such as 2026-11-20T10:00Z, or a position of the ledger, which `facts` shows.",
  });
}

/** In milliseconds since 1970; undefined for what is no time. A day begins at midnight here. */
export function localTime(text: string): number | undefined {
  return toTime(zoned(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text));
}

/** A time with the zone it is in: this machine's for one that was given none, with a `T` or a blank before it. Any other text as it stands. */
export function zoned(text: string): string {
  const time = text.replace(/^(\d{4}-\d\d-\d\d) (?=\d\d:)/, "$1T");
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/.test(time)) return time;
  const minutes = -new Date(time).getTimezoneOffset();
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${time}${minutes < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}:${String(rest).padStart(2, "0")}`;
}
