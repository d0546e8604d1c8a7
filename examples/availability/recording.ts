// The first half of the story: a week is planned, booked, corrected, full, and explained.

import type { Run } from "kindling";
import type { z } from "zod";
import { availability, days } from "./availability.ts";
import { book } from "./book.ts";
import { brief, type Chapter, dayText, office, type Stage, timeText } from "./stage.ts";
import { type Booking, bookings, schedules, slotOf, TECHNICIANS } from "./stores.ts";
import { why } from "./why.ts";

const WEEK = ["2025-11-24", "2025-11-25", "2025-11-26", "2025-11-27", "2025-11-28"];
export const TUESDAY = "2025-11-25";

const planner = { kind: "person", name: "planner" } as const;
const dispatcher = { id: "example:dispatcher", assurance: "outOfBand" } as const;

export const recording: readonly Chapter[] = [
  {
    title: "The week is planned",
    at: "2025-11-21T15:00Z",
    tell: async ({ kindling, say }) => {
      const shifts = WEEK.flatMap((day) =>
        TECHNICIANS.map((technician) => schedules.write(slotOf(technician, day), { technician, day, hours: 8 }, { producer: planner })),
      );
      const { facts } = await kindling.record(shifts, { idempotencyKey: "week 48" });
      await kindling.derivations.settle();
      say(`${facts.length} schedules are recorded as one; the days follow from them:`);
      for (const { key, value } of (await kindling.store(days).list()).items)
        say(`  ${dayText(key)}  ${value.free} of ${value.hours} h are free`);
    },
  },
  {
    title: "Bookings come in",
    at: "2025-11-24T08:00Z",
    tell: async (stage) => {
      const { kindling, say } = stage;
      await booked(stage, { booking: "b-1", technician: "ada", day: TUESDAY, hours: 5, customer: "Ms Roth", work: "a leaking boiler" });
      const long = await asked(stage, {
        booking: "b-2",
        technician: "ben",
        day: TUESDAY,
        hours: 8,
        customer: "Mr Okoye",
        work: "a new bathroom",
      });
      if ((await long.get()).status === "waiting") {
        const gate = await kindling.awaiting(long.id);
        say(`b-2 waits for the dispatcher, who is shown ${JSON.stringify(gate.values)}`);
        await kindling.deliver({ event: gate.event, run: long.id, payload: { decision: "approve" }, shown: gate.shown, actor: dispatcher });
      }
      say(`  and agrees: ${brief((await long.result()).id)}`);
      await booked(stage, { booking: "b-3", technician: "ada", day: TUESDAY, hours: 2, customer: "Ms Lind", work: "a dripping tap" });
      // Agreed by telephone on Saturday, and recorded only now: it holds since then.
      const call: z.infer<typeof Booking> = {
        booking: "b-4",
        technician: "cleo",
        day: TUESDAY,
        hours: 4,
        customer: "the school",
        work: "radiators",
      };
      const { validFrom, time } = await kindling
        .history(bookings)
        .append(call, { validFrom: "2025-11-22T11:30Z", producer: office, idempotencyKey: "call of the school" });
      say(`b-4 by telephone: recorded ${timeText(time)}, holds since ${timeText(validFrom)}`);
    },
  },
  {
    title: "Two things are corrected",
    at: "2025-11-24T10:00Z",
    tell: async ({ kindling, say }) => {
      // The work is not gone through again: the same booking has 3 hours from now on.
      const { items } = await kindling.history(bookings).read({ partition: TUESDAY });
      const before = items.findLast(({ value }) => value.booking === "b-3");
      if (before === undefined) throw new Error("b-3 was never booked");
      await kindling
        .history(bookings)
        .append({ ...before.value, hours: 3 }, { causedBy: [before.id], producer: office, idempotencyKey: "b-3 takes longer" });
      say("b-3 takes 3 h rather than 2");
      const slot = slotOf("cleo", TUESDAY);
      await kindling
        .store(schedules)
        .write(
          slot,
          { technician: "cleo", day: TUESDAY, hours: 4 },
          { validFrom: "2025-11-24T06:00Z", producer: planner, idempotencyKey: "cleo at the dentist" },
        );
      say("cleo works 4 h on Tuesday rather than 8, and had said so at 06:00:");
      const atNine = "2025-11-24T09:00Z";
      const known = await kindling.store(schedules).get(slot, { validAt: atNine, asOf: { time: Date.parse(atNine) } });
      const now = await kindling.store(schedules).get(slot, { validAt: atNine });
      say(`  what held at 09:00 is ${known?.value.hours} h as was known at 09:00, and ${now?.value.hours} h as is known now`);
      await kindling.derivations.settle();
      const full = await kindling.store(days).query("full", true);
      say(`full are now: ${full.items.map(({ key }) => dayText(key)).join(", ")}`);
    },
  },
  {
    title: "A booking is refused",
    at: "2025-11-24T11:00Z",
    tell: async (stage) => {
      const { kindling, say } = stage;
      const request = { booking: "b-5", technician: "ben", day: TUESDAY, hours: 2, customer: "Ms Abadi", work: "a clogged drain" } as const;
      const run = await asked(stage, request);
      const { status, error } = await run.settled();
      say(`b-5 ${status}, ${error?.code}:`);
      say(`  ${brief(error?.message ?? "")}`);
      const next = await kindling.store(days).query("full", false, { limit: 10 });
      const [day] = next.items.map(({ key }) => key).filter((key) => key > TUESDAY);
      if (day === undefined) throw new Error("the week is full");
      const free = (await kindling.store(availability).query("day", day)).items.find(({ value }) => value.free >= request.hours);
      if (free === undefined) throw new Error("nobody is free");
      await booked(stage, { ...request, technician: free.value.technician, day }, "b-5 again");
    },
  },
  {
    title: "Why is Tuesday full?",
    at: "2025-11-24T11:05Z",
    tell: async ({ kindling, say }) => {
      const tuesday = await kindling.store(days).get(TUESDAY);
      for (const line of await why(kindling, tuesday?.id ?? "")) say(line);
    },
  },
];

/** Starts the contract when everything that was recorded before is taken into account. */
async function asked(
  { kindling }: Stage,
  request: z.infer<typeof Booking>,
  idempotencyKey: string = request.booking,
): Promise<Run<{ id: string }>> {
  await kindling.derivations.settle();
  const run = await kindling.start(book, request, { idempotencyKey });
  await run.settled();
  return run;
}

async function booked(stage: Stage, request: z.infer<typeof Booking>, idempotencyKey?: string): Promise<void> {
  const run = await asked(stage, request, idempotencyKey);
  const { id } = await run.result();
  stage.say(`${request.booking} for ${request.technician}, ${dayText(request.day)}, ${request.hours} h: ${brief(id)}`);
}
