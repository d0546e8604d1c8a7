// What a compaction takes off the disk, as it is asked for and as it is told.

import type { JsonObject } from "../json.ts";
import type { KeptCursor } from "./cursor.ts";

/** How to compact. */
export interface CompactOptions {
  /** Only tells what would be removed. */
  readonly dryRun?: boolean;
  /** A folder that takes what is removed, as a ledger of its own that can be read and verified. Without one it is gone for good. */
  readonly archive?: string;
  /** Removes also what a consumer with a durable cursor was not told yet: it is told `cursor_too_old` then. Without, the slowest of them holds the removal up. */
  readonly overCursors?: boolean;
  /** Is recorded with it: who asked, and why. */
  readonly note?: JsonObject;
}

/** Some commits and their bytes in the log. */
export interface CommitCount {
  readonly commits: number;
  readonly bytes: number;
}

/** Where compactions are recorded. No run has this name. */
export const COMPACTIONS = "ledger:compactions";

/** What a compaction did, or would do. */
export interface Compaction {
  /** What was taken out of the log. */
  readonly removed: CommitCount & { readonly segments: number };
  /** What was needed of those segments, and of what earlier compactions kept: it lies together in one file now. */
  readonly kept: CommitCount;
  /** Values that nobody names any more. */
  readonly blobs: { readonly count: number; readonly bytes: number };
  /** Position of the oldest commit from which on the log is whole. */
  readonly oldest: number;
  /** The durable cursor behind which nothing was removed; null when none held anything up. */
  readonly heldBy: KeptCursor | null;
  /** Where what was removed is now; null when it is gone. */
  readonly archive: string | null;
}
