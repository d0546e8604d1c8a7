// What main.ts and the command line share: contracts, stores, and the ledger's place.

import { defineConfig, fileLedger } from "kindling";
import { availability, booked, days } from "./availability.ts";
import { book } from "./book.ts";
import { closing } from "./closing.ts";
import { chapters } from "./stage.ts";
import { bookings, invoices, schedules, supplements, tracks } from "./stores.ts";
import { supplement } from "./supplement.ts";

/** The ledger lies below the working directory: run everything from the same folder. */
export const FOLDER = ".kindling/availability";

export const settings = {
  contracts: [book, supplement],
  stores: [schedules, bookings, tracks, booked, availability, days, closing.store, invoices, supplements, chapters],
  // What is given up leaves the disk with parts of the log that are finished, and a small story is to have some.
  ledger: fileLedger(`${FOLDER}/ledger`, { segmentBytes: 32_000 }),
};

export default defineConfig(settings);
