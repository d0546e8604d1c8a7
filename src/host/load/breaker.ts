// Whether calls to a model are worth trying: after several faults of its provider in a row they fail at once for a while, and then one of them tries it out. Pure: time is
// handed in.

/** When it opens, and for how long. */
export interface BreakerPolicy {
  /** Faults of the provider in a row after which it opens. */
  readonly faults: number;
  /** How long it stays open the first time; doubled each time that the call which tries it out fails as well. */
  readonly openMs: number;
}

/** However often the try fails, it is made again after so long. Unless the first pause is longer. */
export const LONGEST_OPEN_MS = 300_000;

/** Closed: calls are made. Open: they fail. Half open: one is under way that tries it out; others fail. */
export type BreakerState = "closed" | "open" | "half-open";

/** What somebody who wants to call is told. `probe`: the call tries it out, and its end is to be told in any case. */
export type Admission = { readonly admitted: "call" | "probe" } | { readonly admitted: false; readonly until: number };

/** One lane's breaker. */
export class Breaker {
  readonly #policy: BreakerPolicy;
  #state: BreakerState = "closed";
  #inARow = 0;
  #until = 0;
  #openings = 0;

  constructor(policy: BreakerPolicy) {
    this.#policy = policy;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Faults in a row. */
  get faults(): number {
    return this.#inARow;
  }

  /** When it may be tried out; undefined while it is closed. */
  get until(): number | undefined {
    return this.#state === "closed" ? undefined : this.#until;
  }

  /** Whether a call may be made now. */
  admit(now: number): Admission {
    if (this.#state === "closed") return { admitted: "call" };
    if (this.#state === "open" && now >= this.#until) {
      this.#state = "half-open";
      // Should the probe take long, the others look again after another pause.
      this.#until = now + this.#policy.openMs;
      return { admitted: "probe" };
    }
    return { admitted: false, until: Math.max(this.#until, now + 1) };
  }

  /** The provider answered, whatever it said. Calls that began before it opened count as little as those that fail meanwhile. */
  answered(isProbe: boolean): void {
    if (this.#state !== "closed" && !isProbe) return;
    this.#state = "closed";
    this.#inARow = 0;
    this.#openings = 0;
  }

  /** A fault of the provider. True when that opened it. */
  failed(isProbe: boolean, now: number): boolean {
    if (this.#state !== "closed" && !isProbe) return false;
    this.#inARow += 1;
    if (this.#inARow < this.#policy.faults) return false;
    this.#state = "open";
    this.#until = now + this.#pauseMs();
    this.#openings += 1;
    return true;
  }

  /** The probe was called off: nobody knows yet. The next call tries it out. */
  probeLeft(now: number): void {
    this.#state = "open";
    this.#until = now;
  }

  #pauseMs(): number {
    const { openMs } = this.#policy;
    // Beyond 2^20 the longest pause has long been reached; the bound keeps the power finite.
    return Math.min(openMs * 2 ** Math.min(this.#openings, 20), Math.max(openMs, LONGEST_OPEN_MS));
  }
}
