// How many runs one caller may start in a minute: an agent in a loop must not fill the ledger. Knows a clock and nothing of runs.

import { InputError } from "../src/index.ts";

const STARTS_LIMIT = 240;
const WINDOW_MS = 60_000;

/** Counts the starts of one caller. */
export class StartRate {
  readonly #limit: number;
  readonly #now: () => number;
  #starts: number[] = [];

  constructor(limit = STARTS_LIMIT, now: () => number = Date.now) {
    this.#limit = limit;
    this.#now = now;
  }

  /** One more. @throws InputError `rate_limited` when the last minute has had as many as there may be */
  take(): void {
    const now = this.#now();
    this.#starts = this.#starts.filter((time) => time > now - WINDOW_MS);
    if (this.#starts.length >= this.#limit)
      throw new InputError("rate_limited", `one caller may start ${this.#limit} runs in a minute`, { fix: "Wait a minute." });
    this.#starts.push(now);
  }
}
