// Compacts the ledger, runs and facts of stores, every so often while this process writes it. What goes wrong is told, and tried again the next time.

import { failureOf } from "../errors.ts";
import type { LogLine } from "./carrier.ts";
import type { Clock, Timer } from "./clock.ts";
import type { CompactReport, CompactOrder } from "./compact-report.ts";
import type { CallOptions } from "./requests.ts";
import type { RetentionRule } from "./retention.ts";
import { type KeepingOrder, ruleOf } from "../store/keeping.ts";
import type { AnyStore } from "../store/store.ts";

/** What it is made of. */
export interface RegularOptions {
  readonly everyMs: number;
  readonly retention: readonly RetentionRule[];
  readonly clock: Clock;
  readonly compact: (order: CompactOrder, options: CallOptions) => Promise<CompactReport>;
  readonly keep: (order: KeepingOrder) => Promise<unknown>;
  readonly stores: readonly AnyStore[];
  readonly log: (line: LogLine) => void;
}

/** A process that is started anew each night compacts all the same, and one that lives for a moment does not. */
const FIRST_MS = 60_000;

/** The compactions that nobody asks for. */
export class RegularCompaction {
  readonly #options: RegularOptions;
  readonly #abort = new AbortController();
  #timer: Timer | undefined;
  #working: Promise<void> | undefined;

  constructor(options: RegularOptions) {
    this.#options = options;
  }

  /** Begins: this process writes. The time in between keeps the process alive until `close`. */
  start(): void {
    this.#timer ??= this.#in(Math.min(FIRST_MS, this.#options.everyMs));
  }

  /** Ends one that is under way between two runs. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#abort.abort(new Error("the runtime was closed"));
    await this.#working;
  }

  #in(delayMs: number): Timer {
    const { clock, everyMs } = this.#options;
    return clock.at(clock.now() + delayMs, () => {
      this.#working = this.#compact().then(() => {
        if (!this.#abort.signal.aborted) this.#timer = this.#in(everyMs);
      });
    });
  }

  async #compact(): Promise<void> {
    const { retention, stores, compact, keep, log } = this.#options;
    const { signal } = this.#abort;
    const said = { actor: { id: "kindling", assurance: "agent" }, reason: "retention" } as const;
    const rules = stores.flatMap((store) => (store.retention === "permanent" ? [] : ruleOf(store)));
    try {
      // Before the runs: what is given up of facts goes off the disk with them.
      if (rules.length > 0) await keep({ verb: "compact", rules, ...said });
      await compact({ retention, ...said }, { signal });
    } catch (error) {
      if (!signal.aborted) log({ run: "", path: "", message: "the ledger was not compacted", details: { ...failureOf(error) } });
    }
  }
}
