// Makes one table of several that follow each other in age, so that there are never many to ask.

import { MergedCursor, TableCursor } from "./cursor.ts";
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
  { isOldest, prefix }: { readonly isOldest: boolean; readonly prefix: string },
  slices: Slices,
): Promise<boolean> {
  const count = tables.reduce((sum, { footer }) => sum + footer.filtered, 0);
  const writer = new TableWriter(into, { prefix, count });
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

/** How many of the youngest tables are worth merging now: while the next one is not much larger than those before it together. 0 when it is too early. */
export function worthMerging(bytes: readonly number[]): number {
  let sum = 0;
  let count = 0;
  for (const size of bytes) {
    if (count > 0 && size > 3 * sum) break;
    sum += size;
    count += 1;
  }
  return count >= MERGE_TABLES ? count : 0;
}

/** Fewer tables than this are left as they are. */
const MERGE_TABLES = 4;
