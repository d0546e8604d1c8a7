// A moment of a ledger, as callers name it.

import { InputError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { type Moment, MOMENT_FIX, toTime } from "../moment.ts";
import type { Entry, Ledger } from "./ledger.ts";

const SHOWN = 60;

/** A moment of a ledger: all commits up to a time (by the clock of who wrote) or up to a position, those at it included. */
export type AsOf = { readonly time: Moment } | { readonly position: number };

/** The last position and the last time that count, both of which grow with the log; left out, all do. */
export type UpTo = Partial<Pick<Entry, "position" | "time">>;

/** A moment that is not in the future. */
export interface PastMoment {
  /** As people are told it. */
  readonly name: string;
  readonly upTo: UpTo;
}

/** True for what was there up to a position and a time. */
export function isUpTo({ position = Number.POSITIVE_INFINITY, time = Number.POSITIVE_INFINITY }: UpTo, at: Required<UpTo>): boolean {
  return at.position <= position && at.time <= time;
}

/** @param now by the clock, which may have gone back: what is recorded is past. @throws InputError `bad_as_of` (no time or position), `as_of_ahead` (in the future) */
export function momentOf(asOf: AsOf, end: Pick<Ledger, "position" | "time">, now: number): PastMoment {
  // Callers without types pass what they like.
  const { position, time }: { readonly position?: unknown; readonly time?: unknown } = asOf ?? {};
  if (typeof position === "number" && time === undefined && Number.isInteger(position) && position >= 1) {
    if (position > end.position)
      throw ahead(`position ${position}`, `the ledger ends at ${end.position}`, { position, newest: end.position });
    return { name: `position ${position}`, upTo: { position } };
  }
  const then = position === undefined ? toTime(time) : undefined;
  if (then !== undefined) {
    const name = new Date(then).toISOString();
    if (then > Math.max(now, end.time)) throw ahead(name, `it is ${new Date(now).toISOString()} now`, { time: then, now });
    return { name, upTo: { time: then } };
  }
  throw new InputError("bad_as_of", `asOf is no moment: ${told({ time, position })}`, {
    fix: `Pass { position }, a whole number from 1 on, or { time }. ${MOMENT_FIX}`,
  });
}

/** What was given, in a few words: of a text the beginning, of other things their type. */
function told(given: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(given).filter(([, value]) => value !== undefined);
  const words = members.map(([name, value]) => {
    if (typeof value === "string") return `${name} ${JSON.stringify(value.slice(0, SHOWN))}`;
    return typeof value === "number" ? `${name} ${value}` : `${name} is ${value instanceof Date ? "an invalid date" : typeof value}`;
  });
  return words.length === 0 ? "it has no time and no position" : words.join(", ");
}

function ahead(what: string, end: string, details: JsonObject): InputError {
  return new InputError("as_of_ahead", `${what} is in the future: ${end}`, {
    fix: "Leave asOf out to ask for what is there now.",
    details,
  });
}
