// The time of a replay: it stands still while anything works, and jumps to the next moment at which something happens. Knows no runs.

import type { Clock } from "../index.ts";
import { manualClock } from "./manual-clock.ts";

/** Turns of the event loop in which nothing happens before a replay counts as quiet: promises of the host take one or two. */
const QUIET_TURNS = 4;

/** How soon work that takes real time is looked at again. */
const LOOK_MS = 2;

/** The time of one replay. */
export class ReplayTime {
  readonly clock: Clock;
  readonly #manual;
  #working = 0;
  #activity = 0;

  constructor(startedAt: number) {
    this.#manual = manualClock(startedAt);
    this.clock = {
      now: () => this.#manual.now(),
      at: (at, callback) => {
        this.#activity += 1;
        return this.#manual.at(at, callback);
      },
    };
  }

  now(): number {
    return this.#manual.now();
  }

  /** The next moment at which something happens by itself. */
  next(): number | undefined {
    return this.#manual.pending[0];
  }

  /** Jumps ahead. */
  jump(at: number): void {
    this.#activity += 1;
    this.#manual.set(Math.max(at, this.#manual.now()));
  }

  /** Real work: the time stands still until it is done. */
  async working<T>(work: Promise<T>): Promise<T> {
    this.#working += 1;
    try {
      return await work;
    } finally {
      this.#working -= 1;
      this.#activity += 1;
    }
  }

  /** Resolves at a moment of the replay; rejects when the signal aborts before. */
  until(at: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        timer.cancel();
        reject(signal.reason instanceof Error ? signal.reason : new Error("stopped"));
      };
      const timer = this.clock.at(at, () => {
        signal.removeEventListener("abort", stop);
        resolve();
      });
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
  }

  /** Resolves when nothing works and nothing has happened for some turns. */
  async quiet(): Promise<void> {
    let seen = this.#activity;
    for (let turns = 0; turns < QUIET_TURNS; ) {
      await new Promise<void>((resolve) => void (this.#working > 0 ? setTimeout(resolve, LOOK_MS) : setImmediate(resolve)));
      turns = this.#working > 0 || this.#activity !== seen ? 0 : turns + 1;
      seen = this.#activity;
    }
  }
}
