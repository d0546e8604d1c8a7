// What happens when something is booked for a day that is closed: the day stays as it was billed, and the difference is billed besides, or paid back.

import { contract } from "kindling";
import { z } from "zod";
import { closing, DayResult, teamOn } from "./closing.ts";
import { Booking, bookings, supplements, USD_PER_HOUR } from "./stores.ts";

export const supplement = contract("supplement", {
  description: "Bills what came after a day was closed.",
  inputs: { event: z.string(), ...Booking.pick({ booking: true, day: true, hours: true, customer: true }).shape },
  start: { on: bookings, inputs: ({ booking, day, hours, customer }, { id: event }) => ({ event, booking, day, hours, customer }) },
  define(g, { event, booking, day, hours, customer }) {
    const record = g.read("record", closing.store, { needs: { day }, key: ({ day }) => closing.keyOf(teamOn(day)), optional: true });
    const billed = g.compute("billed", {
      needs: { record, event, booking },
      // An event that is among the facts the day was closed with is billed, even when this run looks only afterwards.
      run: ({ record, event, booking }) =>
        record === null || record.status === "open" || record.inputs.includes(event)
          ? { late: false, hours: 0 }
          : { late: true, hours: DayResult.parse(record.result).bookings[booking] ?? 0 },
    });
    return g.branch("outcome", {
      needs: { billed, event, booking, day, hours, customer },
      on: "billed.late",
      cases: {
        true: (g, needs) => {
          const value = g.compute("value", {
            needs,
            run: ({ billed, booking, day, hours, customer }) => {
              const besides = hours - billed.hours;
              return { day, booking, customer, hours: besides, usd: besides * USD_PER_HOUR };
            },
          });
          return g.write("supplement", supplements, { key: needs.event, value, expect: "absent" });
        },
        false: (g) => g.const("inTime", null),
      },
    });
  },
});
