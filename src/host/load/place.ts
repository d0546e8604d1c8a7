// The place of one attempt among all calls to the outside. While one of its model calls waits in a line, others have it.

import type { Pass } from "./lane.ts";

/** What an attempt holds while it works. */
export class Place {
  #pass: Pass | undefined;
  #isLent = false;
  #isClosed = false;

  constructor(pass?: Pass) {
    this.#pass = pass;
  }

  /** Gives the place to one call at a time. False when it has none to give: the call needs one of its own. */
  lend(): boolean {
    if (this.#isLent || this.#pass === undefined) return false;
    this.#isLent = true;
    return true;
  }

  /** The call that has it is over. */
  giveBack(): void {
    this.#isLent = false;
  }

  /** The call that has it waits: it is free for others until it comes back. */
  stepAside(): void {
    const pass = this.#pass;
    this.#pass = undefined;
    pass?.lane.leave(pass);
  }

  /** The call that stepped aside has a place again. */
  comeBack(pass: Pass): void {
    this.#pass = pass;
    if (this.#isClosed) this.stepAside();
  }

  /** The attempt is over, whatever a call of it still does. */
  close(): void {
    this.#isClosed = true;
    this.stepAside();
  }
}
