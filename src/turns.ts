// Work that is done one after the other.

/** Work of several sorts: of one sort it is done one after the other. */
export class TurnsByName {
  readonly #last = new Map<string, Promise<unknown>>();

  do<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name);
    const done = before === undefined ? work() : before.then(work);
    const ended = Promise.allSettled([done]).then(() => {
      if (this.#last.get(name) === ended) this.#last.delete(name);
    });
    this.#last.set(name, ended);
    return done;
  }
}

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
