// Makes one table of several that follow each other in age, so that there are never many to ask.

import { MergedCursor, TableCursor } from "./cursor.ts";
import type { Lookups } from "./filter.ts";
import type { Table } from "./table.ts";
import { type TableDraft, TableWriter } from "./write-table.ts";

/** Entries handled between two pauses: a few milliseconds. */
export const SLICE_ENTRIES = 2_000;

/** How a long piece of work lets others go on. */
export interface Slices {
  /** Lets everything else that waits run first. */
  pause(): Promise<void>;
  /** True when the work is no longer wanted. */
  isOver(): boolean;
}

/** Writes what the tables say together. Without older ones, keys that are gone need no mention. False when it was given up. */
export async function mergeTables(
  tables: readonly Table[],
  into: TableDraft,
  { isOldest, lookups }: { readonly isOldest: boolean; readonly lookups: Lookups },
  slices: Slices,
): Promise<boolean> {
  const count = tables.reduce((sum, { footer }) => sum + footer.filtered, 0);
  const writer = new TableWriter(into, { lookups, count });
  const cursor = new MergedCursor(
    tables.map((table) => new TableCursor(table, "up")),
    "up",
  );
  let sliced = 0;
  for (cursor.seek(""); cursor.key !== undefined; cursor.next()) {
    if (cursor.value !== undefined || !isOldest) writer.add(cursor.key, cursor.value);
    if (++sliced < SLICE_ENTRIES) continue;
    sliced = 0;
    if (writer.isFull) await writer.write();
    await slices.pause();
    if (slices.isOver()) return false;
  }
  await writer.finish();
  return true;
}

/**
 * How many of the youngest tables are worth merging now: once there are four of a size class, they and what is younger. A class holds tables up to four times
 * as large as the one below, so an entry is written again once for every class, and there are never many tables. 0 when it is too early.
 */
export function worthMerging(bytes: readonly number[]): number {
  const classes = bytes.map((size) => Math.max(0, Math.floor(Math.log2(size / SMALLEST_BYTES) / 2)));
  for (let top = 0; top <= Math.max(0, ...classes); top++) {
    const older = classes.findIndex((each) => each > top);
    const count = older === -1 ? classes.length : older;
    if (classes.slice(0, count).filter((each) => each === top).length >= MERGE_TABLES) return count;
  }
  return 0;
}

/** Fewer tables of a class than this are left as they are. */
const MERGE_TABLES = 4;

/** Tables of the lowest class are smaller than four times this. */
const SMALLEST_BYTES = 1024 * 1024;
