// What a derivation needs of the world: the ledger, the hand that records, and time.

import type { Failure } from "../errors.ts";
import type { Duration } from "../graph/duration.ts";
import type { Commit, Ledger } from "../ledger/ledger.ts";
import type { FactOrder, Given } from "./change.ts";

/** One for each host. */
export interface DeriveWorld {
  readonly ledger: Ledger;
  readonly now: () => number;
  /** Commits after which what was derived is recorded before there is more: one key's are always together. */
  readonly commitsAtOnce: number;
  /** What may be recorded of a value. */
  readonly given: Given;
  /** All of it together, or none. */
  readonly record: (orders: readonly FactOrder[], beside: readonly Commit[]) => Promise<void>;
  /** Gives up on a computation that takes longer. @throws RunError `derivation_timed_out` */
  readonly within: <T>(limit: Duration, derived: string, work: () => T | Promise<T>) => Promise<T>;
  /** A failure as it may be recorded. */
  readonly told: (error: unknown) => Failure;
}
