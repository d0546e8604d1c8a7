// What is recorded: who works when, what was booked, and what was billed. Everything else follows from it.

import { defineHistory, defineStore } from "kindling";
import { z } from "zod";

export const Technician = z.enum(["ada", "ben", "cleo"]);
export const Day = z.iso.date();

export const TECHNICIANS = Technician.options;

/** The key of what is about a technician on a day. */
export function slotOf(technician: z.infer<typeof Technician>, day: string): string {
  return `${technician}/${day}`;
}

export const Schedule = z.object({ technician: Technician, day: Day, hours: z.number().min(0).max(12) });

/** How long somebody works on a day, by slot. It changes, and what it was stays readable. */
export const schedules = defineStore("schedules", { schema: Schedule });

/** From now on a booking takes so many hours: a first event makes it, a further one corrects it, and one of 0 hours calls it off. A day is a part, so that it can be closed. */
export const Booking = z.object({
  booking: z.string(),
  technician: Technician,
  day: Day,
  hours: z.number().min(0).max(12),
  customer: z.string(),
  work: z.string(),
});
export const bookings = defineHistory("bookings", { schema: Booking, partitionBy: ({ day }) => day });

/** Where a van was, hour by hour. Nobody needs that for longer than a month, and nobody should have it. */
export const tracks = defineHistory("tracks", {
  schema: z.object({ technician: Technician, day: Day, hour: z.string(), points: z.array(z.tuple([z.number(), z.number()])) }),
  partitionBy: ({ technician, day }) => slotOf(technician, day),
  retention: { window: "30d" },
});

/** What an hour costs. */
export const USD_PER_HOUR = 90;

/** The invoice of a day. Each line names the event it bills by its id, as books elsewhere would. */
export const invoices = defineStore("invoices", {
  schema: z.object({ usd: z.number(), lines: z.array(z.object({ booking: z.string(), hours: z.number(), event: z.string() })) }),
});

/** What is billed besides, or paid back, for what came after a day was closed: by the id of the event. */
export const supplements = defineStore("supplements", {
  schema: z.object({ day: Day, booking: z.string(), customer: z.string(), hours: z.number(), usd: z.number() }),
  indexes: { day: ({ day }) => day },
});
