// A moment of a ledger, as callers name it.

import { InputError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Entry } from "./ledger.ts";

/** A moment of a ledger: all commits up to a time (milliseconds since 1970, by the clock of who wrote) or up to a position, those at it included. */
export type AsOf = { readonly time: number } | { readonly position: number };

/** What was there at a moment. @throws InputError `bad_as_of` (no time or position), `as_of_ahead` (in the future) */
export function momentOf(
  asOf: AsOf,
  end: { readonly position: number; readonly now: number },
): (entry: Pick<Entry, "position" | "time">) => boolean {
  // Callers without types pass what they like.
  const { position, time }: { readonly position?: unknown; readonly time?: unknown } = asOf ?? {};
  if (typeof position === "number" && time === undefined && Number.isInteger(position) && position >= 1) {
    if (position > end.position)
      throw ahead(`position ${position}`, `the ledger ends at ${end.position}`, { position, newest: end.position });
    return (entry) => entry.position <= position;
  }
  // What is beyond has no date.
  if (typeof time === "number" && position === undefined && !Number.isNaN(new Date(time).getTime())) {
    if (time > end.now) throw ahead(new Date(time).toISOString(), `it is ${new Date(end.now).toISOString()} now`, { time, now: end.now });
    return (entry) => entry.time <= time;
  }
  throw new InputError("bad_as_of", `${JSON.stringify(asOf)} is no moment`, {
    fix: "Pass { time } in milliseconds since 1970, or { position }, a whole number from 1 on.",
  });
}

function ahead(what: string, end: string, details: JsonObject): InputError {
  return new InputError("as_of_ahead", `${what} is in the future: ${end}`, {
    fix: "Leave asOf out to ask for what is there now.",
    details,
  });
}
