// How a booking is made: a dispatcher agrees to long work, whoever is to come has time for it, and only then it is recorded. Whatever asks for it (a person, an agent
// over MCP, another contract) takes this way, so every booking knows what had been read before.

import { contract } from "kindling";
import { z } from "zod";
import { availability } from "./availability.ts";
import { Booking, bookings, slotOf } from "./stores.ts";

/** Hours from which on a dispatcher is asked. */
const LONG_WORK = 8;

export const Decision = z.object({ decision: z.enum(["approve", "reject"]) });

export const book = contract("book", {
  description: "Books a technician for some hours of a day.",
  inputs: Booking.shape,
  correlate: ["booking"],
  mcp: { expose: true },
  define(g, { booking, technician, day, hours, customer, work }) {
    const decision = g.branch("decision", {
      needs: { technician, day, hours, work },
      on: ({ hours }) => hours >= LONG_WORK,
      cases: {
        true: (g, { technician, day, hours, work }) => {
          const asked = g.await("asked", {
            event: "booking.decided",
            schema: Decision,
            by: "human",
            show: { technician, day, hours, work },
            timeout: "1d",
          });
          return g.project("said", asked, "decision");
        },
        false: (g) => g.const("short", "approve" as const),
      },
    });
    const agreed = g.guard("agreed", { needs: { decision }, where: { decision: { eq: "approve" } } });
    // Behind the decision, which may take a day: what is read is what is there then.
    const booked = g.events("booked", bookings, { partition: day, limit: 1, newestFirst: true, after: [agreed] });
    const slot = g.read("slot", availability, {
      needs: { technician, day },
      key: ({ technician, day }) => slotOf(technician, day),
      fact: true,
      after: [booked],
    });
    const fits = g.guard("fits", {
      needs: { slot, hours },
      check: ({ slot, hours }) => hours <= slot.value.free,
      message: ({ slot: { id, value }, hours }) =>
        `${hours} h are too much: of ${value.technician}'s ${value.hours} h on ${value.day} ${value.free} are free, after ${value.bookings.join(", ") || "nothing"}, says ${id}`,
    });
    return g.append("event", bookings, {
      needs: { booking, technician, day, hours, customer, work },
      event: (event) => event,
      // Two may have looked at the same room at once: one of them is refused.
      expect: booked,
      after: [fits],
    });
  },
});
