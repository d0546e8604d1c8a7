// A day that is over: what its bookings came to is fixed, proved by an invoice, and then the details may go.

import { defineBoundary } from "kindling";
import { z } from "zod";
import { bookings, schedules, slotOf, USD_PER_HOUR } from "./stores.ts";

/** What a day came to. */
export const DayResult = z.object({ hours: z.number(), usd: z.number(), bookings: z.record(z.string(), z.number()) });

/** The boundary of a day, which is one of the whole team. */
export function teamOn(day: string): { readonly subject: string; readonly period: string } {
  return { subject: "team", period: day };
}

export const closing = defineBoundary("closing", {
  schema: DayResult,
  covers: ({ period: day }) => ({
    booked: { of: bookings, key: day },
    ada: { of: schedules, key: slotOf("ada", day) },
    ben: { of: schedules, key: slotOf("ben", day) },
    cleo: { of: schedules, key: slotOf("cleo", day) },
  }),
  result: ({ booked }) => {
    // The last event of a booking counts.
    const all = Object.fromEntries(booked.map(({ value: { booking, hours } }) => [booking, hours]));
    const hours = Object.values(all).reduce((sum, each) => sum + each, 0);
    return { hours, usd: hours * USD_PER_HOUR, bookings: all };
  },
});
