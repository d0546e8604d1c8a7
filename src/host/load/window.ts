// How much was used within the last minute: of requests, or of tokens. Exact: what was used at a moment counts until a minute has passed since. Time is handed in.

/** How long what was used counts. */
export const WINDOW_MS = 60_000;

/** Something that counts from the moment it was reserved; `at` is when it began, unknown until then. */
export interface Used {
  amount: number;
  at: number | undefined;
}

/** An allowance for any minute. Keeps what began within the last one, and no more. */
export class MinuteWindow {
  readonly limit: number;
  /** What has begun, oldest first; what stands before `#oldest` counts no more. */
  #begun: Used[] = [];
  #oldest = 0;
  #sum = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** What counts now. */
  used(now: number): number {
    this.#forget(now);
    return this.#sum;
  }

  /** When so much more fits: now, later, or undefined where that rests on something that has not begun. Expects no more than the limit. */
  fitsAt(amount: number, now: number): number | undefined {
    this.#forget(now);
    let excess = this.#sum + amount - this.limit;
    if (excess <= 0) return now;
    for (let index = this.#oldest; index < this.#begun.length; index++) {
      const used = this.#begun[index];
      if (used?.at === undefined) return undefined;
      excess -= used.amount;
      if (excess <= 0) return used.at + WINDOW_MS;
    }
    return undefined;
  }

  /** Counts from now on, until a minute after `begin`. */
  reserve(amount: number): Used {
    this.#sum += amount;
    return { amount, at: undefined };
  }

  begin(used: Used, now: number): void {
    used.at = now;
    this.#begun.push(used);
  }

  /** It was another amount after all; none when it never began. What counts no more stays so. */
  correct(used: Used, amount: number, now: number): void {
    this.#forget(now);
    if (used.at !== undefined && used.at + WINDOW_MS <= now) return;
    this.#sum += amount - used.amount;
    used.amount = amount;
  }

  #forget(now: number): void {
    this.#heedClock(now);
    for (let used = this.#begun[this.#oldest]; used?.at !== undefined && used.at + WINDOW_MS <= now; used = this.#begun[this.#oldest]) {
      this.#sum -= used.amount;
      this.#oldest += 1;
    }
    if (this.#oldest * 2 > this.#begun.length) {
      this.#begun = this.#begun.slice(this.#oldest);
      this.#oldest = 0;
    }
  }

  /** A clock that was set back makes nothing count for longer than a minute from now. */
  #heedClock(now: number): void {
    const last = this.#begun.at(-1)?.at ?? now;
    if (last > now) for (const used of this.#begun) used.at = Math.min(used.at ?? now, now);
  }
}
