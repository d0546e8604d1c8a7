// Those who wait for the same thing, one after the other: each that has had its turn passes it on.

/** A line in which one at a time has its turn. */
export class TurnQueue {
  readonly #waiting: (() => void)[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Resolves when it is one's turn; whoever has it calls `next` afterwards. Rejects with the reason of the signal. */
  wait(signal: AbortSignal, isFirst: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        const place = this.#waiting.indexOf(go);
        if (place !== -1) this.#waiting.splice(place, 1);
        // The reason of an abort is an error here and everywhere in the host.
        reject(signal.reason instanceof Error ? signal.reason : new Error("stopped"));
      };
      const go = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      if (signal.aborted) return leave();
      signal.addEventListener("abort", leave, { once: true });
      if (isFirst) this.#waiting.unshift(go);
      else this.#waiting.push(go);
    });
  }

  /** The first one has its turn. */
  next(): void {
    this.#waiting.shift()?.();
  }
}
