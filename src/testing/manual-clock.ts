// Time that moves by hand. Knows nothing of runs.

import type { Clock } from "../index.ts";

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves the time on and calls back every timer that comes due, earliest first. */
  advance(ms: number): void;
  /** Sets the time, also backwards; timers due by then are called back. */
  set(at: number): void;
  /** Times of the timers that have not been called back, earliest first. */
  readonly pending: readonly number[];
}

/**
 * Time by hand. A timer whose time has come already is called back soon after it is set, never within the call.
 *
 * @example const clock = manualClock(); const kindling = await createRuntime({ …, clock }); clock.advance(3 * 86_400_000);
 */
export function manualClock(start = 1_700_000_000_000): ManualClock {
  let now = start;
  let timers: { readonly at: number; readonly callback: () => void }[] = [];
  const fireDue = () => {
    for (;;) {
      const due = timers.filter((timer) => timer.at <= now).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) return;
      timers = timers.filter((timer) => timer !== due);
      due.callback();
    }
  };
  const set = (at: number) => {
    now = at;
    fireDue();
  };
  return {
    now: () => now,
    at: (at, callback) => {
      const timer = { at, callback };
      timers.push(timer);
      if (at <= now) setImmediate(fireDue);
      return { cancel: () => void (timers = timers.filter((each) => each !== timer)) };
    },
    advance: (ms) => set(now + ms),
    set,
    get pending() {
      return timers.map(({ at }) => at).sort((a, b) => a - b);
    },
  };
}
