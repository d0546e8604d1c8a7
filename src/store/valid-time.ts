// Times that callers give, as milliseconds since 1970.

import { InputError } from "../errors.ts";
import { shortly } from "./names.ts";

/** With a time zone: what holds since when must not depend on where the program runs. */
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** @throws InputError `bad_valid_time` */
export function timeOf(given: Date | number | string, what: string): number {
  const time = read(given);
  if (time !== undefined && !Number.isNaN(new Date(time).getTime())) return time;
  throw new InputError(
    "bad_valid_time",
    `${what} is ${given instanceof Date ? "an invalid date" : typeof given === "number" ? given : shortly(given)}`,
    {
      fix: "Give a date, milliseconds since 1970, a day such as 2026-11-21 (its beginning in UTC), or a time with its zone such as 2026-11-21T09:30:00+01:00.",
    },
  );
}

function read(given: unknown): number | undefined {
  if (given instanceof Date) return given.getTime();
  if (typeof given === "number") return Number.isFinite(given) ? Math.floor(given) : undefined;
  if (typeof given !== "string") return undefined;
  if (!ISO.test(given) && !DAY.test(given)) return undefined;
  const time = Date.parse(given);
  // A day that there is not, such as 30 February, would become another one in silence.
  return !Number.isNaN(time) && isSameDay(given, time) ? time : undefined;
}

function isSameDay(text: string, time: number): boolean {
  const [, sign, hours = "0", minutes = "0"] = /([+-])(\d{2}):(\d{2})$/.exec(text.slice(10)) ?? [];
  const shift = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
  return new Date(time + shift).toISOString().slice(0, 10) === text.slice(0, 10);
}
