// One attempt at a call, which can be stopped from outside. Its signal is made only when somebody looks: most pure nodes never do.

/** An attempt under way. */
export class Attempt {
  readonly number: number;
  #controller: AbortController | undefined;
  #stopped: Error | undefined;

  constructor(number: number) {
    this.number = number;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#stopped !== undefined) this.#controller.abort(this.#stopped);
    }
    return this.#controller.signal;
  }

  /** Aborts the signal; what the call gives from now on is for whoever stopped it to judge. */
  stop(reason: Error): void {
    this.#stopped ??= reason;
    this.#controller?.abort(reason);
  }
}
