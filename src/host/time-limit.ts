// The time limit of an attempt. It stands still while the attempt waits in a line for its turn: only what the work itself takes counts.

import type { Clock, Timer } from "./clock.ts";

/** Calls back once the work has taken so long, unless it is cancelled. Runs from the beginning. */
export class TimeLimit {
  readonly #clock: Clock;
  readonly #onOver: () => void;
  #leftMs: number;
  #runsSince = 0;
  #timer: Timer | undefined;
  /** Several calls of one attempt may wait at once. */
  #stops = 0;

  constructor(clock: Clock, limitMs: number, onOver: () => void) {
    this.#clock = clock;
    this.#leftMs = limitMs;
    this.#onOver = onOver;
    this.#run();
  }

  /** Something waits: the time stands still until as many `goOn`. */
  standStill(): void {
    this.#stops += 1;
    if (this.#stops > 1 || this.#timer === undefined) return;
    this.#timer.cancel();
    this.#timer = undefined;
    this.#leftMs = Math.max(0, this.#leftMs - (this.#clock.now() - this.#runsSince));
  }

  goOn(): void {
    this.#stops -= 1;
    if (this.#stops === 0) this.#run();
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    // Whatever goes on afterwards starts nothing.
    this.#stops = Number.POSITIVE_INFINITY;
  }

  #run(): void {
    this.#runsSince = this.#clock.now();
    this.#timer = this.#clock.at(this.#runsSince + this.#leftMs, this.#onOver);
  }
}
