// Compacts the ledger every so often while this process writes it. What goes wrong is told, and tried again the next time.

import { failureOf } from "../errors.ts";
import type { LogLine } from "./carrier.ts";
import type { Clock, Timer } from "./clock.ts";
import type { CompactReport, CompactOrder } from "./compact-report.ts";
import type { CallOptions } from "./requests.ts";
import type { RetentionRule } from "./retention.ts";

/** What it is made of. */
export interface RegularOptions {
  readonly everyMs: number;
  readonly retention: readonly RetentionRule[];
  readonly clock: Clock;
  readonly compact: (order: CompactOrder, options: CallOptions) => Promise<CompactReport>;
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
    const { retention, compact, log } = this.#options;
    const { signal } = this.#abort;
    try {
      await compact({ retention, actor: { id: "kindling", assurance: "agent" }, reason: "retention" }, { signal });
    } catch (error) {
      if (!signal.aborted) log({ run: "", path: "", message: "the ledger was not compacted", details: { ...failureOf(error) } });
    }
  }
}
