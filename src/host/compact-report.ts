// Compacting, as it is asked for and as it is told.

import { resolve } from "node:path";
import type { Compaction } from "../ledger/compaction.ts";
import type { Actor } from "../run/fact.ts";
import type { CallOptions } from "./requests.ts";
import type { RetentionRule } from "./retention.ts";

/** Which runs are given up, and where to what they said. */
export interface CompactRequest extends CallOptions {
  /** In place of the rules of the runtime. */
  readonly retention?: readonly RetentionRule[];
  /** Only tells what would be given up and removed: nothing is written. */
  readonly dryRun?: boolean;
  /** A folder that takes what is removed from the disk, as a ledger of its own. Without one it is gone for good. */
  readonly archive?: string;
  /** Removes from the disk also what a consumer with a durable cursor was not told yet. Without, the slowest of them holds the removal up. */
  readonly overCursors?: boolean;
  /** Is recorded, and readable afterwards. */
  readonly reason?: string;
  readonly actor?: Actor;
}

/** The same as a host takes it. */
export interface CompactOrder extends Omit<CompactRequest, "retention" | "signal"> {
  readonly retention: readonly RetentionRule[];
}

/** The runs of one contract that were given up, or would be. */
export interface CompactedContract {
  readonly contract: string;
  /** Root runs. */
  readonly runs: number;
  /** Runs under them that had facts of their own. */
  readonly children: number;
  readonly facts: number;
}

/** Why a run stays although no rule keeps it any longer. */
export interface BlockedRun {
  readonly run: string;
  readonly contract: string;
  /**
   * `follows`: its end is not done with, such as `onSuccess`. `open_inside`: a child of it has not ended. `dead_letters`: an effect of it failed for good, and waits for somebody.
   * `in_use`: somebody works with it at this moment. `unreadable`: its facts do not tell of a beginning and an end.
   */
  readonly reason: "follows" | "open_inside" | "dead_letters" | "in_use" | "unreadable";
}

/** What compacting did, or would do. */
export interface CompactReport {
  readonly dryRun: boolean;
  /** By contract, in the order in which the first run of each was met. */
  readonly contracts: readonly CompactedContract[];
  /** The first 1,000 of `blockedCount`. */
  readonly blocked: readonly BlockedRun[];
  readonly blockedCount: number;
  /** What was taken off the disk: of what was given up now and before, as far as it lies in finished parts of the log. With `dryRun` only of what was given up before. */
  readonly ledger: Compaction;
}

/** The order behind a request. A folder is taken from here, whichever process does it. */
export function compactOrder(
  { archive, ...request }: Omit<CompactRequest, "signal">,
  retention: readonly RetentionRule[] = [],
): CompactOrder {
  return { retention, ...request, ...(archive === undefined ? {} : { archive: resolve(archive) }) };
}
