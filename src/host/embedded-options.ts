// What the embedded host is made of: a ledger, the plans it can carry, and the world as it is handed in.

import type { Approver } from "../approver.ts";
import type { ModelAccess } from "../graph/model-access.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { LogLine } from "./carrier.ts";
import type { AnyStore } from "../store/store.ts";
import type { Chance, Clock } from "./clock.ts";
import type { Disclosure } from "./disclosure.ts";
import type { Limits } from "./limits.ts";
import type { LiveBoard } from "./live/live-board.ts";
import type { Plans } from "./plans.ts";

/** What the embedded host is made of. */
export interface EmbeddedOptions {
  readonly ledger: Ledger;
  readonly plans: Plans;
  /** Those that are derived are kept up with their sources; none when left out. */
  readonly stores?: readonly AnyStore[];
  /** Whose signed decisions are believed; nobody's when left out. */
  readonly approvers?: readonly Approver[];
  readonly clock: Clock;
  readonly chance: Chance;
  readonly limits: Limits;
  readonly models: Omit<ModelAccess, "call">;
  readonly fetch: typeof fetch;
  /** What leaves the host, and how; the secrets that are always taken out are taken out when it is left out. */
  readonly disclosure?: Disclosure;
  readonly live: LiveBoard;
  readonly onLog: (line: LogLine) => void;
  /** The host has stopped, since it cannot go on without breaking a promise: whoever waits for a run is to be told. */
  readonly onStopped?: (error: unknown) => void;
  /** A commit in the tree of a root run is durable. */
  readonly onRecorded?: (root: string) => void;
}
