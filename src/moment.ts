// Moments as callers name them: the one place that reads a time from a text.

/** A date, milliseconds since 1970, a day such as `2026-11-21` (its beginning in UTC), or a time with its zone such as `2026-11-21T09:30:00+01:00`. */
export type Moment = Date | number | string;

/** ISO text of one moment. A time of day says its zone: what was, or held, when must not depend on where the program runs. */
const MOMENT = /^((?:\d{4}|[+-]\d{6})-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|([+-])(\d\d):(\d\d)))?$/;

/** What to give in place of what is no moment. */
export const MOMENT_FIX =
  "Give a date, milliseconds since 1970, a day such as 2026-11-21 (its beginning in UTC), or a time with its zone such as 2026-11-21T09:30:00+01:00.";

/** A {@link Moment} in milliseconds since 1970, or undefined for what is none: of another form, without its zone, on a day that there is not, beyond all dates. */
export function toTime(given: unknown): number | undefined {
  const time = read(given);
  return time === undefined || Number.isNaN(new Date(time).getTime()) ? undefined : time;
}

function read(given: unknown): number | undefined {
  if (given instanceof Date) return given.getTime();
  if (typeof given === "number") return Number.isFinite(given) ? Math.floor(given) : undefined;
  if (typeof given !== "string") return undefined;
  const [, day, sign, hours = "0", minutes = "0"] = MOMENT.exec(given) ?? [];
  if (day === undefined) return undefined;
  const time = Date.parse(given);
  const there = new Date(time + (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1));
  // A day that there is not, such as 30 February, would become another one in silence.
  return !Number.isNaN(there.getTime()) && there.toISOString().split("T")[0] === day ? time : undefined;
}
