// Work that is done one after the other.

/** Whoever asks is told how their own work ended; the next one has its turn whatever came of it. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  do<T>(work: () => T | Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = Promise.allSettled([done]);
    return done;
  }

  /** Resolves when all that was asked for has ended. */
  async ended(): Promise<void> {
    await this.#last;
  }
}
