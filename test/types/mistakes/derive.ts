import { createRuntime, defineHistory, defineStore, derive, memoryLedger, project } from "kindling";
import { z } from "zod";

const bookings = defineHistory("bookings", { schema: z.object({ day: z.string(), hours: z.number() }) });
const shifts = defineStore("shifts", { schema: z.object({ day: z.string(), hours: z.number() }) });

export const booked = derive("booked", {
  schema: z.number(),
  from: bookings,
  key: ({ day }) => day,
  reduce: {
    initial: 0,
    // error at `hour`: Property 'hour' does not exist
    add: (sum, { hour }) => sum + hour,
  },
});

export const free = derive("free", {
  schema: z.number(),
  from: { shifts, booked },
  key: { shifts: ({ day }) => day, booked: (_hours, { key }) => key },
  // error at `String`: Type 'string' is not assignable to type 'number
  compute: ({ shifts: all }) => String(all.length),
});

export const sums = project("sums", {
  from: { bookings },
  schema: z.number(),
  initial: 0,
  // error at `value`: Property 'value' does not exist
  fold: { bookings: (sum, { value }) => sum },
});

const kindling = await createRuntime({ contracts: [], stores: [booked], ledger: memoryLedger() });
// error at `write`: Property 'write' does not exist
await kindling.store(booked).write("tuesday", 1);
