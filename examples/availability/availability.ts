// What follows from schedules and bookings, in three steps: booked hours, who is free, which days are full. Nobody writes it; it is kept up with what is recorded.

import { derive } from "kindling";
import { z } from "zod";
import { bookings, Day, schedules, slotOf, Technician } from "./stores.ts";

export const Booked = z.record(z.string(), z.number());
export const Slot = z.object({ technician: Technician, day: Day, hours: z.number(), free: z.number(), bookings: z.array(z.string()) });
export const TeamDay = z.object({ hours: z.number(), free: z.number(), full: z.boolean() });

/** The hours of each booking of a technician on a day. An account: an event costs the same on a full day as on an empty one, and it goes on when old events are gone. */
export const booked = derive("booked", {
  schema: Booked,
  from: bookings,
  key: ({ technician, day }) => slotOf(technician, day),
  reduce: { initial: {}, add: (hours, { booking, hours: now }) => ({ ...hours, [booking]: now }) },
});

/** What a technician has left of a day. Below zero where more was booked than there is. */
export const availability = derive("availability", {
  schema: Slot,
  from: { schedules, booked },
  key: { schedules: ({ technician, day }) => slotOf(technician, day), booked: (_, { key }) => key },
  compute: ({ schedules: [schedule], booked: [taken] }) => {
    // Nobody can be free who does not work; what was booked all the same is found in `booked`.
    if (schedule === undefined) return undefined;
    const { technician, day, hours } = schedule.value;
    const lasting = Object.entries(taken?.value ?? {}).filter(([, hours]) => hours > 0);
    const free = lasting.reduce((left, [, hours]) => left - hours, hours);
    return { technician, day, hours, free, bookings: lasting.map(([booking]) => booking) };
  },
  indexes: { day: ({ day }) => day, overbooked: ({ free, day }) => (free < 0 ? day : undefined) },
});

/** The team's days. */
export const days = derive("days", {
  schema: TeamDay,
  from: availability,
  key: ({ day }) => day,
  compute: (slots) => {
    const sum = (of: "hours" | "free") => slots.reduce((total, { value }) => total + value[of], 0);
    return { hours: sum("hours"), free: sum("free"), full: slots.every(({ value: { free } }) => free <= 0) };
  },
  indexes: { full: ({ full }) => full },
});
