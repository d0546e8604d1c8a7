// Work of which only so much is done at a time, however much is asked for at once: each piece holds a file open, and a process may open so many.

import { Turns } from "../turns.ts";

/** Lanes in which one piece of work follows another. */
export class Lanes {
  readonly #lanes: Turns[] = [];
  readonly #count: number;
  #next = 0;

  constructor(count: number) {
    this.#count = count;
  }

  do<T>(work: () => Promise<T>): Promise<T> {
    const lane = this.#lanes[this.#next] ?? new Turns();
    this.#lanes[this.#next] = lane;
    this.#next = (this.#next + 1) % this.#count;
    return lane.do(work);
  }
}
