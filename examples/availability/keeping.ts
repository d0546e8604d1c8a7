// The second half of the story: Tuesday is closed, billed, corrected afterwards, and given up; and everything that named it is still answered.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "kindling";
import { availability, days } from "./availability.ts";
import { closing, teamOn } from "./closing.ts";
import { FOLDER } from "./kindling.config.ts";
import { TUESDAY } from "./recording.ts";
import { brief, type Chapter, dayText, office, timeText } from "./stage.ts";
import { bookings, invoices, schedules, slotOf, supplements, TECHNICIANS, tracks } from "./stores.ts";
import { why } from "./why.ts";

const tuesday = teamOn(TUESDAY);

const HOURS = ["07", "08", "09", "10", "11", "12", "13", "14", "15", "16"];
const POINTS = 240;

/** A walk of a van around the harbour. */
function pointsOf(van: number, hour: string): [number, number][] {
  return Array.from({ length: POINTS }, (_, at) => {
    const turn = Number(hour) + at / POINTS + van;
    return [53.54 + Math.round(Math.sin(turn) * 20_000) / 1_000_000, 9.98 + Math.round(Math.cos(turn) * 20_000) / 1_000_000];
  });
}

/** What a booking said. */
const WORDS = "a leaking boiler";

function isOnDisk(words: string): boolean {
  const files = readdirSync(FOLDER, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.some(({ parentPath, name }) => readFileSync(join(parentPath, name)).includes(words));
}

/** Why the details go. */
const REASON = "the year is over";

export const keeping: readonly Chapter[] = [
  {
    title: "On Tuesday the vans drive",
    at: "2025-11-25T17:00Z",
    tell: async ({ kindling, say }) => {
      const driven = TECHNICIANS.flatMap((technician, van) =>
        HOURS.map((hour) =>
          tracks.append({ technician, day: TUESDAY, hour, points: pointsOf(van, hour) }, { validFrom: `${TUESDAY}T${hour}:00Z` }),
        ),
      );
      const { facts } = await kindling.record(driven, { idempotencyKey: "tracks of Tuesday" });
      say(`${facts.length} tracks are recorded, which are kept for 30 days`);
    },
  },
  {
    title: "Tuesday is closed",
    at: "2025-11-25T18:00Z",
    tell: async ({ kindling, say }) => {
      const { status, result, resultHash, inputs } = await kindling.boundaries(closing).close(tuesday);
      say(`${status}: ${result?.hours} h, $${result?.usd}, sha256 ${resultHash?.slice(0, 16)}…, made of ${inputs.length} facts:`);
      for (const id of inputs) say(`  ${brief(id)}`);
    },
  },
  {
    title: "It is settled by an invoice",
    at: "2025-11-25T19:00Z",
    tell: async ({ kindling, say }) => {
      const closings = kindling.boundaries(closing);
      const { result, fact } = await closings.get(tuesday);
      if (result === undefined || fact === undefined) throw new Error("Tuesday is not closed");
      // The latest event of each booking is the one that is billed.
      const { items } = await kindling.history(bookings).read({ partition: TUESDAY });
      const events = new Map(items.map(({ id, value }) => [value.booking, id]));
      const lines = Object.entries(result.bookings).map(([booking, hours]) => ({ booking, hours, event: events.get(booking) ?? "" }));
      const invoice = await kindling
        .store(invoices)
        .write(
          TUESDAY,
          { usd: result.usd, lines },
          { causedBy: [fact.id, ...events.values()], producer: office, idempotencyKey: "invoice" },
        );
      const { status, evidence } = await closings.settle(tuesday, { evidence: [invoice.id] });
      say(`${status}: $${result.usd} for ${lines.length} bookings, proved by ${evidence.map(brief).join(", ")}`);
    },
  },
  {
    title: "A booking comes late",
    at: "2025-11-26T09:00Z",
    tell: async ({ kindling, say }) => {
      const billed = kindling.store(supplements).watch("day", TUESDAY, { live: true });
      // Ben stayed on until seven, and says so the day after.
      const late = { booking: "b-2", technician: "ben", day: TUESDAY, hours: 9, customer: "Mr Okoye", work: "a new bathroom" } as const;
      const { id } = await kindling
        .history(bookings)
        .append(late, { validFrom: "2025-11-25T19:00Z", producer: office, idempotencyKey: "ben stayed on" });
      const { status, result, late: receipts } = await kindling.boundaries(closing).get(tuesday);
      say(`b-2 took 9 h rather than 8: ${brief(id)}`);
      say(`Tuesday is ${status}, with ${result?.hours} h as before; what came late has a receipt:`);
      for (const { kind, subject, store } of receipts) say(`  ${kind}, of ${store}: ${brief(subject ?? "")}`);
      // The event has started a run of the contract "supplement", which bills the difference.
      for await (const { fact } of billed) {
        if (fact?.act === "written") say(`billed besides: ${fact.value.hours} h of ${fact.value.booking}, $${fact.value.usd}`);
        break;
      }
      await kindling.derivations.settle();
      const over = await kindling.store(availability).query("overbooked", TUESDAY);
      for (const { value } of over.items) say(`what is derived goes on: of ${value.technician}'s ${value.hours} h ${value.free} are free`);
    },
  },
  {
    title: "The details are given up",
    at: "2026-01-05T08:00Z",
    tell: async ({ kindling, say }) => {
      const closings = kindling.boundaries(closing);
      const { blocked } = await closings.compact({ dryRun: true });
      for (const { reason, by } of blocked) say(`blocked: ${reason} by ${by.slice(0, 3).map(brief).join(", ")} and others`);
      const plan = await closings.compact({ dryRun: true, redirect: true });
      for (const { facts, stays } of plan.ready)
        say(`with redirect: ${facts} facts go, ${stays.length} stay since they are the latest of their keys`);
      const { receipts } = await closings.compact({ plan: plan.hash, redirect: true, reason: REASON });
      for (const { kind, store, facts, status } of receipts)
        say(`  ${kind} ${store}: ${facts === 1 ? "1 fact" : `${facts} facts`}, ${status}`);
      const again = await closings.compact({ plan: plan.hash, redirect: true, reason: REASON });
      say(`the same plan again: ${again.repeated ? "the same receipts" : "something else"}`);
      // The runs that made the bookings hold copies of what they were given.
      const { contracts } = await kindling.compact({ retention: [{ keep: "30d" }], reason: REASON });
      for (const { contract, runs } of contracts) say(`given up: ${runs} runs of ${contract}`);
      const old = await kindling.compactFacts({ stores: [tracks], dryRun: true });
      const compacted = await kindling.compactFacts({ stores: [tracks], plan: old.hash, reason: "30 days are over" });
      for (const { kind, store, facts, status } of compacted.receipts)
        say(`  ${kind} ${store}: ${facts === 1 ? "1 fact" : `${facts} facts`}, ${status}`);
      say(`the words "${WORDS}" stand on the disk: ${isOnDisk(WORDS)}`);
      const off = await kindling.purgeFacts({ dryRun: true });
      await kindling.purgeFacts({ plan: off.hash, reason: REASON });
      say(`  after the purge: ${isOnDisk(WORDS)}`);
    },
  },
  {
    title: "What named them is answered",
    at: "2026-02-02T10:00Z",
    tell: async ({ kindling, say }) => {
      const invoice = await kindling.store(invoices).get(TUESDAY);
      for (const { booking, event } of invoice?.value.lines ?? []) {
        const found = await kindling.resolve(event);
        const receipt = found.status === "detail_unavailable" && "receipt" in found ? found.receipt : undefined;
        say(`${booking}: ${found.status}${receipt === undefined ? "" : `, ${receipt.kind} "${receipt.reason}"`}`);
      }
      const [line] = invoice?.value.lines ?? [];
      const led = await kindling.resolve(line?.event ?? "", { fidelity: "boundary" });
      if (led.status === "redirected") say(`b-1 is ${led.status} to ${brief(led.boundary.id)}`);
      const run = await kindling.resolve(`${(await kindling.lineage(line?.event ?? "")).facts[0]?.producer?.name}:1`);
      if ("runReceipt" in run)
        say(`its run: ${run.status}, ${run.runReceipt.contract} ${run.runReceipt.status} ${timeText(run.runReceipt.endedAt)}`);
      const closings = kindling.boundaries(closing);
      const { result, isSame } = await closings.replay(tuesday);
      say(`replay: ${result.hours} h, $${result.usd}, ${isSame ? "the same" : "another one"}`);
      const raw: unknown = await closings.replay(tuesday, { fidelity: "raw" }).catch((error: unknown) => error);
      if (raw instanceof InputError) say(`made again from the facts: ${raw.code}`);
      say("Why was Tuesday full? The same tree, as far as it is known:");
      const then = await kindling.store(days).get(TUESDAY, { asOf: { time: Date.parse("2025-11-25T18:00Z") } });
      for (const each of await why(kindling, then?.id ?? "")) say(`  ${each}`);
    },
  },
  {
    title: "What was known when",
    at: "2026-02-02T10:05Z",
    tell: async ({ kindling, say }) => {
      for (const time of ["2025-11-21T16:00Z", "2025-11-24T09:00Z", "2025-11-24T12:00Z", "2025-11-26T12:00Z"]) {
        const known = await kindling.store(days).get(TUESDAY, { asOf: { time: Date.parse(time) } });
        say(`${timeText(Date.parse(time))}: of ${known?.value.hours} h of ${dayText(TUESDAY)} ${known?.value.free} are free`);
      }
      const shifts = kindling.store(schedules);
      const atNine = "2025-11-24T09:00Z";
      const slot = slotOf("cleo", TUESDAY);
      say(`cleo's hours as they held on Monday at 09:00: ${(await shifts.get(slot, { validAt: atNine }))?.value.hours}, as is known today`);
      const gone: unknown = await shifts
        .get(slot, { validAt: atNine, asOf: { time: Date.parse(atNine) } })
        .catch((error: unknown) => error);
      if (gone instanceof InputError) say(`  as was known then: ${gone.code}, and no other answer in its place`);
      const { ok } = await kindling.verify();
      say(`verify: ${ok ? "whole" : "damaged"}`);
      const { items } = await kindling.factReceipts();
      say(
        `receipts: ${items
          .map(({ kind }) => kind)
          .toReversed()
          .join(", ")}`,
      );
    },
  },
];
