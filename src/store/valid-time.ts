// Times in the world that callers give.

import { InputError } from "../errors.ts";
import { type Moment, MOMENT_FIX, toTime } from "../moment.ts";
import { shortly } from "./names.ts";

/** In milliseconds since 1970. @throws InputError `bad_valid_time` */
export function timeOf(given: Moment, what: string): number {
  const time = toTime(given);
  if (time !== undefined) return time;
  throw new InputError(
    "bad_valid_time",
    `${what} is ${given instanceof Date ? "an invalid date" : typeof given === "number" ? given : shortly(given)}`,
    { fix: MOMENT_FIX },
  );
}
